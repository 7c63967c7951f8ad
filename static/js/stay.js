// "Add to cart" without leaving the page; without this, the form leads to the cart.

const told = document.querySelector("[data-message-here]");
const count = document.querySelector("[data-cart-count]");

const tell = ({ words, kind, pieces }) => {
  const notice = document.createElement("p");
  notice.className = `notice ${kind}`;
  const way = document.createElement("a");
  way.href = told.dataset.cart;
  way.textContent = told.dataset.label;
  notice.append(`${words} `, way);
  told.replaceChildren(notice);
  count.textContent = pieces;
  count.hidden = false;
};

const send = async (form) => {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
  });
  if (!answer.ok && answer.status !== 422) throw new Error(`${answer.status}`);
  return answer.json();
};

// A number that the shop refuses stays in its field, with the reason beside it.
const refuse = (form, words) => {
  const field = form.querySelector("input[name=quantity]");
  const reason = document.getElementById(field.getAttribute("aria-describedby"));
  if (words) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  reason.textContent = words;
  reason.hidden = !words;
  if (words) field.focus();
};

for (const form of document.querySelectorAll("form[data-stay]")) {
  const button = form.querySelector("button:not([type=button])");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    send(form)
      .then((answer) => {
        const isRefused = answer.kind === "error";
        refuse(form, isRefused ? answer.words : "");
        if (isRefused) told.replaceChildren();
        else tell(answer);
      })
      .catch(() => form.submit()) // whatever went wrong has a page of its own
      .finally(() => button.removeAttribute("aria-busy"));
  });
}
