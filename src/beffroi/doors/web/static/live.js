// Live pages: the server only says that something changed, with a number; the page then asks for itself again, at
// most every two seconds, and puts in the parts marked [data-live]. The new page is parsed by XMLHttpRequest as a
// document: nothing in it runs, and no string ever becomes markup here, which is why require-trusted-types-for
// holds without a policy.

import { $, $$ } from "./dom.js";

const SETTLE_MS = 150;
const PAUSE_MS = 2000;
const stream = document.body.dataset.changes;
const every = $("[data-every]")?.dataset.every;  // what nobody commits, such as an alarm, is asked for at this beat
let waiting = 0;
let asked = -PAUSE_MS;

if (stream) listen();
if (every) setInterval(ask, every * 1000);

function listen() {
  const source = new EventSource(stream);
  source.addEventListener("changed", ask);
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
  if (document.hidden || !$("[data-live]")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    asked = performance.now();
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.onload = () => {
      if (request.status === 200 && request.response) put(request.response);
      else if (every && request.status === 503) location.reload();  // the page that says why stands there now
    };
    request.send();
  }, Math.max(SETTLE_MS, asked + PAUSE_MS - performance.now()));
}

function put(page) {
  for (const part of $$("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh) continue;
    if (still(part).isEqualNode(still(fresh))) {
      tick(part, fresh);
      continue;
    }
    if (part.dataset.onChange === "say" || busy(part)) {
      $("#stale")?.removeAttribute("hidden");
      continue;
    }
    const row = $("[data-row][aria-current]", part)?.id;
    const focus = part.contains(document.activeElement) ? document.activeElement.closest("[id]").id : "";
    part.replaceWith(document.adoptNode(fresh));
    if (row) $$("[data-row]", fresh).forEach((each) => each.toggleAttribute("aria-current", each.id === row));
    const again = focus && document.getElementById(focus);
    if (again) (again.matches("a, button, input") ? again : $("a, button, input", again))?.focus({ preventScroll: true });
    fresh.dispatchEvent(new CustomEvent("fresh", { bubbles: true }));
  }
}

// The same page later: how long ago is all that changed.
function tick(part, fresh) {
  const now = $$("time", fresh);
  $$("time", part).forEach((each, nth) => { each.textContent = now[nth].textContent; });
}
// A part in which somebody types or has opened media is never taken away; a strip says that it is stale.
const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
// A copy in which no clock has moved, to tell whether anything else has.
function still(part) {
  const copy = part.cloneNode(true);
  for (const clock of $$("time, [data-left], [data-runs]", copy)) {
    clock.textContent = "";
    for (const name of ["data-left", "data-runs", "width"]) clock.removeAttribute(name);
  }
  return copy;
}
