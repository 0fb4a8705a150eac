// SPDX-License-Identifier: MIT
// The queue in the last hours: plots one below the other, a hand that goes through all of them, and a table.
import { h } from "../core/dom.js";
import { plot, ticksOf, topOfCounts, topOfSpans } from "../core/plot.js";
import { table } from "../core/table.js";
import { clock, number, span, t } from "../core/text.js";

const MINUTE_MS = 60000;
const RANGES = [1, 6, 24]; // hours
const ROW_MINUTES = { 1: 5, 6: 15, 24: 60 }; // of the table
const RATE_MINUTES = { 1: 1, 6: 5, 24: 15 }; // over which a rate is taken

// --- values, one a minute ---

// By how much a counter grew a minute, from the first sample of these to the last one; null where that is not known, or
// it has begun anew.
function rateOf(cells, name) {
  const first = cells.findIndex((cell) => cell !== null);
  const last = cells.length - 1;
  if (first === last || cells[last] === null || cells[first][name] === null || cells[last][name] === null) return null;
  const rate = (cells[last][name] - cells[first][name]) / (last - first);
  return rate < 0 ? null : rate;
}

// {from, count, over, depth, oldest, came, done}: from when on, how many minutes, and the values of each; rates are
// those over so many minutes. `now` is how it stands at this moment, if that is known.
function minutesOf(samples, now, hours) {
  const count = hours * 60 + 1;
  const places = samples.map(({ at }) => Math.floor(Date.parse(at) / MINUTE_MS));
  const last = Math.max(Math.floor(Date.now() / MINUTE_MS), places.at(-1) ?? 0);
  const from = last - count + 1;
  const over = RATE_MINUTES[hours];
  const cells = Array(count + over).fill(null); // those before, too, for the first rates
  samples.forEach((sample, n) => { if (places[n] >= from - over) cells[places[n] - from + over] = sample; });
  const values = (value) => cells.slice(over).map((cell) => (cell ? value(cell) : null));
  const rates = (name) => Array.from({ length: count }, (_, n) => rateOf(cells.slice(n, n + over + 1), name));
  const minutes = {
    from: from * MINUTE_MS,
    count,
    over,
    depth: values(({ depth }) => depth),
    oldest: values(({ oldest_seconds: oldest }) => oldest),
    came: rates("enqueued"),
    done: rates("done"),
  };
  if (now) {
    minutes.depth[count - 1] = now.depth;
    minutes.oldest[count - 1] = now.oldest_seconds;
  }
  return minutes;
}

const known = (values) => values.filter((value) => value !== null);
const most = (values) => known(values).reduce((one, other) => Math.max(one, other), 0);
const mean = (values) => known(values).reduce((one, other) => one + other, 0) / known(values).length;

// --- in words ---

function peak({ from }, values, nameOf) {
  if (known(values).length === 0) return t("operations.no_figures");
  const top = most(values);
  if (top === 0) return t("operations.nothing_waited");
  return t("operations.peak", { most: nameOf(top), time: clock(from + values.indexOf(top) * MINUTE_MS) });
}

function averages({ came, done, over }) {
  if (known(came).length === 0) return t("operations.no_figures");
  const words = t("operations.mean", { came: mean(came), done: mean(done) });
  return over > 1 ? `${words}. ${t("operations.smoothed", { over })}` : words;
}

// What was at one minute.
function moment({ from, count, depth, oldest, came, done }, place) {
  const time = clock(from + place * MINUTE_MS);
  if (depth[place] === null) return t("operations.gap", { time });
  const words = [t("operations.depth_at", { n: depth[place] })];
  if (depth[place] > 0) words.push(t("operations.oldest_at", { span: span(oldest[place]) }));
  if (came[place] !== null) words.push(t("operations.rates_at", { came: came[place], done: done[place] }));
  const isNow = place === count - 1;
  return t("operations.at", { time: isNow ? t("operations.at_now", { time }) : time, what: words.join(", ") });
}

// --- the table ---

function rowsOf({ from, count, depth, oldest, came, done }, length) {
  const rows = [];
  const rate = (values) => (known(values).length ? number(mean(values)) : "–");
  for (let end = count; end > 1; end -= length) {
    const of = (values) => values.slice(Math.max(end - length, 0), end);
    const is = known(of(depth)).length > 0;
    rows.push({ key: end, cells: [clock(from + (end - length) * MINUTE_MS), is ? number(most(of(depth))) : "–",
      is ? span(most(of(oldest))) : "–", rate(of(came)), rate(of(done))] });
  }
  return rows;
}

