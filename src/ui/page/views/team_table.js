// SPDX-License-Identifier: MIT
// The members of a list as rows. Only the parts near what is seen are in the document; of the others there is a gap as
// high as they were.
import { h } from "../core/dom.js";
import { memberPath, nameOf, statusBadge, syncBadge } from "../core/pieces.js";
import { rowsOf, table } from "../core/table.js";
import { date, language, parts as textParts, t } from "../core/text.js";

const NEAR = "1500px 0px";

const columns = () => ["name", "team", "manager", "status", "sync", "created"]
  .map((key) => ({ key, kind: `of-${key}`, title: t(`team.column.${key}`) }));

// --- heads, which sort ---

const SORTED = { asc: "ascending", desc: "descending" };

function sortButton(sort, { filters, onSort }) {
  const isSorted = filters.sort === sort;
  const kind = isSorted ? `sort ${filters.order}` : "sort";
  return h("button", { type: "button", key: sort, class: kind, onclick: () => onSort(sort) },
    t(`team.column.${sort}`), isSorted && h("span", { class: "unseen" }, ` ${t(`team.sorted.${filters.order}`)}`));
}

function sortable(column, sorts, given) {
  return { ...column, sort: sorts.includes(given.filters.sort) ? SORTED[given.filters.order] : null,
    head: sorts.map((sort) => sortButton(sort, given)) };
}

function heads(given) {
  const sorts = { name: ["name", "email"], team: ["team"], created: ["created"] };
  return columns().map((column) => (sorts[column.key] ? sortable(column, sorts[column.key], given) : column));
}

// --- rows ---

const none = () => h("span", { class: "soft" },
  h("span", { "aria-hidden": "true" }, "–"), h("span", { class: "unseen" }, t("team.none")));

function managerCell(org, { manager, sync }) {
  if (manager) return h("a", { href: memberPath(org, manager.id), title: manager.email }, nameOf(manager));
  if (!sync.pending_manager) return none();
  return h("span", { class: "soft" }, textParts("team.awaited", { address: sync.pending_manager }));
}

function nameCell(org, member) {
  return [
    h("a", { class: "who", href: memberPath(org, member.id), title: nameOf(member), "data-member": member.id },
      nameOf(member)),
    member.name && h("span", { class: "address", title: member.email }, member.email),
  ];
}

function rowOf(org, member, isMarked, index) {
  return {
    key: member.id, index, class: isMarked ? "marked" : null,
    cells: [nameCell(org, member), member.team || none(), managerCell(org, member), statusBadge(member.status),
      syncBadge(member.sync.state), date(member.created_at)],
  };
}

// The list of a view, drawn again and again: draw({list, filters, onSort}). onNear() is called when somebody comes
// near the end; `redraw` when other parts are to be shown.
export function tableOf({ org, redraw, onNear }) {
  const drawn = new WeakMap(); // member → how they were drawn
  const partOf = new WeakMap(); // <tbody> → its part
  const ends = new IntersectionObserver((seen) => {
    if (seen.some(({ isIntersecting }) => isIntersecting)) onNear();
  }, { rootMargin: NEAR });
  const nearby = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting, boundingClientRect } of seen) {
      const part = partOf.get(target);
      if (part.isNear && !isIntersecting) part.height = boundingClientRect.height;
      part.isNear = isIntersecting || target.contains(document.activeElement);
    }
    redraw();
  }, { rootMargin: NEAR });

  // Who is drawn as before is the same tree: only what has changed is looked at.
  function rowsAgain(member, isMarked, index) {
    const before = drawn.get(member);
    if (before?.isMarked === isMarked && before.index === index && before.language === language()) return before.rows;
    const rows = rowsOf(columns(), [rowOf(org, member, isMarked, index)]);
    drawn.set(member, { isMarked, index, language: language(), rows });
    return rows;
  }

  const gap = (height) => h("tr", { class: "gap", key: `gap-${height}`, "aria-hidden": "true",
    ref: (element) => { element.style.height = `${height}px`; } }, h("td", { colspan: "6" }));

  function bodyOf(list, part, first) {
    return h("tbody", { key: part.key, role: "rowgroup", ref: (element) => {
      partOf.set(element, part);
      nearby.observe(element);
    } }, part.isNear
      ? part.members.map((member, place) => rowsAgain(member, list.isMarked(member.id), first + place))
      : gap(part.height));
  }

  function bodiesOf(list) {
    let index = 2; // the heads are the first row
    return list.parts.map((part) => {
      index += part.members.length;
      return bodyOf(list, part, index - part.members.length);
    });
  }

  return {
    draw: ({ list, filters, onSort }) => [
      list.count > 0 && table({ label: t("team.members"), columns: heads({ filters, onSort }),
        bodies: bodiesOf(list), count: list.isComplete ? list.count + 1 : -1 }),
      // Another one after each reading: so the end is looked for again, also when it has not moved.
      !list.isComplete && h("div", { key: `end-${list.key}-${list.reads}`, ref: (element) => ends.observe(element) }),
    ],
    close() {
      ends.disconnect();
      nearby.disconnect();
    },
  };
}
