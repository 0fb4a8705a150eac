// SPDX-License-Identifier: MIT
// The team: who is in it, how each stands with the directory, and what changes, as it does.
import * as api from "../core/api.js";
import { isEnabled } from "../core/connection.js";
import { h } from "../core/dom.js";
import { heading } from "../core/frame.js";
import { gather } from "../core/gather.js";
import { readAll } from "../core/listing.js";
import { empty, failure, loading, nameOf } from "../core/pieces.js";
import { current } from "../core/session.js";
import { t } from "../core/text.js";
import { askForMember } from "./team_add.js";
import { addressOf, countOf, drawFilters, drawSummary, everybody, filtersOf, sortedBy } from "./team_filters.js";
import { openList } from "./team_list.js";
import { learn, newsIn } from "./team_news.js";
import { tableOf } from "./team_table.js";

const TYPING_MS = 200;

let kept = null; // what was seen last: whoever comes back from somebody's profile goes on there

const isAlike = (one, other) => JSON.stringify(addressOf(one)) === JSON.stringify(addressOf(other));

// What was seen last, if it was this; and by the same person.
function takeKept(org, filters) {
  const last = kept;
  kept = null;
  return last?.org === org && last.who === current() && isAlike(last.list.filters, filters) ? last : null;
}

// After the page has been drawn, and its heading has the focus.
function goBackTo({ scroll, member }) {
  requestAnimationFrame(() => {
    scrollTo(0, scroll);
    document.querySelector(`[data-member="${member}"]`)?.focus({ preventScroll: true });
  });
}

export function open(page) {
  const { org } = page;
  let filters = filtersOf(page.query);
  let coming = null; // a list that takes the place of the other one when something is known of it
  let typing = null;
  let summary = null;
  let teams = [];
  let isCounted = false;
  let isOpen = false;
  let announced = "";
  let isAwaited = false; // the end of a long search

  const before = takeKept(org, filters);
  const listOfThese = () => openList({ org, filters, onChange, onMarked });
  let list = before?.list ?? listOfThese();

  // --- what is read ---

  function onChange() {
    if (coming && (coming.hasBegun || coming.problem)) {
      list.close();
      [list, coming] = [coming, null];
      isAwaited = true;
    }
    if (isAwaited && !list.isBusy) tellFound();
    if (list.hasBegun && !isCounted) counter.hear(null); // what stands above the list comes after it
    page.redraw();
  }

  async function count() {
    try {
      const all = readAll(`/orgs/${org}/teams`, { limit: 500 });
      [summary, { items: teams }] = await Promise.all([api.get(`/orgs/${org}/summary`), all]);
    } catch (problem) {
      if (problem.status === undefined) throw problem; // a mistake of ours; else the counts are as they were
    }
    page.redraw();
  }

  // --- what is read out ---

  const found = () => t(list.isComplete ? "team.found" : "team.found_more", { n: list.count });

  function tellFound() {
    isAwaited = list.isSearching;
    announced = list.isSearching ? t("team.searching") : found();
  }

  function onMarked(members) {
    if (members.length === 1) announced = t("team.changed", { name: nameOf(members[0]) });
  }

  // --- what is told ---

  const news = newsIn();
  const learner = gather((heard) => learn(org, coming ?? list, heard));
  const counter = gather(count);

  function hear(name, data) {
    const entry = news(name, data);
    if (entry === undefined) return;
    learner.hear(entry);
    counter.hear(entry);
  }

  // --- what is chosen ---

  function want(values, delay = 0) {
    filters = { ...filters, ...values };
    page.replaceQuery(addressOf(filters));
    coming?.close();
    coming = null;
    clearTimeout(typing);
    typing = setTimeout(() => {
      coming = listOfThese();
      coming.more();
    }, delay);
    page.redraw();
  }

  const actions = {
    want,
    search: (q) => want({ q }, TYPING_MS),
    clear: () => want(everybody(filters)),
    fold() {
      isOpen = !isOpen;
      page.redraw();
    },
  };

  // --- what is seen ---

  const rows = tableOf({ org, redraw: page.redraw, onNear: () => list.more() });

  const add = () => page.may("members:manage") && h("button", { class: "primary", type: "button",
    onclick: () => askForMember({ org, teams, isSynced: isEnabled(page.connection()) }) }, t("team.add.open"));

  function nobody() {
    if (countOf(list.filters) === 0) {
      const mayInvite = page.may("members:manage") && isEnabled(page.connection());
      return empty(t("team.nobody.title"), t("team.nobody.text"),
        mayInvite && h("a", { class: "button", href: `#/orgs/${org}/invite` }, t("team.nobody.invite")));
    }
    return empty(t("team.not_found.title"), t("team.not_found.text"),
      h("button", { type: "button", onclick: actions.clear }, t("team.clear")));
  }

  // Whoever asks for more by keyboard goes on with the first of them.
  async function more() {
    const there = list.count;
    await list.more();
    const next = list.members()[there];
    document.querySelector(`[data-member="${next?.id}"]`)?.focus();
  }

  function end() {
    if (list.problem) return failure(list.problem, list.retry);
    if (!list.hasBegun) return loading();
    if (list.isComplete) return list.count === 0 && nobody();
    if (list.isSearching) return h("p", { class: "loading more" }, t("team.searching"));
    return h("p", { class: "more" },
      h("button", { type: "button", onclick: more }, t(list.isBusy ? "common.loading" : "common.more")));
  }

  const isEmpty = () => list.isComplete && list.count === 0 && countOf(list.filters) === 0 && countOf(filters) === 0;

  const draw = () => [
    heading(t("team.title"), add()),
    !isEmpty() && [drawSummary({ summary, filters, path: `#/orgs/${org}/team`, want }),
      drawFilters({ filters, teams, isOpen, actions })],
    h("div", { class: coming ? "members stale" : "members", "aria-busy": coming ? "true" : null },
      countOf(list.filters) > 0 && list.count > 0 && h("p", { class: "soft" }, found()),
      list.hasBegun && rows.draw({ list, filters, onSort: (sort) => want(sortedBy(filters, sort)) }),
      end()),
    h("p", { class: "unseen", role: "status" }, announced),
  ];

  function close() {
    kept = { org, who: current(), list, scroll: scrollY, member: document.activeElement?.dataset.member };
    clearTimeout(typing);
    [learner, counter, rows].forEach((one) => (one.stop ?? one.close)());
    coming?.close();
    list.close();
  }

  if (before) {
    list.reopen({ onChange, onMarked });
    goBackTo(before);
  } else {
    list.more();
  }
  return { title: () => t("team.title"), draw, hear, close };
}
