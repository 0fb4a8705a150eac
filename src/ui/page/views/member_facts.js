// SPDX-License-Identifier: MIT
// Who a member is. What comes from the directory is locked, and says what becomes of edits.
import { isEnabled } from "../core/connection.js";
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { memberPath, nameOf } from "../core/pieces.js";
import { date, has, t } from "../core/text.js";

// The words of roles that an org has thought of itself are shown as they are.
export const roleName = (role) => (has(`member.role.${role}`) ? t(`member.role.${role}`) : role);

// Whether the directory writes the synced fields: then edits to them are overwritten, sooner or later.
export const isSynced = (member, connection) => connection !== null && connection.state !== "disconnected" &&
  (member.sync.directory_user_id !== null || !isEnabled(connection));

function source(member, name) {
  const from = member.sync.fields[name];
  if (from === "directory") {
    return h("span", { class: "from" }, icon("lock"), t("member.from_directory"));
  }
  return from === "manual" && h("span", { class: "from" }, t("member.by_hand"));
}

const fact = (name, ...value) => h("div", { key: name }, h("dt", null, t(`member.fact.${name}`)), h("dd", null, value));

function managerOf({ page, member }) {
  const awaited = member.sync.pending_manager;
  if (!member.manager) return awaited ? t("member.awaited", { manager: awaited }) : t("member.nobody");
  return h("a", { href: memberPath(page.org, member.manager.id) }, nameOf(member.manager));
}

function lockedNote({ member, page }) {
  const locked = ["team", "manager"].filter((name) => member.sync.fields[name] === "directory");
  if (locked.length === 0) return null;
  const which = t(`member.locked.${locked.length === 2 ? "both" : locked[0]}`);
  return h("p", { class: "locked" }, icon("lock"),
    t(isEnabled(page.connection()) ? "member.locked.overwritten" : "member.locked.was_synced", { which }));
}

export function facts(profile) {
  const { member } = profile;
  return h("section", { class: "card", "aria-label": t("member.about") },
    h("dl", { class: "about" },
      fact("email", h("a", { href: `mailto:${member.email}` }, member.email)),
      fact("role", roleName(member.role)),
      fact("team", member.team ?? t("member.none"), source(member, "team")),
      fact("manager", managerOf(profile), source(member, "manager")),
      fact("created", date(member.created_at))),
    lockedNote(profile));
}
