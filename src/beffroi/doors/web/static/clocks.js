// Clocks: [data-left] holds the seconds that the server said were left when it made the page. A monotonic clock
// counts on from there, so a wrong local clock does no harm; live.js asks again after sleep.

import { $$ } from "./dom.js";

const two = (number) => String(Math.floor(number)).padStart(2, "0");
const born = new WeakMap();

export function shown(seconds) {
  const s = Math.abs(seconds);
  const figure = s >= 3600 ? `${Math.floor(s / 3600)}:${two((s % 3600) / 60)}:${two(s % 60)}` : `${two(s / 60)}:${two(s % 60)}`;
  return (seconds < 0 ? "+" : "") + figure;
}

function tick() {
  for (const clock of $$("[data-left]")) {
    if (!born.has(clock)) born.set(clock, performance.now());
    const left = Number(clock.dataset.left) - Math.floor((performance.now() - born.get(clock)) / 1000);
    if (left <= 0 && clock.dataset.stops !== undefined) continue;
    clock.textContent = shown(left);
  }
  for (const bar of $$("rect[data-runs]")) {
    if (!born.has(bar)) born.set(bar, performance.now());
    const left = Math.max(0, Number(bar.dataset.runs) - (performance.now() - born.get(bar)) / 1000);
    bar.setAttribute("width", String((100 * left) / Number(bar.dataset.of)));
    if (left === 0) bar.closest("[data-until-zero]")?.setAttribute("hidden", "");
  }
}

tick();
setInterval(tick, 1000);
