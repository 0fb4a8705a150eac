// SPDX-License-Identifier: MIT
// Whether a member is synced, and if not, why not, and the one next step: {kind, title, texts, next?}. `next` is a
// place in the org, {href, label}, or something that whoever manages members does here, {act, label}.
import { isEnabled } from "../core/connection.js";
import { said } from "../core/sentences.js";
import { t } from "../core/text.js";
import { askRemoval, askUnprotection } from "./member_decisions.js";

const say = (name, values) => t(`member.stand.${name}`, values);

function of(kind, name, values, next) {
  return { kind, title: say(`${name}.title`, values), texts: [say(`${name}.text`, values)], next };
}

// --- nothing is synced at all ---

function whileOff(connection) {
  const isThere = connection.state === "connected";
  return of("quiet", isThere ? "off" : "disconnected", {},
    { href: "settings/integration", label: say(isThere ? "off.next" : "disconnected.next") });
}

// --- state by state ---

// "deleted in the directory; the owner is never suspended" → "deleted"
const reasonOf = (detail) => /^(deleted|suspended|archived) in the directory; /.exec(detail ?? "")?.[1] ?? null;

function synced({ member }) {
  const reason = reasonOf(member.sync.detail);
  if (!reason) return { kind: "good", title: say("synced"), texts: [] };
  if (member.sync.detail.includes("a person decided")) return of("good", "kept", { reason: say(`reason.${reason}`) });
  return of("warn", "may_not", { reason: say(`reason.${reason}`) },
    { href: "settings/integration", label: say("may_not.next") });
}

// Who may invite finds there what the directory has.
const search = ({ page }, text, label) =>
  (page.may("members:manage") ? { href: `invite?${new URLSearchParams({ q: text })}`, label } : null);

function unmatched(profile) {
  const { email, name } = profile.member;
  return of("quiet", "unmatched", { email }, search(profile, name ?? email.split("@")[0], say("unmatched.next")));
}

function pending(profile) {
  const manager = profile.member.sync.pending_manager;
  return of("info", "pending", { manager }, search(profile, manager, say("pending.next")));
}

function held({ member, page }) {
  const isTheirs = page.may("members:manage");
  return of("warn", "held", { reason: say(`reason.${reasonOf(member.sync.detail)}`) },
    { href: "hold", label: say(isTheirs ? "held.next" : "held.look") });
}

function conflict(profile) {
  const { email, sync } = profile.member;
  const account = /\((\w+)\)$/.exec(sync.detail ?? "")?.[1] ?? "";
  return of("bad", "conflict", { email, account }, { act: () => askRemoval(profile), label: say("conflict.next") });
}

function error(profile) {
  const { member } = profile;
  const reason = reasonOf(member.sync.detail);
  if (!reason) return { ...of("bad", "refused"), texts: [said(member.sync.detail ?? ""), say("refused.text")] };
  const values = { reason: say(`reason.${reason}`) };
  return member.role === "owner" ? of("warn", "owner", values, { href: "team", label: say("owner.next") })
    : of("warn", "protected", values, { act: () => askUnprotection(profile), label: say("protected.next") });
}

const STATES = { synced, unmatched, pending, held, conflict, error };

// --- what else there is to know ---

function more({ member }) {
  const isByPerson = member.suspended?.by === "manual";
  return [
    isByPerson && member.sync.directory_user_id && say("suspended_by_person"),
    member.protected && member.sync.state !== "error" && say("is_protected"),
  ].filter(Boolean);
}

function failing(stand, connection) {
  return { ...of("warn", "failing", {}, { href: "settings/integration", label: say("failing.next") }),
    texts: [said(connection.failure ?? ""), say("failing.text", { before: stand.title }), ...stand.texts] };
}

export function standing(profile, connection) {
  if (!isEnabled(connection)) return whileOff(connection);
  const stand = STATES[profile.member.sync.state](profile);
  stand.texts.push(...more(profile));
  return connection.state === "failing" ? failing(stand, connection) : stand;
}
