// Buttons that copy the text of an element. Without a script, or without https, they stay hidden.

const SHOWN = 2000; // milliseconds that a button says what it did

export function offerCopies() {
  if (!navigator.clipboard) return; // browsers offer it to https and to this machine only
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  const [text, label] = [button.textContent, button.ariaLabel];
  if (text === button.dataset.done) return; // pressed twice
  button.textContent = button.ariaLabel = button.dataset.done;
  setTimeout(() => Object.assign(button, { textContent: text, ariaLabel: label }), SHOWN);
}
