// SPDX-License-Identifier: MIT
// Whom one can invite, to choose from.
import { h } from "../core/dom.js";
import { finder } from "../core/form.js";
import { badge, empty, failure, loading, moreButton } from "../core/pieces.js";
import { table } from "../core/table.js";
import { t } from "../core/text.js";

const canBeInvited = (person) => !person.suspended && !person.archived;

export const nameAndAddress = ({ name, email }, href) => h("span", { class: "named" },
  href ? h("a", { href }, name || email) : h("span", null, name || email),
  name && h("span", { class: "soft" }, email));

function state(person) {
  if (person.archived) return badge("warn", t("invite.archived"));
  if (person.suspended) return badge("warn", t("invite.suspended"));
  const isKnown = person.suspended === false && person.archived === false;
  return h("span", { class: "soft" }, t(isKnown ? "invite.active" : "invite.unknown"));
}

function row(person, chosen, choose) {
  const can = canBeInvited(person);
  return {
    key: person.id,
    class: chosen.has(person.id) ? "apart" : null,
    cells: [
      h("label", { class: "tickable" }, h("input", { type: "checkbox", checked: chosen.has(person.id), disabled: !can,
        onchange: (event) => choose([person], event.target.checked) }), nameAndAddress(person)),
      h("span", { class: "state" }, state(person), !can && h("span", { class: "soft" }, t("invite.not_invitable"))),
    ],
  };
}

function chooseAll(shown, chosen, choose) {
  const able = shown.filter(canBeInvited);
  const count = able.filter((person) => chosen.has(person.id)).length;
  if (able.length === 0) return null;
  return h("label", { class: "tickable all" }, h("input", { type: "checkbox", checked: count === able.length,
    indeterminate: count > 0 && count < able.length, onchange: (event) => choose(able, event.target.checked) }),
  h("span", null, t("invite.choose_shown", { n: able.length })));
}

function searchBox({ search, onSearch, look, people }) {
  function submit(event) {
    event.preventDefault();
    look();
  }
  return h("form", { key: "search", role: "search", onsubmit: submit }, finder({ id: "people-search",
    label: t("invite.search"), value: search, hint: t(people.isLoading ? "invite.looking" : "invite.search_hint") },
  onSearch));
}

function drawTable({ people, chosen, choose }) {
  const columns = ["person", "state"].map((key) => ({ key, title: t(`invite.column.${key}`) }));
  return [
    chooseAll(people.items, chosen, choose),
    table({ label: t("invite.list"), columns, rows: people.items.map((person) => row(person, chosen, choose)) }),
    people.isMore && moreButton(people.more, people.isLoading),
  ];
}

function drawFound(given) {
  const { people, search, look } = given;
  if (people.problem) return failure(people.problem, look);
  if (people.items?.length > 0) return drawTable(given);
  if (people.isLoading || !people.items) return loading();
  if (search.trim()) return empty(t("invite.found_nobody"), t("invite.found_nobody_text"));
  return empty(t("invite.nobody"), t("invite.nobody_text"));
}

export const drawPeople = (given) => h("section", { class: "stack", key: "people" },
  h("h2", { class: "unseen" }, t("invite.list")), searchBox(given), drawFound(given));
