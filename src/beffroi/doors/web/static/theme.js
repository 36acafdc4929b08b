// Light or dark: the system decides until somebody chooses.

import { on, remember } from "./dom.js";

const root = document.documentElement;

on("click", "[data-theme-toggle]", (button, event) => {
  event.preventDefault();
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  remember("theme", root.dataset.theme);
});
