// Changes parts of the page under somebody's eyes: focus, selection and scroll position stay.

const MOST_ROWS = 60; // of a list; older ones are on its next pages
const waiting = new Map(); // parts in which somebody has selected text: they change afterwards

document.addEventListener("selectionchange", () => {
  for (const [place, html] of waiting) {
    if (!isSelected(place)) changePart(place, html);
  }
});

function isSelected(place) {
  const selection = document.getSelection();
  return !selection.isCollapsed && selection.containsNode(place, true);
}

export function changePart(place, html) {
  waiting.delete(place);
  if (place.innerHTML.trim() === html.trim()) return;
  if (isSelected(place)) {
    waiting.set(place, html);
    return;
  }
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.innerHTML = html;
  if (focused) (document.getElementById(focused) ?? place).focus({ preventScroll: true });
}

// Puts new rows on top and corrects those that are there; returns how many are new.
export function changeRows(scroller, rows) {
  const body = scroller.querySelector("tbody");
  let count = 0;
  for (const html of rows) {
    const row = rowOf(html);
    const old = document.getElementById(row.id);
    if (old) correct(old, row);
    else if ("top" in scroller.dataset) {
      add(scroller, body, row);
      count += 1;
    }
  }
  return count;
}

function rowOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function correct(old, row) {
  old.className = row.className;
  [...row.cells].forEach((cell, place) => changePart(old.cells[place], cell.innerHTML));
}

function add(scroller, body, row) {
  const height = scroller.scrollHeight;
  body.querySelector(".none")?.remove();
  body.prepend(row);
  if (scroller.scrollTop > 0) scroller.scrollTop += scroller.scrollHeight - height;
  const last = body.rows[MOST_ROWS];
  if (last && !last.contains(document.activeElement) && !isSelected(last)) last.remove();
}
