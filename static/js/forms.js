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
const latin = (text) => text.trim().replace(/[۰-۹٠-٩]/g, (digit) => digit.charCodeAt() & 15);
const written = (number) => (inPersian ? `${number}`.replace(/\d/g, (digit) => PERSIAN[digit]) : `${number}`);

for (const box of document.querySelectorAll(".quantity")) {
  const input = box.querySelector("input");
  const [least, most] = [Number(box.dataset.least), Number(box.dataset.most)];
  for (const button of box.querySelectorAll("[data-change]")) {
    button.addEventListener("click", () => {
      const typed = latin(input.value);
      if (/^\d{1,9}$/.test(typed)) { // what is no number stays: the shop says what is wrong with it
        const wanted = Number(typed) + Number(button.dataset.change);
        input.value = written(Math.min(most, Math.max(least, wanted)));
      }
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}

// A form that came back wrong: go to what is wrong.
document.querySelector('[role="alert"] a[href^="#"], .quantity [aria-invalid]')?.focus();
