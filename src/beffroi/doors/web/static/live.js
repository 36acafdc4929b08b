// Live pages: the server only says that something changed; the page then asks for itself again and puts in the
// parts marked [data-live]. The new page is parsed by XMLHttpRequest as a document: nothing in it runs, and no
// string ever becomes markup here, which is why require-trusted-types-for holds without a policy.

import { $, $$ } from "./dom.js";

const SETTLE_MS = 150;
const stream = document.body.dataset.changes;
let waiting = 0;

if (stream) listen();

function listen() {
  const source = new EventSource(stream);
  source.addEventListener("changed", (event) => {
    const topics = JSON.parse(event.data).topics;
    const parts = $$("[data-live]").filter((part) => part.dataset.live.split(" ").some((topic) => topics.includes(topic)));
    if (parts.length) ask();
  });
  source.addEventListener("error", () => lost(true));
  source.addEventListener("open", () => {
    if (!$("#lost")?.hidden) ask();
    lost(false);
  });
  addEventListener("pagehide", () => source.close());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
}

function lost(is) {
  const strip = $("#lost");
  if (!strip || strip.hidden === !is) return;
  strip.hidden = !is;
  if (is) $("time", strip).textContent = new Date().toLocaleTimeString(document.documentElement.lang);
}

function ask() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.onload = () => { if (request.status === 200 && request.response) put(request.response); };
    request.send();
  }, SETTLE_MS);
}

function put(page) {
  for (const part of $$("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh || fresh.isEqualNode(part.cloneNode(true)) || same(fresh, part)) continue;
    if (part.dataset.onChange === "say" || busy(part)) {
      $("#stale")?.removeAttribute("hidden");
      continue;
    }
    const row = $("[data-row][aria-current]", part)?.id;
    const focus = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.replaceWith(document.adoptNode(fresh));
    if (row) $$("[data-row]", fresh).forEach((each) => each.toggleAttribute("aria-current", each.id === row));
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    fresh.dispatchEvent(new CustomEvent("fresh", { bubbles: true }));
  }
}

// What counts as the same: the mark that the server computed over the part, where it gives one.
const same = (fresh, part) => fresh.dataset.mark !== undefined && fresh.dataset.mark === part.dataset.mark;
// A part in which somebody types or has opened media is never taken away; a strip says that it is stale.
const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
