// Makes forms handier; every one of them works without this.

const PATIENCE = 15_000;
const offline = document.getElementById("offline");
const mayLeave = new WeakSet(); // forms whose sending was held back until the shop had answered

// Whether the shop can be reached at all: asked before something leaves that must go only once.
const isReached = () =>
  fetch(import.meta.url, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) }).then(
    () => true,
    () => false,
  );

const tellUnreached = () => {
  document.querySelector("[data-message-here]")?.replaceChildren(); // what was said before is over
  const notice = document.createElement("p");
  notice.className = "notice error";
  notice.setAttribute("role", "alert");
  notice.textContent = offline.dataset.words;
  offline.replaceChildren(notice);
};

const forget = () => offline?.replaceChildren();
addEventListener("unreached", tellUnreached);
addEventListener("online", forget);

const idle = new Map(); // buttons that say what happens, each with what it said before

// The pressed button says what happens; the others of its form wait with it.
const setBusy = (form, pressed) => {
  for (const button of form.querySelectorAll("[data-once]")) button.setAttribute("aria-busy", "true");
  const said = pressed?.hasAttribute("formaction") ? null : form.querySelector("[data-busy]");
  const button = pressed?.dataset.busy ? pressed : said;
  if (!button) return;
  if (!idle.has(button)) idle.set(button, [...button.childNodes]);  // it may hold a sum for each way
  button.replaceChildren(button.dataset.busy);
};

const setIdle = (button) => {
  button.removeAttribute("aria-busy");
  if (idle.has(button)) button.replaceChildren(...idle.get(button));
  idle.delete(button);
};

// A second click on "pay" while the first is on its way only costs patience. Without a connection
// the form stays as it is, with a sentence, where the browser would show an error page.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || mayLeave.delete(form)) return;
  const once = form.querySelector("[data-once]");
  if (!once && navigator.onLine) return;
  event.preventDefault();
  if (once?.getAttribute("aria-busy") === "true") return;
  forget();
  setBusy(form, submitter);
  if (await isReached()) {
    mayLeave.add(form);
    form.requestSubmit(submitter);
  } else {
    form.querySelectorAll("[data-once]").forEach(setIdle);
    tellUnreached();
  }
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  const isOther = event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey;
  if (navigator.onLine || isOther || link?.origin !== location.origin) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  if (await isReached()) location.assign(link.href);
  else tellUnreached();
});

// Coming back with the back button finds the page as it was left: let it be sent again.
addEventListener("pageshow", () => {
  document.querySelectorAll("[data-once]").forEach(setIdle);
});

const PERSIAN = "۰۱۲۳۴۵۶۷۸۹";
const inPersian = document.documentElement.lang === "fa";
const latin = (text) => text.trim().replace(/[۰-۹٠-٩]/g, (digit) => digit.charCodeAt() & 15);
const written = (number) => (inPersian ? `${number}`.replace(/\d/g, (digit) => PERSIAN[digit]) : `${number}`);

for (const box of document.querySelectorAll(".quantity")) {
  const input = box.querySelector("input");
  const [least, most] = [Number(box.dataset.least), Number(box.dataset.most)];
  for (const button of box.querySelectorAll("[data-change]")) {
    button.addEventListener("click", () => {
      const typed = latin(input.value);
      if (/^\d{1,9}$/.test(typed)) { // what is no number stays: the shop says what is wrong with it
        const wanted = Number(typed) + Number(button.dataset.change);
        input.value = written(Math.min(most, Math.max(least, wanted)));
      }
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}

// A form that came back wrong: go to what is wrong.
document.querySelector('[role="alert"] a[href^="#"], .quantity [aria-invalid]')?.focus();
