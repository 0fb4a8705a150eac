// SPDX-License-Identifier: MIT
// Tables.
import { h } from "./dom.js";

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
