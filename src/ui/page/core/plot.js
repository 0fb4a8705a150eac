// SPDX-License-Identifier: MIT
// Lines over time. A plot has a place for each minute: values[i] is that of the i-th, null where there is none, and a
// gap stays a gap. All are drawn in pixels, so that letters are as large as anywhere.
import { h } from "./dom.js";
import { clock, language } from "./text.js";

const HEIGHT = 150;
const EDGE = { left: 52, right: 16, top: 16, bottom: 24 };
const MINUTE_MS = 60000;
const LABEL_WIDTH = 68;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720]; // minutes between times on the axis

// --- what stands at the axes ---

const day = (ms) => new Intl.DateTimeFormat(language(), { day: "numeric", month: "short" }).format(ms);

const SPANS = [2, 10, 20, 30, 60, 120, 240, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 345600];

// The least fitting top of an axis whose half is a round value, too.
export const topOfSpans = (most) => SPANS.find((top) => top >= most) ?? 86400 * Math.ceil(most / 86400);

export function topOfCounts(most) {
  for (let ten = 1; ; ten *= 10) {
    const top = [2, 4, 10].find((one) => one * ten >= most);
    if (top) return top * ten;
  }
}

const inner = (width) => width - EDGE.left - EDGE.right;

// Which minutes are named below: round times of the day. [{place, text}]
export function ticksOf(from, count, width) {
  const step = STEPS.find((one) => (count / one) * LABEL_WIDTH <= inner(width)) ?? STEPS.at(-1);
  const ticks = [];
  for (let place = 0; place < count; place++) {
    const at = new Date(from + place * MINUTE_MS);
    const ofDay = at.getHours() * 60 + at.getMinutes();
    if (ofDay % step === 0) ticks.push({ place, text: ofDay === 0 ? day(at) : clock(at) });
  }
  return ticks;
}

// --- drawing ---

function scales({ width, count, top }) {
  const bottom = HEIGHT - EDGE.bottom;
  return {
    bottom,
    x: (place) => EDGE.left + (inner(width) * place) / Math.max(count - 1, 1),
    y: (value) => bottom - ((bottom - EDGE.top) * value) / top,
  };
}

// [[place, value], …] of each stretch without a gap.
function stretches(values) {
  const found = [];
  values.forEach((value, place) => {
    if (value === null) return;
    if (place === 0 || values[place - 1] === null) found.push([]);
    found.at(-1).push([place, value]);
  });
  return found;
}

const near = (number) => Math.round(number * 10) / 10;

const path = (stretch, { x, y }) =>
  stretch.map(([place, value], n) => `${n ? "L" : "M"}${near(x(place))} ${near(y(value))}`).join("");

// From its last point down to the axis, and back along it.
const ground = (stretch, { x, bottom }) =>
  `L${near(x(stretch.at(-1)[0]))} ${bottom}L${near(x(stretch[0][0]))} ${bottom}Z`;

function line({ kind, values, isFilled }, scale) {
  const parts = stretches(values);
  return h("g", { class: kind, key: kind },
    isFilled && h("path", { class: "area", d: parts.map((one) => path(one, scale) + ground(one, scale)).join("") }),
    h("path", { class: "line", d: parts.map((one) => `${path(one, scale)}h.01`).join("") })); // one alone is a dot
}

function grid({ width, top, ticks, nameOf }, { x, y, bottom }) {
  return [
    [0, top / 2, top].map((value) => [
      h("path", { class: "grid", d: `M${EDGE.left} ${near(y(value)) + .5}H${width - EDGE.right}` }),
      h("text", { class: "axis", x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }, nameOf(value))]),
    ticks.filter(({ place }) => x(place) < width - 20).map(({ place, text }) => [
      h("path", { class: "grid", d: `M${near(x(place)) + .5} ${bottom}v4` }),
      h("text", { class: "axis", x: near(x(place)), y: HEIGHT - 5, "text-anchor": "middle" }, text)]),
  ];
}

// The values at one time, beside a line through it.
function mark({ lines, at, nameOf, width }, { x, y, bottom }) {
  const isLate = x(at) > width / 2;
  const values = lines.filter(({ values: all }) => all[at] !== null && all[at] !== undefined);
  return h("g", null,
    h("path", { class: "cursor", d: `M${near(x(at))} ${EDGE.top - 8}V${bottom}` }),
    values.map(({ kind, values: all }) => h("g", { class: kind },
      h("circle", { cx: near(x(at)), cy: near(y(all[at])), r: 4 }))),
    h("text", {
      class: "value", x: near(x(at)) + (isLate ? -8 : 8), y: EDGE.top - 4, "text-anchor": isLate ? "end" : "start",
    }, values.map(({ values: all }) => nameOf(all[at])).join(" · ")));
}

// A plot: {label, width, count, top, ticks, nameOf(value), lines: [{kind, values, isFilled?}], at, pick(place)}. `at`
// is the minute that is looked at, or null; `pick` is told which one the pointer is at, null when it leaves.
export function plot(what) {
  const scale = scales(what);
  const place = (event) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const ratio = (event.clientX - left - EDGE.left) / inner(what.width);
    return Math.round(Math.min(Math.max(ratio, 0), 1) * (what.count - 1));
  };
  return h("svg", {
    class: "plot", role: "img", "aria-label": what.label, width: what.width, height: HEIGHT,
    viewBox: `0 0 ${what.width} ${HEIGHT}`,
    onpointermove: (event) => what.pick(place(event)), onpointerleave: () => what.pick(null),
  }, grid(what, scale), what.lines.map((one) => line(one, scale)), what.at !== null && mark(what, scale));
}
