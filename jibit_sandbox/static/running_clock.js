// Lets the shown time of the world run as fast as its clock does, in Tehran time.

const TEHRAN = 3.5 * 3600 * 1000; // milliseconds; without summer time since 2022
const persian = document.documentElement.lang === "fa";
const format = new Intl.DateTimeFormat(persian ? "fa-IR-u-ca-persian-nu-arabext" : "en-u-ca-gregory", {
  timeZone: "UTC", hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
  hour: "2-digit", minute: "2-digit", second: "2-digit",
});

let shown; // the element of the last look, which is replaced when the clock is set
let began;

export function runClock() {
  if (document.getElementById("now")) setInterval(tick, 1000);
}

function tick() {
  const time = document.querySelector("#now time");
  if (time !== shown) [shown, began] = [time, performance.now()];
  const rate = Number(document.querySelector("#now [data-rate]").dataset.rate);
  if (rate === 0) return;
  const now = new Date(Date.parse(time.dateTime) + (performance.now() - began) * rate);
  if (Number.isNaN(now.getTime())) return;
  time.textContent = written(new Date(now.getTime() + TEHRAN));
  time.title = `${now.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function written(moment) {
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const date = [parts.year, parts.month, parts.day].join(persian ? "/" : "-");
  return `${date} ${parts.hour}:${parts.minute}:${parts.second}`;
}
