// The order's page turns into the receipt by itself, and can be printed and sent on.

const LONGEST_PAUSE = 30_000;
const content = document.querySelector("#content");
const teller = document.querySelector("[data-turned]"); // a live region, if the page may turn
if (teller) document.body.append(teller); // what is in the content is replaced
const waiting = () => document.querySelector("[data-status-url]");

// The standing may change with the time alone, when a payment has been waited for long enough.
const hasMoved = async ({ statusUrl, orderState, paymentState, standing }) => {
  const answer = await fetch(statusUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) return false;
  const now = await answer.json();
  const isSame = now.order_state === orderState && now.standing === standing;
  return !isSame || (now.payment_state ?? "") !== paymentState;
};

// The same link or button on the new page, else the headline that says what has changed.
const successor = (old) => {
  const isSame = (each) =>
    each.textContent.trim() === old.textContent.trim() &&
    each.getAttribute("href") === old.getAttribute("href");
  const found = [...content.querySelectorAll(old.localName)].find(isSame);
  if (found) return found;
  const headline = content.querySelector("h1");
  headline?.setAttribute("tabindex", "-1");
  return headline;
};

const turn = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) return location.assign(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.querySelector("[data-turned]")?.remove();
  const focused = content.contains(document.activeElement) && document.activeElement;
  content.replaceChildren(...page.querySelector("#content").childNodes);
  document.title = page.title;
  if (focused && focused !== content) successor(focused)?.focus({ preventScroll: true });
  teller.textContent = `${teller.dataset.turned} ${content.querySelector("h1").textContent.trim()}`;
  prepare();
};

const watch = (pause) =>
  setTimeout(async () => {
    teller.textContent ||= teller.dataset.turns;
    const here = waiting().dataset;
    const isLeaving = content.querySelector('[aria-busy="true"]'); // to the gateway, for instance
    const moved = !document.hidden && !isLeaving && (await hasMoved(here).catch(() => false));
    if (moved) await turn(here.statusUrl.replace(/\/status$/, "")).catch(() => {});
    if (waiting()) watch(document.hidden ? pause : Math.min(pause * 1.2, LONGEST_PAUSE));
  }, pause);

function prepare() {
  const copies = navigator.clipboard; // browsers lend it to encrypted pages only
  for (const copy of content.querySelectorAll("[data-copy]")) copy.hidden = !copies;
}

content.addEventListener("click", async ({ target }) => {
  if (target.closest("[data-print]")) globalThis.print();
  const copy = target.closest("[data-copy]");
  if (!copy) return;
  await navigator.clipboard.writeText(copy.dataset.copy);
  copy.textContent = copy.dataset.copied;
});

prepare();
if (teller && waiting()) watch(2_000);
