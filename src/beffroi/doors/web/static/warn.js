// The form of a warning: what leaves, what stays and whom to call follow the form while it is written. The node composes
// the letter; nothing is composed here. The hidden digest comes with it, so that only what was shown is signed.

import { $, on } from "./dom.js";

const PREVIEW_MS = 300;
const PARTS = ["leaves", "call", "stays", "sign-words"];
let waiting = 0;
let asked = 0;

function follow(form) {
  clearTimeout(waiting);
  waiting = setTimeout(preview, PREVIEW_MS, form);
}

function preview(form) {
  const turn = ++asked;
  const request = new XMLHttpRequest();
  request.open("POST", form.dataset.warn);
  request.responseType = "document";
  request.onload = () => {
    if (request.status !== 200 || turn !== asked) return;
    for (const id of PARTS) {
      const fresh = request.response?.getElementById(id);
      if (fresh) $(`#${id}`).replaceWith(document.adoptNode(fresh));
    }
    form.dataset.shown = String(turn);
  };
  request.send(new URLSearchParams(new FormData(form)));
}

on("input", "form[data-warn]", follow);
on("change", "form[data-warn]", follow);
