// Keys: data-key stands on the control itself, so that the hint and the act cannot drift apart.
// One letter ("v"), two in a row ("g q"), or with control ("ctrl+enter"). Off in fields and dialogs.

import { $, $$, on, remember } from "./dom.js";

const FIELD = "input:not([type=radio],[type=checkbox]), textarea, select, dialog[open]";
const CHORD_MS = 1200;
const letters = () => document.documentElement.dataset.keys !== "off";
let first = "";

on("change", "[data-single-keys]", (box) => {
  document.documentElement.dataset.keys = box.checked ? "on" : "off";
  remember("keys", box.checked ? "on" : "off");
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.isComposing || !(event.target instanceof Element)) return;
  const letter = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    press(`ctrl+${letter}`, event);
    return;
  }
  if (!letters() || event.target.closest(FIELD)) return;
  if (first && press(`${first} ${letter}`, event)) {
    first = "";
    return;
  }
  if (letter === "j" || letter === "k") walk(letter === "j" ? 1 : -1);
  else if (!press(letter, event) && $(`[data-key^="${CSS.escape(letter)} "]`)) {
    first = letter;
    setTimeout(() => { first = ""; }, CHORD_MS);
  }
});

function press(keys, event) {
  const inRow = $(`[data-row][aria-current] [data-key="${CSS.escape(keys)}"]`);
  const control = inRow ?? $$(`[data-key="${CSS.escape(keys)}"]`).find((found) => found.getClientRects().length);
  if (!control) return false;
  event.preventDefault();
  if (control.matches("input, textarea, select") && !control.matches("[type=radio], [type=checkbox]")) control.focus();
  else {
    control.focus();
    control.click();
  }
  return true;
}

function walk(step) {
  const rows = $$("[data-row]");
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const to = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  rows[at]?.removeAttribute("aria-current");
  to.setAttribute("aria-current", "true");
  $("a, button, input", to)?.focus({ preventScroll: true });
  to.scrollIntoView({ block: "nearest" });
  to.dispatchEvent(new CustomEvent("row", { bubbles: true }));
}
