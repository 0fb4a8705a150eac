// SPDX-License-Identifier: MIT
// That a member is suspended: by whom, why, since when, and what ends it.
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { called } from "../core/sentences.js";
import { date, t } from "../core/text.js";

// The newest entry that suspended them says who it was.
function suspendedBy(entries) {
  const entry = entries.find(({ field, after }) => field === "status" && after?.startsWith("suspended"));
  const name = /^(?:suspended|approved) by (.+)$/.exec(entry?.cause ?? "")?.[1];
  return name ? called(name) : null;
}

function sentence({ by, reason, at }, person) {
  const since = date(at);
  if (by === "directory") {
    return t(`member.suspension.${reason}${person ? "_approved" : ""}`, { since, person });
  }
  return t(`member.suspension.${person ? "by_person" : "by_somebody"}`, { since, person });
}

function whatEnds({ by, reason }) {
  if (by === "directory") return t("member.suspension.ends_itself");
  return t(reason === "manual" ? "member.suspension.ends_by_person" : "member.suspension.other_account");
}

export function suspension({ member }, entries) {
  if (!member.suspended) return null;
  return h("div", { class: "banner bad", key: "suspension" }, icon("lock"),
    h("p", null, h("b", null, sentence(member.suspended, suspendedBy(entries))), " ", whatEnds(member.suspended)));
}
