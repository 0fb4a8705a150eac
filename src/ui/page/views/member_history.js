// SPDX-License-Identifier: MIT
// What happened to a member, newest first, day by day; what happens now is added on top.
import { h } from "../core/dom.js";
import { byDay, sentence } from "../core/history.js";
import { icon } from "../core/icons.js";
import { listing } from "../core/listing.js";
import { failure, loading } from "../core/pieces.js";
import { clock, dateTime, t } from "../core/text.js";

const PAGE = 20;

// Which job it was, and exactly when, is there for whoever asks.
const row = (entry) => h("li", { key: entry.id }, h("details", null,
  h("summary", null, h("time", { datetime: entry.at }, clock(entry.at)), sentence(entry), icon("down")),
  h("p", { class: "soft" }, t("history.recorded", { at: dateTime(entry.at), entry: entry.id })),
  entry.job && h("p", { class: "soft" }, t("history.job", { job: entry.job }))));

const timeline = (entries) => byDay(entries).map(({ day, title, entries: those }) =>
  h("div", { key: day }, h("h3", null, title), h("ol", { class: "timeline" }, those.map(row))));

// Also of a member who is gone: that is why the org's history is asked.
export function historyOf(page, member) {
  const list = listing(`/orgs/${page.org}/history`, page.redraw);
  let heard = []; // since the page is open, newest first

  const begin = () => list.begin({ member, limit: PAGE });

  function entries() {
    const known = new Set((list.items ?? []).map(({ id }) => id));
    return [...heard.filter(({ id }) => !known.has(id)), ...(list.items ?? [])];
  }

  function hear(name, entry) {
    if (name === "reset") begin();
    if (name === "member") heard = [entry, ...heard.filter(({ id }) => id !== entry.id)];
  }

  function rest() {
    if (list.problem) return failure(list.problem, list.items ? list.more : begin);
    if (list.isLoading) return loading();
    if (entries().length === 0) return h("p", { class: "soft" }, t("member.history.nothing"));
    return list.isMore && h("button", { type: "button", onclick: list.more }, t("common.more"));
  }

  begin();
  return {
    hear,
    entries,
    close: list.close,
    draw: () => h("section", { class: "card history", "aria-labelledby": "history" },
      h("h2", { id: "history" }, t("member.history.title")), timeline(entries()), h("div", null, rest())),
  };
}
