// The form of a decision: what is not asked is not shown, and the button repeats the decision in words.
// The words come from the server in data attributes; the server checks everything again.

import { $, $$, on } from "./dom.js";

function follow() {
  const form = $("form[data-decide]");
  if (!form) return;
  const act = $("input[name=act]:checked", form);
  for (const part of $$("[data-asked-for]", form)) {
    const asked = act && part.dataset.askedFor.split(" ").includes(act.value);
    part.toggleAttribute("data-not-asked", !asked);
    for (const field of $$("[data-needed]", part)) field.required = Boolean(asked);
  }
  const rule = $("select[name=rule]", form)?.selectedOptions[0];
  for (const clause of $$("[data-clause]", form)) clause.hidden = clause.dataset.clause !== rule?.value;
  const button = $("[data-record]", form);
  if (button && act) {
    const words = act.dataset.record.replace("{rule}", rule?.dataset.short ?? "");
    $("[data-record-words]", button).textContent = words;
  }
}

on("change", "form[data-decide]", follow);
document.addEventListener("fresh", follow);
follow();
