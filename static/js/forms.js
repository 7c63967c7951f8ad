// Makes forms handier; every one of them works without this.

// A second click on "pay" while the first is on its way only costs patience.
document.addEventListener("submit", (event) => {
  const button = event.target.querySelector("[data-once]");
  if (!button) return;
  if (button.getAttribute("aria-busy") === "true") event.preventDefault();
  button.setAttribute("aria-busy", "true");
});

// Coming back with the back button finds the page as it was left: let it be sent again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-once]")) button.removeAttribute("aria-busy");
});

const PERSIAN = "۰۱۲۳۴۵۶۷۸۹";
const inPersian = document.documentElement.lang === "fa";
const read = (text) => Number.parseInt(text.replace(/[۰-۹]/g, (digit) => PERSIAN.indexOf(digit)), 10) || 0;
const written = (number) => (inPersian ? `${number}`.replace(/\d/g, (digit) => PERSIAN[digit]) : `${number}`);

for (const box of document.querySelectorAll(".quantity")) {
  const input = box.querySelector("input");
  const most = Number(box.dataset.most);
  for (const button of box.querySelectorAll("[data-change]")) {
    button.addEventListener("click", () => {
      const wanted = read(input.value) + Number(button.dataset.change);
      input.value = written(Math.min(most, Math.max(1, wanted)));
    });
  }
}

// A form that came back wrong: go to what is wrong.
document.querySelector('[role="alert"] a[href^="#"]')?.focus();
