// SPDX-License-Identifier: MIT
// Small pieces that several pages show alike.
import { h } from "./dom.js";
import { ago, dateTime, t } from "./text.js";
import { words } from "./say.js";

// `kind` is good, warn, bad, info or quiet: a colour, beside the words.
export const badge = (kind, text) => h("span", { class: `badge ${kind}` }, text);

const STATUS = { active: "good", invited: "info", suspended: "bad" };
export const statusBadge = (status) => badge(STATUS[status] ?? "quiet", t(`status.${status}`));

const SYNC = { synced: "good", unmatched: "quiet", pending: "info", held: "warn", conflict: "bad", error: "bad" };
export const syncBadge = (state) => badge(SYNC[state] ?? "quiet", t(`sync_state.${state}`));

export const memberPath = (org, id) => `#/orgs/${org}/members/${id}`;

export const nameOf = (member) => member.name || member.email;

// "5 minutes ago", and exactly when.
export const when = (iso) => (iso ? h("time", { datetime: iso, title: dateTime(iso) }, ago(iso)) : t("common.never"));

export const loading = () => h("p", { class: "loading", role: "status" }, t("common.loading"));

export const empty = (title, text, ...actions) =>
  h("div", { class: "empty" }, h("p", { class: "title" }, title), text && h("p", null, text), actions);

// What is shown instead of what could not be read.
export const failure = (problem, again) =>
  h("div", { class: "banner bad", role: "alert" }, h("p", null, words(problem)),
    h("button", { type: "button", onclick: again }, t("common.try_again")));

// A table; on a narrow screen its rows are cards (style.css), and each cell says what it is. The roles are said aloud,
// because what looks like cards is no table any more to screen readers.
//   columns  {key, title, kind?, head?, sort?}: `kind` is a class of its cells ("number"); `head` is shown instead of
//            the title, `sort` how the rows are sorted by it ("ascending" or "descending")
//   rows     {key, cells, class?, index?}: the first cell is the row's heading; see rowsOf()
//   bodies   instead of rows: trees of <tbody role="rowgroup">. Where not all rows are in the document, `count` and
//            each row's `index` say how many there are (with the heads; -1: nobody knows yet), and which one it is
export function table({ label, columns, rows, bodies, count }) {
  return h("table", { role: "table", "aria-label": label, "aria-rowcount": count },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map(({ key, title, kind, head, sort }) =>
      h("th", { key, class: kind, role: "columnheader", scope: "col", "aria-sort": sort }, head ?? title)))),
    bodies ?? h("tbody", { role: "rowgroup" }, rowsOf(columns, rows)));
}

export const rowsOf = (columns, rows) => rows.map((row) => h("tr", { key: row.key, class: row.class, role: "row",
  "aria-rowindex": row.index },
  row.cells.map((cell, place) => {
    const { key, title, kind } = columns[place];
    return place === 0 ? h("th", { key, class: kind, role: "rowheader", scope: "row" }, cell)
      : h("td", { key, class: kind, role: "cell", "data-label": title }, cell);
  })));

// A labelled control of a form. `input` gets the id.
export const field = (id, label, input, hint) =>
  h("div", { class: "field" }, h("label", { for: id }, label), input,
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint));

// A box to tick, with what it means.
export const check = (id, label, isOn, hint) =>
  h("div", { class: "tick" },
    h("input", { id, name: id, type: "checkbox", checked: isOn, "aria-describedby": `${id}-hint` }),
    h("label", { for: id }, label), h("p", { class: "hint", id: `${id}-hint` }, hint));
