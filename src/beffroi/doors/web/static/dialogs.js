// Dialogs, printing, and forms that are sent once.

import { $$, on } from "./dom.js";

on("click", "[data-open]", (button, event) => {
  event.preventDefault();
  const dialog = document.getElementById(button.dataset.open);
  dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
});
on("click", "[data-close]", (button) => document.getElementById(button.dataset.close).close());
on("click", "[data-print-page]", () => print());
addEventListener("beforeprint", () => $$("details").forEach((fold) => { fold.open = true; }));

on("submit", "form[method=post]", (form, event) => {
  if (event.submitter?.formTarget === "_blank") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => { delete form.dataset.sent; form.removeAttribute("aria-busy"); }));
