// Media opens by an act only: its address is not in src until then. The act is told to the server first, which
// records it and answers with nothing; if that fails the media stays closed (no record, no act).

import { $$, on } from "./dom.js";

on("click", "[data-reveal]", async (button, event) => {
  event.preventDefault();
  const box = document.getElementById(button.dataset.reveal);
  const opens = box.hidden;
  if (opens && button.dataset.tell && !(await told(button))) {
    button.form.submit();
    return;
  }
  for (const media of $$("[data-src]", box)) {
    if (opens) media.src = media.dataset.src;
    else media.removeAttribute("src");
  }
  box.hidden = !opens;
  button.setAttribute("aria-expanded", String(opens));
  for (const words of $$("[data-says]", button.closest(".closed-media") ?? button.parentElement)) {
    [words.textContent, words.dataset.says] = [words.dataset.says, words.textContent];
  }
});

async function told(button) {
  try {
    const answer = await fetch(button.dataset.tell, { method: "POST", redirect: "manual" });
    return answer.ok || answer.type === "opaqueredirect";
  } catch {
    return false;
  }
}

on("click", "[data-toggle-class]", (button) => {
  const box = document.getElementById(button.getAttribute("aria-controls"));
  button.setAttribute("aria-pressed", String(box.classList.toggle(button.dataset.toggleClass)));
});
