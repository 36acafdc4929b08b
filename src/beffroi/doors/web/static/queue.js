// The queue: the panel beside the list explains the number of the row on which one stands.

import { $, $$, on } from "./dom.js";

function explain(row) {
  const panel = document.getElementById(row.dataset.why);
  if (!panel) return;
  for (const other of $$(".q-side > aside")) other.hidden = other !== panel;
}

function stand(row) {
  for (const other of $$("[data-row][aria-current]")) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  explain(row);
}

document.addEventListener("row", (event) => explain(event.target));
document.addEventListener("fresh", () => {
  const row = $("[data-row][aria-current][data-why]");
  if (row) explain(row);
});
on("click", "a.points", (link, event) => {
  event.preventDefault();
  stand(link.closest("[data-row]"));
});
on("focusin", "[data-why] h3 a", (link) => stand(link.closest("[data-row]")));
