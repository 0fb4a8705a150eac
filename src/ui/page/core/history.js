// SPDX-License-Identifier: MIT
// The history in sentences: what changed, and what caused it. Profiles and the org's activity tell it alike.
import { h } from "./dom.js";
import { called, said } from "./sentences.js";
import { day, has, parts, t } from "./text.js";

const keyOf = (words) => words.replaceAll(/[^a-z]+/g, "_");
const value = (text) => h("b", null, text);

// --- what changed ---

// "set", "changed" or "removed".
function kindOf({ before, after }) {
  if (!before) return "set";
  return after ? "changed" : "removed";
}

const changed = (entry) =>
  parts(`history.${entry.field}.${kindOf(entry)}`, { before: value(entry.before), after: value(entry.after) });

// "suspended (deleted)" → ["suspended", "deleted"]
const statusOf = (words) => /^(\w+)(?: \((\w+)\))?$/.exec(words ?? "")?.slice(1) ?? [];

function statusChanged(entry) {
  const [before] = statusOf(entry.before);
  const [after, reason] = statusOf(entry.after);
  if (after === "suspended") return t(`history.${before === after ? "stays_suspended" : "suspended"}.${reason}`);
  if (before === "invited") return t("history.joined");
  return t(`history.${entry.job ? "reinstated" : "unsuspended"}.${after}`);
}

function roleChanged(entry) {
  if (entry.after === "owner") return t("history.role.to_owner");
  return entry.before === "owner" ? parts("history.role.from_owner", { after: value(entry.after) }) : changed(entry);
}

// "2 suspensions, 8 of 40 members without team"
function waiting(words) {
  return words.split(", ").map((what) => {
    const [, n] = /^(\d+) suspensions?$/.exec(what) ?? [];
    const [, members, linked, field] = /^(\d+) of (\d+) members without (\w+)$/.exec(what) ?? [];
    if (n) return t("history.hold.suspensions", { n: Number(n) });
    if (members) return t(`history.hold.without_${field}`, { members: Number(members), n: Number(linked) });
    return what;
  }).join(", ");
}

function holdDecided({ member, before, after }) {
  if (member) return t(`history.hold.kept.${statusOf(before)[1]}`);
  return t(`history.hold.${after}`, { what: waiting(before ?? "") });
}

// By what was done: the states that it led from and to do not tell all of it.
function connectionChanged({ before, cause }) {
  const [, deed] = /^(.+?) by /.exec(cause) ?? [];
  const isAnew = deed === "connected" && before !== "disconnected";
  return t(`history.connection.${isAnew ? "connected_anew" : keyOf(deed ?? cause)}`);
}

const TOLD = {
  member: (entry) => t(`history.member.${entry.after ? "added" : "removed"}`),
  link: (entry) => parts(`history.link.${kindOf(entry)}`, { before: value(entry.before), after: value(entry.after) }),
  name: changed,
  role: roleChanged,
  team: changed,
  manager: changed,
  status: statusChanged,
  protected: (entry) => t(`history.protected.${entry.after === "true" ? "on" : "off"}`),
  hold: holdDecided,
  connection: connectionChanged,
};

// --- what caused it ---

// "edited by Ada" was Ada's deed; "push" was the service's own. Whoever has a dead letter tried again stands behind
// the cause that it had.
function why({ cause }) {
  const [, deed, name] = /^(.+?)(?: by (.+))?$/.exec(cause);
  const own = `history.why.${keyOf(deed)}`;
  if (name === undefined) return has(own) ? t(own) : said(cause);
  const by = called(name);
  const theirs = `history.why_by.${keyOf(deed)}`;
  if (has(theirs)) return t(theirs, { by });
  return has(own) ? t("history.why_by.again", { why: t(own), by }) : said(cause);
}

// --- together ---

function whose({ member, email, field, after }, org) {
  const isGone = field === "member" && !after;
  return isGone ? value(email) : h("a", { href: `#/orgs/${org}/members/${member}` }, email ?? member);
}

// A tree. With `org` it says whose change it is: among those of everybody.
export function sentence(entry, { org } = {}) {
  const what = TOLD[entry.field]?.(entry) ?? changed(entry);
  const told = parts("history.entry", { what: h("span", null, what), why: h("span", { class: "soft" }, why(entry)) });
  return h("span", null, org && entry.member && [whose(entry, org), ": "], told);
}

// --- by day ---

// [{day: its name, title, entries}], in the order of the entries; days are those of whoever reads.
export function byDay(entries) {
  const days = [];
  for (const entry of entries) {
    const date = new Date(entry.at).toDateString();
    if (days.at(-1)?.day !== date) days.push({ day: date, title: day(entry.at), entries: [] });
    days.at(-1).entries.push(entry);
  }
  return days;
}
