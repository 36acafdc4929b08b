// The form of a decision: what is not asked is dimmed, the clause and the text that the person will read follow the
// answers, and the button repeats the decision in words. The words come from the server; it checks everything again.

import { $, $$, on } from "./dom.js";

const PREVIEW_MS = 300;
let waiting = 0;

function follow() {
  const form = $("form[data-decide]");
  if (!form) return;
  const act = $("input[name=act]:checked", form);
  for (const part of $$("[data-asked-for]", form)) {
    const asked = !act || part.dataset.askedFor.split(" ").includes(act.value);
    part.toggleAttribute("data-not-asked", !asked);
    for (const field of $$("[data-needed]", part)) field.required = Boolean(act) && asked;
  }
  for (const part of $$("[data-shown-for]", form)) part.hidden = part.dataset.shownFor !== act?.value;
  const rule = $("select[name=rule]", form).selectedOptions[0];
  for (const clause of $$("[data-clause]", form)) clause.hidden = clause.dataset.clause !== rule.value;
  if (act) $("[data-record-words]", form).textContent = act.dataset.record.replace("{rule}", rule.dataset.short ?? "…");
  clearTimeout(waiting);
  if (act && rule.value) waiting = setTimeout(preview, PREVIEW_MS, form);
}

// The page of the preview is the one that "Read it whole" opens; its summary goes under the form.
function preview(form) {
  const request = new XMLHttpRequest();
  request.open("POST", form.dataset.preview);
  request.responseType = "document";
  request.onload = () => {
    const summary = request.status === 200 && request.response?.getElementById("summary");
    if (summary) $("#preview").replaceChildren(document.adoptNode(summary));
  };
  request.send(new URLSearchParams(new FormData(form)));
}

on("change", "form[data-decide]", follow);
document.addEventListener("fresh", follow);
follow();
