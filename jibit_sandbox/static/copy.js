// Buttons that copy the text of an element; without a script they stay hidden.

const SHOWN = 2000; // milliseconds that a button says what it did

export function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const isCopied = (await isWritten(source.textContent)) || isTaken(source);
  tell(button, isCopied ? button.dataset.done : button.dataset.selected);
}

// Browsers have a clipboard for https and for this machine only, and may refuse even there.
async function isWritten(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// The older way, which needs no https; where that fails, too, the text is at least selected.
function isTaken(source) {
  getSelection().selectAllChildren(source);
  return document.execCommand("copy");
}

function tell(button, words) {
  button.dataset.usual ??= button.textContent;
  button.dataset.name ??= button.getAttribute("aria-label");
  button.textContent = words;
  button.setAttribute("aria-label", words);
  clearTimeout(button.timer);
  button.timer = setTimeout(() => {
    button.textContent = button.dataset.usual;
    button.setAttribute("aria-label", button.dataset.name);
  }, SHOWN);
}
