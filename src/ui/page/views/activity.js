// SPDX-License-Identifier: MIT
// What has happened in the org, newest first. What happens now is added on top; for whoever reads further down it
// waits there, so that nothing moves under their eyes.
import { h } from "../core/dom.js";
import { heading } from "../core/frame.js";
import { byDay, sentence } from "../core/history.js";
import { listing } from "../core/listing.js";
import { empty, failure, loading, moreButton } from "../core/pieces.js";
import { clock, dateTime, t } from "../core/text.js";
import { drawFilters, filtering } from "./activity_filters.js";
import { newcomers } from "./activity_live.js";

const PART = 50;

const row = (org) => (entry) => h("li", { key: entry.id },
  h("time", { datetime: entry.at, title: dateTime(entry.at) }, clock(entry.at)), sentence(entry, { org }));

const drawDay = (org) => ({ day, title, entries }) => h("section", { key: day }, h("h2", null, title),
  h("ol", { class: "timeline" }, entries.map(row(org))));

const drawDays = (entries, org) => h("div", { class: "card days", key: "days" }, byDay(entries).map(drawDay(org)));

export function open(page) {
  const path = `/orgs/${page.org}/history`;
  const list = listing(path, page.redraw);
  const filters = filtering(page, list, begin);
  const news = newcomers({ page, list, path, query, filters, begin });

  function query() {
    return { ...filters.query(), limit: PART };
  }

  function begin() {
    news.forget();
    if (filters.isKnown()) list.begin(query());
    page.redraw();
  }

  function drawNews() {
    const { count, isGap } = news.waiting();
    const text = isGap ? t("activity.many_new") : t("activity.new", { n: count });
    return h("div", { class: "newer", key: "newer", role: "status" },
      (isGap || count > 0) && h("button", { type: "button", class: "primary", onclick: news.show }, text));
  }

  function drawEntries() {
    if (!filters.isKnown()) return empty(t("activity.unknown", { email: filters.email() }), t("activity.unknown_text"));
    const entries = news.entries();
    if (entries.length > 0) return drawDays(entries, page.org);
    if (list.isLoading) return loading();
    return !list.problem && (filters.isAny() ? empty(t("activity.found_nothing"), t("activity.found_nothing_text"))
      : empty(t("activity.nothing"), t("activity.nothing_text")));
  }

  const draw = () => [
    heading(t("activity.title")),
    drawFilters(page, filters),
    h("div", { key: "entries" }, drawNews(), drawEntries()),
    list.problem && failure(list.problem, begin),
    filters.isKnown() && list.isMore && moreButton(list.more, list.isLoading),
  ];

  filters.begin();
  return { title: () => t("activity.title"), draw, hear: news.hear, close: list.close };
}
