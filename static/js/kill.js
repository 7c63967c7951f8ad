// Shows what happens to the processes as it happens; the page works without this.

const PAUSE = 2_000;

const renew = async () => {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${old.dataset.live}"]`);
    const isUsed = old.contains(document.activeElement); // a button keeps its focus
    if (fresh && !isUsed && fresh.innerHTML !== old.innerHTML) old.replaceWith(fresh);
  }
};

setInterval(() => document.hidden || renew().catch(() => {}), PAUSE);
