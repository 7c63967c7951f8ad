// The order's page turns into the receipt by itself, and can be printed and sent on.

const waiting = document.querySelector("[data-status-url]");
const LONGEST_PAUSE = 30_000;

const hasMoved = async ({ statusUrl, orderState, paymentState }) => {
  const answer = await fetch(statusUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) return false;
  const now = await answer.json();
  return now.order_state !== orderState || (now.payment_state ?? "") !== paymentState;
};

const watch = (pause) =>
  setTimeout(async () => {
    const moved = !document.hidden && (await hasMoved(waiting.dataset).catch(() => false));
    if (moved) location.reload();
    else watch(document.hidden ? pause : Math.min(pause * 1.2, LONGEST_PAUSE));
  }, pause);

if (waiting) watch(2_000);

document.querySelector("[data-print]")?.addEventListener("click", () => globalThis.print());

for (const copy of document.querySelectorAll("[data-copy]")) {
  copy.hidden = !navigator.clipboard; // browsers lend it to encrypted pages only
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy.dataset.copy);
    copy.textContent = copy.dataset.copied;
  });
}
