// Each change in the cart saves itself, and the sums follow. Without this the form's buttons do it,
// and with it they still do: "continue" always sends what the fields say.

const PAUSE = 600; // after the last key or click

const form = document.querySelector("[data-cart]");
const saved = document.getElementById("saved");
const edited = new Set(); // names of the fields that are not saved yet
let timer, underway;

const data = (names) => {
  const all = new FormData(form);
  for (const name of [...all.keys()]) {
    if (name.startsWith("quantity-") && !names.includes(name)) all.delete(name);
  }
  all.append("stay", "1");
  return all;
};

const send = (names, options = {}) => fetch(form.action, { method: "POST", body: data(names), ...options });

// The shop answers with the cart's page; what differs is put in place of what is here.
const PARTS = '#notices, #refused, #tally, #next, [data-cart-count], [id^="notes-"], [id^="price-"]';
const placeOf = (part) => (part.id ? `#${CSS.escape(part.id)}` : "[data-cart-count]");

const show = (page, names) => {
  const lines = [...page.querySelectorAll(".line")].map((line) => line.id);
  if (!lines.length) {
    document.querySelector("main").replaceWith(page.querySelector("main"));
  } else if (lines.some((id) => !document.getElementById(id))) {
    location.reload(); // another window has put something in
    return;
  }
  const gone = [...document.querySelectorAll(".line")].filter((line) => !lines.includes(line.id));
  const lost = !lines.length || gone.some((line) => line.contains(document.activeElement));
  for (const line of gone) line.remove();
  for (const part of document.querySelectorAll(PARTS)) put(page.querySelector(placeOf(part)), part);
  for (const name of names) take(page.getElementById(name), document.getElementById(name));
  saved.textContent = page.getElementById("saved")?.textContent ?? "";
  if (lost) (document.querySelector("#notices button") ?? document.querySelector("main")).focus();
};

// The button that puts something back stays until there is another message.
const put = (next, part) => {
  if (!next || (part.id === "notices" && !next.children.length)) return;
  if (!next.isEqualNode(part)) part.replaceChildren(...next.childNodes);
  part.hidden = next.hidden;
};

// A field that was typed into again meanwhile is left alone.
const take = (next, field) => {
  if (!next || !field || edited.has(field.name)) return;
  field.value = next.value;
  if (next.hasAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
};

const save = async () => {
  const names = [...edited];
  edited.clear();
  saved.textContent = saved.dataset.saving;
  try {
    const answer = await send(names);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("notices") || !(answer.ok || answer.status === 422)) throw new Error(`${answer.status}`);
    show(page, names);
  } catch { // the fields keep what was typed; the next change, the network's return or a button send it
    for (const name of names) edited.add(name);
    saved.textContent = saved.dataset.failed;
    return;
  }
  if (edited.size) await save();
};

const soon = () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    underway = (underway ?? Promise.resolve()).then(() => edited.size && save()).finally(() => (underway = undefined));
  }, PAUSE);
};

const note = (event) => {
  const field = event.target;
  if (!field.name?.startsWith("quantity-")) return;
  edited.add(field.name);
  const unfinished = event.type === "input" && /^[0۰٠]*$/.test(field.value.trim()); // on the way to another number
  if (unfinished) clearTimeout(timer);
  else soon();
};

form?.addEventListener("input", note);
form?.addEventListener("change", note);
for (const field of form?.elements ?? []) { // typed into before this script was here
  if (field.value !== field.defaultValue) note({ type: "change", target: field });
}
if (form) addEventListener("online", () => edited.size && soon());

// A button sends all fields: nothing else may be on its way beside it.
form?.addEventListener("submit", (event) => {
  clearTimeout(timer);
  edited.clear();
  if (!underway) return;
  event.preventDefault();
  const button = event.submitter;
  underway.finally(() => form.requestSubmit(button?.isConnected ? button : null));
});

// Whoever leaves by a link within the pause has changed the cart all the same.
if (form) addEventListener("pagehide", () => edited.size && send([...edited], { keepalive: true }));
