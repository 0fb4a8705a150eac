// SPDX-License-Identifier: MIT
// The stand-in directory's page: its people, what can be done to them, and what teamsync is told of it. Others may
// change people too (another tab, a script): the page looks again every two seconds, while somebody looks at it.
import { h, render } from "./core/dom.js";
import { alert } from "./core/form.js";
import { table } from "./core/table.js";
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
    const { name: isThere } = now; // the deleted have none
    tell(t(`told.${action}`, { name: directory.nameOf(isThere ? now : person) }), now.channelsTold);
  } catch (refusal) {
    document.getElementById("told").textContent = words(refusal);
  }
  await look();
  if (document.activeElement !== document.body) return;
  document.querySelector(".people").focus(); // the row with the button is gone
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

const name = (text, ...more) => h("span", null, text, more);

const cell = (text) => h("span", null, text || "–");

const todos = (...buttons) => h("span", { class: "todo" }, buttons);

const personRow = (person) => ({ key: person.id, cells: [
  name(directory.nameOf(person), states(person), h("span", { class: "soft" }, person.primaryEmail)),
  cell(directory.departmentOf(person)), cell(directory.managerOf(person)),
  todos(todo(person, "edit", () => openForm(person)),
    person.suspended ? todo(person, "unsuspend", () => act(person, "unsuspend"))
      : todo(person, "suspend", () => act(person, "suspend")),
    todo(person, "delete", () => act(person, "delete")))] });

const deletedRow = (person) => ({ key: person.id, class: "gone", cells: [
  name(person.primaryEmail), cell(dateTime(person.deletionTime)),
  todos(todo(person, "undelete", () => act(person, "undelete")))] });

const column = (key) => ({ key, title: t(`people.${key}`) });

// What its buttons do, they say themselves.
const todoColumn = () => ({ key: "todo", head: h("span", { class: "unseen" }, t("people.todo")) });

function nobody() {
  if (q) return t("people.not_found");
  return t(isDeleted ? "people.none_deleted" : "people.none");
}

function list() {
  const keys = isDeleted ? ["person", "deleted_at"] : ["person", "department", "manager"];
  const columns = [...keys.map(column), todoColumn()];
  const shown = isDeleted ? people : people.slice(0, PAGE);
  if (!shown.length) return h("p", { class: "empty" }, nobody());
  return table({ label: t(isDeleted ? "people.deleted" : "people.here"), columns,
    rows: shown.map(isDeleted ? deletedRow : personRow) });
}

const turn = (label, isEnd, where) => h("button", { type: "button", disabled: isEnd,
  onclick: () => show({ afters: where() }) }, t(`people.${label}`));

function pager() {
  const isFirst = afters.length === 1;
  const isLast = isDeleted || people.length <= PAGE;
  if (isFirst && isLast) return null;
  return h("nav", { class: "pager", "aria-label": t("people.pages") },
    turn("previous", isFirst, () => afters.slice(0, -1)),
    turn("next", isLast, () => [...afters, people[PAGE - 1].primaryEmail]));
}

const which = (wanted, label) => h("button", { type: "button", "aria-pressed": String(isDeleted === wanted),
  onclick: () => show({ isDeleted: wanted }) }, t(`people.${label}`));

const tools = () => h("div", { class: "tools" },
  h("div", { class: "field", role: "search" }, h("label", { for: "q" }, t("people.search")),
    h("input", { id: "q", type: "search", value: q, autocomplete: "off",
      oninput: (event) => show({ q: event.target.value.trim() }) })),
  h("div", { class: "which", role: "group", "aria-label": t("people.which") },
    which(false, "here"), which(true, "deleted")),
  h("button", { type: "button", class: "primary", onclick: () => openForm(null) }, t("people.hire")));

async function speakAnew(event) {
  await choose(event.target.value);
  document.getElementById("told").textContent = "";
  redraw();
}

const languageChoice = () => h("select", { "aria-label": t("band.language"), value: language(), onchange: speakAnew },
  Object.entries(languages).map(([code, name]) => h("option", { value: code, lang: code }, name)));

const band = () => h("header", { class: "band" }, h("div", null,
  h("div", { class: "sign" }, h("img", { src: "/ui/icon.svg", alt: "", width: 28, height: 28 }),
    h("p", null, t("band.sign")), languageChoice()),
  h("h1", null, t("band.title")),
  h("p", { class: "intro" }, t("band.intro"))));

function redraw() {
  document.title = t("band.title");
  render(document.getElementById("app"), band(), h("main", null,
    h("section", { class: "people", tabindex: "-1", "aria-label": t("people.title") }, tools(),
      problem && alert(problem),
      people && [list(), pager()]),
    people && wire.draw(onWire)));
}

await speak();
redraw();
await look();
document.addEventListener("visibilitychange", () => document.hidden || look());
setInterval(() => document.hidden || look(), AGAIN_MS);
