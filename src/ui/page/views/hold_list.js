// SPDX-License-Identifier: MIT
// Whose suspension waits. All of them are shown, also when they are a thousand: what is decided on can be seen.
import { h } from "../core/dom.js";
import { finder } from "../core/form.js";
import { badge, memberPath, nameOf, when } from "../core/pieces.js";
import { table } from "../core/table.js";
import { language, t } from "../core/text.js";

// Somebody whom the directory gives another reason now is new on the list.
export const keyOf = (held) => `${held.member} ${held.reason}`;

const SEARCH_FROM = 10; // a shorter list is seen at a glance

// Letters as they are searched for: "É" is found by "e".
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function find(items, search, fresh) {
  const wanted = plain(search.trim());
  const order = new Intl.Collator(language());
  return items.filter((held) => plain(`${held.name ?? ""} ${held.email}`).includes(wanted))
    .sort((one, other) => fresh.has(keyOf(other)) - fresh.has(keyOf(one)) || order.compare(nameOf(one), nameOf(other)));
}

function row(held, isFresh, org) {
  return {
    key: held.member,
    class: isFresh ? "apart" : null,
    cells: [
      h("span", { class: "named" },
        h("span", { class: "actions" }, h("a", { href: memberPath(org, held.member) }, nameOf(held)),
          isFresh && badge("info", t("hold.new"))),
        held.name && h("span", { class: "soft" }, held.email)),
      t(`hold.reason.${held.reason}`),
      when(held.since),
    ],
  };
}

export function drawList({ hold, fresh, search, org, onSearch }) {
  const found = find(hold.items, search, fresh);
  const columns = ["name", "reason", "since"].map((key) => ({ key, title: t(`hold.column.${key}`) }));
  const rows = found.map((held) => row(held, fresh.has(keyOf(held)), org));
  return h("section", { class: "stack", key: "list" },
    h("h2", null, t("hold.list_title")),
    hold.items.length >= SEARCH_FROM && finder({ id: "hold-search", label: t("hold.search"), value: search,
      hint: search && t("hold.found", { n: found.length, all: hold.items.length }) }, onSearch),
    found.length > 0
      ? table({ label: t("hold.list_title"), columns, rows })
      : h("p", { class: "soft" }, t("hold.found_nobody")));
}
