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
  if (!pieces) return;
  count.textContent = pieces;
  count.hidden = false;
};

const send = async (form, address) => {
  const answer = await fetch(address, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
  });
  if (!answer.ok && answer.status !== 422) throw new Error(`${answer.status}`);
  return answer.json();
};

// A number that the shop refuses stays in its field, with the reason beside it.
const refuse = (field, words) => {
  const reason = document.getElementById(field.getAttribute("aria-describedby"));
  if (words) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  reason.textContent = words;
  reason.hidden = !words;
  if (words) field.focus();
};

const show = (form, answer) => {
  const field = form.querySelector("input[name=quantity]"); // lists have none: they add one piece
  const isRefused = answer.kind === "error";
  if (field) refuse(field, isRefused ? answer.words : "");
  if (field && isRefused) told.replaceChildren();
  else tell(answer);
};

for (const form of document.querySelectorAll("form[data-stay]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter ?? form.querySelector("button:not([type=button])");
    const address = button.getAttribute("formaction") ?? form.action;
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    send(form, address)
      .then((answer) => show(form, answer))
      .catch((error) => {
        if (error instanceof TypeError) return dispatchEvent(new Event("unreached"));
        form.action = address; // what the shop says against it has a page of its own
        form.submit();
      })
      .finally(() => button.removeAttribute("aria-busy"));
  });
}

// A small picture moves the row to its large one; the way back is not through all of them.
for (const link of document.querySelectorAll(".thumbs a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector(link.hash).scrollIntoView({ block: "nearest", inline: "start" });
  });
}
