// Post the form that returns to the shop, at once or some seconds later; its button does the same.
"use strict";

const form = document.getElementById("to-shop");
setTimeout(() => form.submit(), Number(form.dataset.seconds) * 1000);