const columns = () => [
  { key: "from", title: t("operations.from") },
  { key: "depth", title: t("operations.most_depth"), kind: "number" },
  { key: "oldest", title: t("operations.most_oldest"), kind: "number" },
  { key: "came", title: t("operations.came_a_minute"), kind: "number" },
  { key: "done", title: t("operations.done_a_minute"), kind: "number" },
];

// --- the section ---

const title = (name, sentence, ...keys) =>
  h("div", { class: "plot-title" }, h("h3", null, name), h("p", { class: "soft" }, sentence), keys);

const key = (kind, name) => h("span", { class: `key ${kind}`, key: kind },
  h("svg", { width: 22, height: 10, "aria-hidden": "true" }, h("path", { class: "line", d: "M1 5H21" })), name);

export function historyOf(page) {
  let samples = null;
  let hours = 24;
  let picked = null; // the minute that is looked at; null: the present
  let width = 640;
  let isTable = false;

  const observer = new ResizeObserver(([entry]) => {
    width = Math.max(Math.floor(entry.contentRect.width), 240);
    page.redraw();
  });

  function pick(minute) {
    picked = minute;
    page.redraw();
  }

  function choose(wanted) {
    hours = wanted;
    pick(null);
  }

  const choice = () => h("div", { class: "ranges", role: "group", "aria-label": t("operations.range") },
    RANGES.map((one) => h("button", {
      type: "button", key: one, "aria-pressed": String(one === hours), onclick: () => choose(one),
    }, t("operations.hours", { n: one }))));

  const pickPlace = ({ from }, place) => pick(place === null ? null : from / MINUTE_MS + place);

  function plots(minutes, at) {
    const { from, count, depth, oldest, came, done } = minutes;
    const shared = { width, count, ticks: ticksOf(from, count, width), at, pick: (place) => pickPlace(minutes, place) };
    const counts = (value) => number(value);
    const drawn = (name, sentence, what, ...keys) => h("figure", { key: name }, title(name, sentence, keys),
      plot({ ...shared, label: `${name}: ${sentence}`, ...what }));
    return [
      drawn(t("operations.depth"), peak(minutes, depth, counts),
        { top: topOfCounts(most(depth)), nameOf: counts, lines: [{ kind: "depth", values: depth, isFilled: true }] }),
      drawn(t("operations.oldest"), peak(minutes, oldest, span),
        { top: topOfSpans(most(oldest)), nameOf: span, lines: [{ kind: "oldest", values: oldest, isFilled: true }] }),
      drawn(t("operations.rates"), averages(minutes), {
        top: topOfCounts(Math.max(most(came), most(done))), nameOf: counts,
        lines: [{ kind: "came", values: came }, { kind: "done", values: done }],
      }, key("came", t("operations.came")), key("done", t("operations.done"))),
    ];
  }

  function draw(now) {
    if (!samples) return null;
    const minutes = minutesOf(samples, now, hours);
    const at = picked === null ? null : Math.max(picked - minutes.from / MINUTE_MS, 0);
    const place = at ?? minutes.count - 1;
    const words = moment(minutes, place);
    return h("section", { class: "card", key: "history", "aria-labelledby": "history" },
      h("div", { class: "heading" }, h("h2", { id: "history" }, t("operations.history")), choice()),
      h("p", { class: "moment" }, words),
      h("div", { class: "plots", ref: (element) => observer.observe(element) }, plots(minutes, at),
        h("input", { class: "hand", type: "range", min: 0, max: minutes.count - 1, value: place,
          "aria-label": t("operations.hand"), "aria-valuetext": words,
          oninput: (event) => pickPlace(minutes, Number(event.target.value)) })),
      h("details", { ontoggle: (event) => { isTable = event.target.open; page.redraw(); } },
        h("summary", null, t("operations.as_table")),
        isTable && table({ label: t("operations.history"), columns: columns(),
          rows: rowsOf(minutes, ROW_MINUTES[hours]) })));
  }

  return { take: (items) => { samples = items; }, draw, close: () => observer.disconnect() };
}
