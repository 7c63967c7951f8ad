// Shows what is new in the world: by server-sent events, or by asking every few seconds where the
// sandbox has no place for one more stream. A page that nobody sees does neither.
import { changePart, changeRows } from "./changes.js";

const PAUSE = 3000; // milliseconds between two questions
const QUIET = 5000; // milliseconds between two announcements to a screen reader
const page = document.body.dataset;

let stream;
let question;
let unheard = 0; // new requests that were not announced yet
let announcement;

export function follow() {
  if (!page.mark) return;
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  addEventListener("pagehide", rest);
  addEventListener("pageshow", (event) => event.persisted && listen());
  if (!document.hidden) listen();
}

function rest() {
  stream?.close();
  clearTimeout(question);
}

function listen() {
  rest();
  stream = new EventSource(since(page.stream));
  stream.addEventListener("news", (event) => show(JSON.parse(event.data), event.lastEventId));
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) ask(); // else the browser comes back by itself
  });
}

async function ask() {
  const answer = await fetch(since(page.news), { cache: "no-store" }).catch(() => null);
  if (answer?.ok) {
    const { mark, ...news } = await answer.json();
    await show(news, mark);
  }
  if (!document.hidden) question = setTimeout(ask, PAUSE); // a sandbox that restarts is no error
}

function since(address) {
  const url = new URL(address, location.href);
  url.searchParams.set("after", page.mark);
  return url;
}

async function show(news, mark) {
  page.mark = mark;
  if (news.reload) return reload();
  changeRows(document.getElementById("order-rows"), news.orders ?? []);
  announce(changeRows(document.getElementById("traffic-rows"), news.calls ?? []));
  for (const [id, html] of Object.entries(news.parts ?? {})) {
    changePart(document.getElementById(id), html);
  }
}

async function reload() { // the world was reset: nothing on the page is true any more
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const place of document.querySelectorAll("[data-live]")) {
    changePart(place, fresh.getElementById(place.id).innerHTML);
  }
}

function announce(count) {
  unheard += count;
  if (unheard === 0 || announcement) return;
  const place = document.getElementById("announcement");
  const { one, many } = place.dataset;
  const digits = unheard.toLocaleString(document.documentElement.lang);
  place.textContent = unheard === 1 ? one : many.replace("{count}", digits);
  unheard = 0;
  announcement = setTimeout(() => { announcement = undefined; announce(0); }, QUIET);
}
