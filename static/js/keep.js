// Keeps what is typed into a form until it is sent, in this tab alone: who looks at the cart and comes
// back finds it. What was sent, the shop keeps. The fields named by data-keep are never kept.

const form = document.querySelector("form[data-keep]");
const place = `form:${form?.id}`;
const secret = new Set([...(form?.dataset.keep.split(" ") ?? []), "csrf_token", "checkout_key"]);

const keep = () => {
  const typed = [...new FormData(form)].filter(([name]) => !secret.has(name));
  sessionStorage.setItem(place, JSON.stringify(typed));
};

const forget = () => sessionStorage.removeItem(place);

const restore = () => {
  for (const [name, value] of JSON.parse(sessionStorage.getItem(place) ?? "[]")) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value; // of radio buttons, the one that has it
  }
};

if (form) {
  restore();
  form.addEventListener("input", keep);
  for (const way of document.querySelectorAll("[data-begins-anew]")) way.addEventListener("click", forget);
  // At the window, so that forms.js has held back by then what cannot be sent now.
  addEventListener("submit", (event) => event.target === form && !event.defaultPrevented && forget());
}
