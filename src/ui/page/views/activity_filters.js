// SPDX-License-Identifier: MIT
// Which part of the history is looked at, and taken away as a file.
import * as api from "../core/api.js";
import { h } from "../core/dom.js";
import { field } from "../core/form.js";
import { queryOf } from "../core/query.js";
import { sayProblem } from "../core/say.js";
import { t } from "../core/text.js";

const FIELDS = ["member", "status", "team", "manager", "role", "name", "link", "protected", "hold", "connection"];
const NAMES = ["field", "since", "until", "email"];

// The beginning of a day, here, as the API wants it; `days` later.
function midnight(date, days = 0) {
  if (!date) return null;
  const moment = new Date(`${date}T00:00`);
  moment.setDate(moment.getDate() + days);
  return moment.toISOString();
}

// `changed()` is called when another part is asked for. `list` knows people who are gone by their address.
export function filtering(page, list, changed) {
  const chosen = Object.fromEntries(NAMES.map((name) => [name, page.query.get(name) ?? ""]));
  let member = null; // the id of the person whose address is chosen

  const sameAddress = ({ email }) => email?.toLowerCase() === chosen.email.toLowerCase();

  async function findMember() {
    if (!chosen.email) return null;
    const { items } = await api.get(`/orgs/${page.org}/members`, { query: { email: chosen.email } });
    return items[0]?.id ?? list.items?.find(sameAddress)?.member ?? null;
  }

  async function begin() {
    member = await findMember();
    changed();
  }

  async function choose(values) {
    Object.assign(chosen, values);
    page.replaceQuery(chosen);
    await begin().catch(sayProblem);
  }

  return {
    chosen,
    choose,
    begin: () => begin().catch(sayProblem),
    clear: () => choose(Object.fromEntries(NAMES.map((name) => [name, ""]))),
    email: () => chosen.email,
    isAny: () => NAMES.some((name) => chosen[name]),
    isKnown: () => !chosen.email || member !== null,
    query: () => ({ field: chosen.field, since: midnight(chosen.since), until: midnight(chosen.until, 1), member }),
    // Whether an entry that has just been made belongs to the part.
    fits: (entry) => (!chosen.field || entry.field === chosen.field) && (!member || entry.member === member)
      && (!chosen.until || new Date(entry.at) < new Date(midnight(chosen.until, 1)))
      && (!chosen.since || new Date(entry.at) >= new Date(midnight(chosen.since))),
  };
}

// --- drawing ---

function dateInput(filters, name) {
  return field(`filter-${name}`, t(`activity.${name}`), h("input", { id: `filter-${name}`, type: "date",
    value: filters.chosen[name], onchange: (event) => filters.choose({ [name]: event.target.value }) }));
}

const kinds = (filters) => h("select", { id: "filter-field", value: filters.chosen.field,
  onchange: (event) => filters.choose({ field: event.target.value }) },
h("option", { value: "" }, t("activity.all_fields")),
FIELDS.map((name) => h("option", { value: name }, t(`activity.field.${name}`))));

const person = (filters) => h("input", { id: "filter-email", type: "text", inputmode: "email", maxlength: 254,
  autocomplete: "off", spellcheck: "false", placeholder: t("activity.email_hint"), value: filters.chosen.email,
  onchange: (event) => filters.choose({ email: event.target.value.trim() }) });

function exports(page, filters) {
  const link = (format, name) => h("a", { class: "button", download: true,
    href: `/api/v1/orgs/${page.org}/history/export${queryOf({ format, ...filters.query() })}` }, name);
  return [h("span", { class: "soft" }, t("activity.export")), link("csv", "CSV"), link("jsonl", "JSON Lines")];
}

export const drawFilters = (page, filters) => h("form", { class: "card filters", key: "filters", role: "search",
  "aria-label": t("activity.filters"), onsubmit: (event) => event.preventDefault() },
h("div", { class: "filter-fields" },
  field("filter-field", t("activity.kind"), kinds(filters)),
  field("filter-email", t("activity.email"), person(filters)),
  dateInput(filters, "since"), dateInput(filters, "until")),
h("div", { class: "actions" },
  filters.isKnown() && exports(page, filters),
  filters.isAny() && h("button", { type: "button", class: "quiet", onclick: filters.clear }, t("activity.clear"))));
