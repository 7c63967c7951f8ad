// What JavaScript adds to the bank's page: a running countdown, and the bank's name while typing.
"use strict";

const persian = document.documentElement.lang === "fa";
const inLanguage = (text) =>
  persian ? text.replace(/[0-9]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]) : text;

const clock = document.querySelector("[data-seconds]");
const ends = performance.now() + Number(clock.dataset.seconds) * 1000;

function showTimeLeft() {
  const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
  const parts = [Math.floor(left / 60), left % 60].map((part) => String(part).padStart(2, "0"));
  clock.textContent = inLanguage(parts.join(":"));
  if (left === 0) location.reload(); // the page then says that the time is over
}

const card = document.getElementById("card");
const bank = document.getElementById("bank");
const banks = bank ? JSON.parse(bank.dataset.banks) : {}; // the wallet's page has no card

function showBank() {
  const latin = card.value.replace(/[۰-۹]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹".indexOf(digit));
  bank.textContent = banks[latin.replace(/\D/g, "").slice(0, 6)] || "";
}

document.getElementById("wrong")?.focus(); // for browsers that heed autofocus on fields only
setInterval(showTimeLeft, 500);
card?.addEventListener("input", showBank);
