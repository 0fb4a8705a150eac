// SPDX-License-Identifier: MIT
// The orgs, for those whose token is of all of them.
import * as api from "../core/api.js";
import { stateBadge } from "../core/connection.js";
import { h } from "../core/dom.js";
import { alert, field, finder } from "../core/form.js";
import { heading } from "../core/frame.js";
import { icon } from "../core/icons.js";
import { readAll } from "../core/listing.js";
import { empty, failure, loading, moreButton } from "../core/pieces.js";
import { words } from "../core/say.js";
import { table } from "../core/table.js";
import { date, t } from "../core/text.js";
import { inTurns } from "../core/turns.js";
import { createOrg } from "./orgs_create.js";

const MOST = 2000; // are read
const PAGE = 500;
const SHOWN = 50;
const AT_ONCE = 4;

// --- by its id ---

// For whoever may not list them, or does not find it in the list.
function byId(page) {
  let wrong = null;

  async function submit(event) {
    event.preventDefault();
    const id = new FormData(event.target).get("org").trim().toLowerCase();
    try {
      await api.get(`/orgs/${encodeURIComponent(id)}`);
      page.go(`#/orgs/${id}/team`);
    } catch (problem) {
      wrong = problem.status === 404 ? t("orgs.unknown", { id }) : words(problem);
      page.redraw();
    }
  }

  return () => h("form", { class: "card by-id", onsubmit: submit, key: "by-id" },
    wrong && alert(wrong),
    field("org", t("orgs.id"), h("input", { id: "org", name: "org", required: true, autocapitalize: "off",
      spellcheck: "false", autocomplete: "off", "aria-describedby": "org-hint" }), t("orgs.id_hint")),
    h("div", { class: "actions" }, h("button", { class: "primary" }, t("orgs.open"))));
}

// --- the list ---

const columns = () => [
  { key: "name", title: t("orgs.name") },
  { key: "id", title: t("orgs.id") },
  { key: "state", title: t("orgs.connection") },
  { key: "created", title: t("orgs.created") },
];

function listOf(page) {
  const leaving = new AbortController();
  const connections = new Map(); // by org; null while it is asked for
  let orgs = null;
  let isMore = false;
  let problem = null;
  let search = "";
  let shown = SHOWN;

  async function load() {
    try {
      const found = await readAll("/orgs", { limit: PAGE, most: MOST, signal: leaving.signal });
      orgs = found.items.sort((one, other) => one.name.localeCompare(other.name));
      isMore = found.isMore;
      problem = null;
    } catch (error) {
      if (error.name === "AbortError") return;
      problem = error;
    }
    page.redraw();
  }

  // Of those that are seen; what cannot be had is left out.
  async function lookAt(visible) {
    const unknown = visible.filter(({ id }) => !connections.has(id));
    unknown.forEach(({ id }) => connections.set(id, null));
    await inTurns(unknown, AT_ONCE, async ({ id }) => {
      connections.set(id, await api.get(`/orgs/${id}/connection`, { signal: leaving.signal }).catch(() => null));
      page.redraw();
    });
  }

  const fits = ({ id, name }) => [id, name].some((text) => text.toLowerCase().includes(search.trim().toLowerCase()));

  const row = ({ id, name, created_at: created }) => ({ key: id, cells: [
    h("a", { href: `#/orgs/${id}/team` }, name), h("code", null, id),
    connections.get(id) ? stateBadge(connections.get(id)) : "…", date(created)] });

  function find(text) {
    search = text;
    shown = SHOWN;
    page.redraw();
  }

  function found() {
    const fitting = orgs.filter(fits);
    const visible = fitting.slice(0, shown);
    if (page.may("members:read")) lookAt(visible);
    return [
      finder({ id: "search", label: t("orgs.search"), value: search,
        hint: t("orgs.count", { n: fitting.length }) }, find),
      fitting.length === 0 ? empty(t("orgs.no_match"), t("orgs.no_match_text"))
        : table({ label: t("orgs.title"), columns: columns(), rows: visible.map(row) }),
      fitting.length > shown && moreButton(() => { shown += SHOWN; page.redraw(); }),
    ];
  }

  function draw() {
    if (problem) return failure(problem, load);
    if (!orgs) return loading();
    if (orgs.length === 0) return empty(t("orgs.none"), t("orgs.none_text"));
    return [found(), isMore && h("p", { class: "soft" }, t("orgs.too_many", { n: orgs.length }))];
  }

  load();
  return { draw, isMore: () => isMore, close: () => leaving.abort() };
}

// --- the view ---

export function open(page) {
  const list = page.may("operate") ? listOf(page) : null;
  const drawById = byId(page);
  const create = async () => {
    const org = await createOrg();
    if (org) page.go(`#/orgs/${org.id}/team`);
  };

  return {
    title: () => t("orgs.title"),
    draw: () => (list
      ? [heading(t("orgs.title"),
        h("button", { class: "primary", type: "button", onclick: create }, icon("orgs"), t("orgs.create"))),
        list.draw(), list.isMore() && drawById()]
      : [heading(t("orgs.title")), h("p", null, t("orgs.which")), drawById()]),
    close: () => list?.close(),
  };
}
