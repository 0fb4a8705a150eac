// SPDX-License-Identifier: MIT
// The stand-in directory's page: its people, what can be done to them, and what teamsync is told of it. Others may
// change people too (another tab, a script): the page looks again every two seconds, while somebody looks at it.
import { h, render } from "./core/dom.js";
import { choose, dateTime, language, languages, speak, t } from "./core/text.js";
import * as directory from "./directory.js";
import { edit } from "./person.js";
import * as wire from "./wire.js";
import { words } from "./words.js";

const PAGE = 25;
const DELETED_MAX = 1000;
const AGAIN_MS = 2000;

let people = null; // one more than are shown, if there are more; null: not known yet
let afters = [""]; // the address before each page, up to the one that is shown
let q = "";
let isDeleted = false;
let onWire = { channels: [], sent: [] };
let problem = null;
let looks = 0;

// --- looking ---

async function look() {
  const mine = ++looks;
  const wanted = { q, after: afters.at(-1), limit: isDeleted ? DELETED_MAX : PAGE + 1, deleted: isDeleted };
  try {
    const [found, sent] = await Promise.all([directory.find(wanted), wire.look()]);
    if (mine !== looks) return; // what was asked since then is newer
    people = found;
    onWire = sent;
    problem = null;
  } catch (refusal) {
    problem = words(refusal);
  }
  redraw();
}

function show(changes) {
  ({ q = q, isDeleted = isDeleted, afters = [""] } = changes);
  return look();
}

// --- doing ---

// What was done, and what teamsync heard of it: stays until something else is done.
function tell(what, count) {
  const sent = onWire.channels.length ? t("told.sent", { n: count }) : t("told.nobody");
  document.getElementById("told").textContent = `${what} ${sent}`;
}

async function act(person, action) {
  try {
    const now = await directory.act(person.id, action);
    tell(t(`told.${action}`, { name: directory.nameOf(now.name ? now : person) }), now.channelsTold); // the deleted have none
  } catch (refusal) {
    document.getElementById("told").textContent = words(refusal);
  }
  await look();
  if (document.activeElement === document.body) document.querySelector(".people").focus(); // the row with the button is gone
}

async function openForm(person) {
  const done = await edit(person);
  if (!done) return;
  if (person) wire.forget(person.id);
  tell(t(person ? "told.changed" : "told.hired", { name: done.name }), done.told);
  await look();
}

// --- drawing ---

const badge = (kind, text) => h("span", { class: `badge ${kind}` }, text);

// What is out of the ordinary about an account.
const states = (person) => [
  person.suspended && badge("bad", t("state.suspended")),
  person.archived && badge("quiet", t("state.archived")),
  person.isAdmin && badge("info", t("state.admin")),
];

// The name of whom it is about is said, but not shown: it stands in the same row.
const todo = (person, label, onclick) => h("button", { type: "button", key: label, onclick }, t(`people.${label}`),
  h("span", { class: "unseen" }, ` ${directory.nameOf(person)}`));

const cell = (label, ...content) => h("td", { role: "cell", "data-label": label }, h("span", null, content));

const todos = (...buttons) => h("td", { role: "cell" }, h("span", { class: "todo" }, buttons));

const who = (name, ...more) => h("th", { role: "rowheader", scope: "row" }, name, more);

function personRow(person) {
  return h("tr", { role: "row", key: person.id },
    who(directory.nameOf(person), states(person), h("span", { class: "soft" }, person.primaryEmail)),
    cell(t("people.department"), directory.departmentOf(person) || "–"),
    cell(t("people.manager"), directory.managerOf(person) || "–"),
    todos(todo(person, "edit", () => openForm(person)),
      person.suspended ? todo(person, "unsuspend", () => act(person, "unsuspend")) : todo(person, "suspend", () => act(person, "suspend")),
      todo(person, "delete", () => act(person, "delete"))));
}

function deletedRow(person) {
  return h("tr", { role: "row", key: person.id, class: "gone" }, who(person.primaryEmail),
    cell(t("people.deleted_at"), dateTime(person.deletionTime)),
    todos(todo(person, "undelete", () => act(person, "undelete"))));
}

function table() {
  const titles = isDeleted ? ["person", "deleted_at", "todo"] : ["person", "department", "manager", "todo"];
  const shown = isDeleted ? people : people.slice(0, PAGE);
  if (!shown.length) return h("p", { class: "empty" }, t(q ? "people.not_found" : isDeleted ? "people.none_deleted" : "people.none"));
  return h("table", { role: "table", "aria-label": t(isDeleted ? "people.deleted" : "people.here"), key: isDeleted },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, titles.map((title) =>
      h("th", { role: "columnheader", scope: "col" }, title === "todo" ? h("span", { class: "unseen" }, t("people.todo")) : t(`people.${title}`))))),
    h("tbody", { role: "rowgroup" }, shown.map(isDeleted ? deletedRow : personRow)));
}

function pager() {
  const isFirst = afters.length === 1;
  const isLast = isDeleted || people.length <= PAGE;
  if (isFirst && isLast) return null;
  return h("nav", { class: "pager", "aria-label": t("people.pages") },
    h("button", { type: "button", disabled: isFirst, onclick: () => show({ afters: afters.slice(0, -1) }) }, t("people.previous")),
    h("button", { type: "button", disabled: isLast, onclick: () => show({ afters: [...afters, people[PAGE - 1].primaryEmail] }) }, t("people.next")));
}

const which = (wanted, label) => h("button", { type: "button", "aria-pressed": String(isDeleted === wanted), onclick: () => show({ isDeleted: wanted }) },
  t(`people.${label}`));

const tools = () => h("div", { class: "tools" },
  h("div", { class: "field", role: "search" }, h("label", { for: "q" }, t("people.search")),
    h("input", { id: "q", type: "search", value: q, autocomplete: "off", oninput: (event) => show({ q: event.target.value.trim() }) })),
  h("div", { class: "which", role: "group", "aria-label": t("people.which") }, which(false, "here"), which(true, "deleted")),
  h("button", { type: "button", class: "primary", onclick: () => openForm(null) }, t("people.hire")));

async function speakAnew(event) {
  await choose(event.target.value);
  document.getElementById("told").textContent = "";
  redraw();
}

const languageChoice = () => h("select", { "aria-label": t("band.language"), value: language(), onchange: speakAnew },
  Object.entries(languages).map(([code, name]) => h("option", { value: code, lang: code }, name)));

const band = () => h("header", { class: "band" }, h("div", null,
  h("div", { class: "sign" }, h("img", { src: "/ui/icon.svg", alt: "", width: 28, height: 28 }), h("p", null, t("band.sign")), languageChoice()),
  h("h1", null, t("band.title")),
  h("p", { class: "intro" }, t("band.intro"))));

function redraw() {
  document.title = t("band.title");
  render(document.getElementById("app"), band(), h("main", null,
    h("section", { class: "people", tabindex: "-1", "aria-label": t("people.title") }, tools(),
      problem && h("p", { class: "banner bad", role: "alert" }, problem),
      people && [table(), pager()]),
    people && wire.draw(onWire)));
}

await speak();
redraw();
await look();
document.addEventListener("visibilitychange", () => document.hidden || look());
setInterval(() => document.hidden || look(), AGAIN_MS);
