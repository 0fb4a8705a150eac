// SPDX-License-Identifier: MIT
// What happened to a member, newest first, day by day; what happens now is added on top.
import * as api from "../core/api.js";
import { h } from "../core/dom.js";
import { byDay, sentence } from "../core/history.js";
import { icon } from "../core/icons.js";
import { failure, loading } from "../core/pieces.js";
import { clock, dateTime, t } from "../core/text.js";

const PAGE = 20;

// Which job it was, and exactly when, is there for whoever asks.
const row = (entry) => h("li", { key: entry.id, class: "opens" }, h("details", null,
  h("summary", null, h("time", { datetime: entry.at }, clock(entry.at)), sentence(entry), icon("down")),
  h("p", { class: "soft" }, t("history.recorded", { at: dateTime(entry.at), entry: entry.id })),
  entry.job && h("p", { class: "soft" }, t("history.job", { job: entry.job }))));

const timeline = (entries) => byDay(entries).map(({ day, title, entries: those }) =>
  h("div", { key: day }, h("h3", null, title), h("ol", { class: "timeline" }, those.map(row))));

export function historyOf(page, member) {
  let entries = [];
  let cursor = null;
  let problem = null;
  let isReading = true;

  // Also of a member who is gone: that is why the org's history is asked. A part of it may be empty, and yet not the
  // last.
  async function read() {
    do {
      const part = await api.get(`/orgs/${page.org}/history`, { query: { member, limit: PAGE, cursor } });
      add(part.items);
      cursor = part.next_cursor;
      if (part.items.length > 0) return;
    } while (cursor);
  }

  function add(more) {
    const known = new Set(entries.map(({ id }) => id));
    entries.push(...more.filter(({ id }) => !known.has(id)));
  }

  async function more() {
    isReading = true;
    problem = null;
    page.redraw();
    await read().catch((wrong) => { problem = wrong; });
    isReading = false;
    page.redraw();
  }

  function again() {
    entries = [];
    cursor = null;
    more();
  }

  function hear(name, entry) {
    if (name === "reset") again();
    if (name === "member" && entries.every(({ id }) => id !== entry.id)) entries.unshift(entry);
  }

  function rest() {
    if (problem) return failure(problem, more);
    if (isReading) return loading();
    if (entries.length === 0) return h("p", { class: "soft" }, t("member.history.nothing"));
    return cursor && h("button", { type: "button", onclick: more }, t("common.more"));
  }

  more();
  return {
    hear,
    entries: () => entries,
    draw: () => h("section", { class: "card history", "aria-labelledby": "history" },
      h("h2", { id: "history" }, t("member.history.title")), timeline(entries), h("div", null, rest())),
  };
}
