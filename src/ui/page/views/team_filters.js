// SPDX-License-Identifier: MIT
// Whom the Team page shows, and in which order: as the address says it, and as people choose it.
import { h } from "../core/dom.js";
import { field, search } from "../core/form.js";
import { icon } from "../core/icons.js";
import { queryOf } from "../core/query.js";
import { number, t } from "../core/text.js";

const STATUSES = ["active", "invited", "suspended"];
const STATES = ["synced", "pending", "unmatched", "held", "conflict", "error"];
const ORDERS = { name: "asc", email: "asc", team: "asc", created: "desc" }; // and how each begins
const NOBODY_IN_PARTICULAR = { q: "", status: "", sync: "", team: "" };

const oneOf = (words, word) => (words.includes(word) ? word : "");

// What an address says: a filter that there is not, is none.
export function filtersOf(query) {
  const sort = oneOf(Object.keys(ORDERS), query.get("sort")) || "name";
  return {
    q: query.get("q") ?? "", team: query.get("team") ?? "", status: oneOf(STATUSES, query.get("status")),
    sync: oneOf(STATES, query.get("sync")), sort, order: oneOf(["asc", "desc"], query.get("order")) || ORDERS[sort],
  };
}

// What the address says of them: no more than it has to.
export function addressOf({ sort, order, ...filters }) {
  return { ...filters, sort: sort === "name" ? "" : sort, order: order === ORDERS[sort] ? "" : order };
}

export const everybody = (filters) => ({ ...filters, ...NOBODY_IN_PARTICULAR });

export const countOf = (filters) => Object.keys(NOBODY_IN_PARTICULAR).filter((name) => filters[name] !== "").length;

// The same order the other way round, or another one as it begins.
export const sortedBy = (filters, sort) =>
  ({ sort, order: filters.sort !== sort ? ORDERS[sort] : { asc: "desc", desc: "asc" }[filters.order] });

// --- drawing ---

function choice(name, value, options, want) {
  return field(`team-${name}`, t(`team.filter.${name}`),
    h("select", { id: `team-${name}`, value, onchange: (event) => want({ [name]: event.target.value }) },
      h("option", { value: "" }, t("team.filter.any")),
      options.map(([word, text]) => h("option", { value: word, key: word, selected: word === value }, text))));
}

// A team that the address names may be none any more.
function teamOptions(teams, wanted) {
  const options = teams.map(({ team, members }) => [team, `${team} (${number(members)})`]);
  return wanted && !teams.some(({ team }) => team === wanted) ? [[wanted, wanted], ...options] : options;
}

// The heads of columns do that on a wide screen.
function orderChoice({ sort, order }, want) {
  const words = Object.keys(ORDERS).flatMap((name) => [`${name}_asc`, `${name}_desc`]);
  return h("div", { class: "order" }, field("team-order", t("team.filter.order"),
    h("select", { id: "team-order", value: `${sort}_${order}`, onchange: (event) => {
      const [newSort, newOrder] = event.target.value.split("_");
      want({ sort: newSort, order: newOrder });
    } }, words.map((word) => h("option", { value: word, key: word }, t(`team.order.${word}`))))));
}

// `actions`: search(text), want({filter: value}), clear(), fold().
export function drawFilters({ filters, teams, isOpen, actions }) {
  const count = countOf({ ...filters, q: "" });
  return h("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
    search({ value: filters.q, "aria-label": t("team.search"), placeholder: t("team.search") }, actions.search),
    h("button", { type: "button", class: "fold", "aria-expanded": String(isOpen), "aria-controls": "team-filters",
      onclick: actions.fold }, icon("settings"), t("team.filter.title"),
    count > 0 && h("span", { class: "count" }, number(count),
      h("span", { class: "unseen" }, ` ${t("team.filter.active")}`))),
    h("div", { id: "team-filters", class: isOpen ? "choices open" : "choices" },
      choice("status", filters.status, STATUSES.map((word) => [word, t(`status.${word}`)]), actions.want),
      choice("team", filters.team, teamOptions(teams, filters.team), actions.want),
      choice("sync", filters.sync, STATES.map((word) => [word, t(`sync_state.${word}`)]), actions.want),
      orderChoice(filters, actions.want),
      countOf(filters) > 0 &&
        h("button", { type: "button", class: "quiet clear", key: "clear", onclick: actions.clear }, t("team.clear"))));
}

// --- the summary: how many members are how, each a way to see them ---

function shortcut({ filters, path, want }, words, text, count) {
  const target = everybody(filters);
  Object.assign(target, words);
  const isThere = Object.keys(NOBODY_IN_PARTICULAR).every((name) => target[name] === filters[name]);
  return h("li", { key: text }, h("a", {
    href: `${path}${queryOf(addressOf(target))}`, "aria-current": isThere ? "true" : null,
    onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // in a window of its own
      event.preventDefault();
      want(target);
    },
  }, h("strong", null, number(count)), ` ${text}`));
}

export function drawSummary({ summary, ...given }) {
  if (!summary) return h("div", { class: "summary", key: "none" }); // its place
  const total = STATUSES.reduce((sum, status) => sum + summary.members[status], 0);
  const those = (counts, words, name, group) => words.filter((word) => counts[word] > 0 || given.filters[name] === word)
    .map((word) => shortcut(given, { [name]: word }, t(`${group}.${word}`), counts[word]));
  return h("ul", { class: "summary", "aria-label": t("team.summary"), key: "counts" },
    shortcut(given, {}, t("team.all", { n: total }), total),
    those(summary.members, STATUSES, "status", "status"),
    total > 0 && h("li", { class: "divide", "aria-hidden": "true", key: "divide" }),
    those(summary.sync, STATES, "sync", "sync_state"));
}
