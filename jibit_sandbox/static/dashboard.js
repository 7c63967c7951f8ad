// Refreshes the dashboard while its tab is visible, and copies commands. The pages work without it.
"use strict";

const PAUSE = 2000; // milliseconds between two refreshes

async function refresh() {
  const places = document.querySelectorAll("[data-live]");
  if (document.hidden || places.length === 0) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const place of places) {
    const next = fresh.getElementById(place.id);
    const busy = place.contains(document.activeElement) && document.activeElement !== place;
    if (next && !busy && next.innerHTML !== place.innerHTML) place.innerHTML = next.innerHTML;
  }
}

setInterval(() => refresh().catch(() => {}), PAUSE); // a sandbox that is restarting is no error

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent),
  );
}
