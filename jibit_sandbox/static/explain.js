// Says in one sentence what the chosen entry of a list does.

export function explainChoices() {
  for (const list of document.querySelectorAll("[data-explained-by]")) {
    const place = document.getElementById(list.dataset.explainedBy);
    const explain = () => { place.textContent = list.selectedOptions[0]?.dataset.what ?? ""; };
    place.hidden = false;
    list.setAttribute("aria-describedby", place.id);
    list.addEventListener("change", explain);
    explain();
  }
}
