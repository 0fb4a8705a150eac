// SPDX-License-Identifier: MIT
// Each kind of entry that a history has, with each cause; and how the page tells them.

// Of a member: [field, before, after].
const CHANGES = [
  ["member", null, "a@b.c"], ["member", "a@b.c", null],
  ["link", null, "1"], ["link", "1", "2"],
  ["name", null, "A"], ["name", "A", "B"],
  ["role", "member", "admin"], ["role", "member", "owner"], ["role", "owner", "admin"],
  ["team", null, "A"], ["team", "A", "B"], ["team", "A", null],
  ["manager", null, "a@b.c"], ["manager", "a@b.c", "d@e.f"], ["manager", "a@b.c", null],
  ["protected", "false", "true"], ["protected", "true", "false"],
  ["status", "invited", "active"], ["status", "suspended (manual)", "invited"],
  ...["deleted", "suspended", "archived", "manual"].flatMap((reason) => [
    ["status", "active", `suspended (${reason})`], ["status", `suspended (${reason})`, "active"],
    ["status", "suspended (deleted)", `suspended (${reason})`]]),
  ...["deleted", "suspended", "archived"].map((reason) => ["hold", `held (${reason})`, "kept"]),
];
const OF_THE_ORG = [
  ["hold", "2 suspensions, 8 of 40 members without team", "approved"], ["hold", "1 suspension", "rejected"],
  ["hold", "9 of 40 members without manager", "approved"],
];
const CONNECTING = [
  ["disconnected", "connected", "connected"], ["active", "connected", "connected"],
  ["active", "disconnected", "disconnected"], ["connected", "active", "auto-sync enabled"],
  ["active", "connected", "auto-sync disabled"],
];

const DEEDS = ["added", "invited", "edited", "suspended", "unsuspended", "deleted", "manager deleted", "undone",
  "approved", "rejected", "sync-now", "api", "enabled", "push"];
const CAUSES = [
  "push", "reread", "schedule", "backlog", "no-push", "push-is-back", "manual", "api", "enabled", "approved", "edited",
  "unsuspended", "member-created", "manager-appeared", "manager-deleted", "auto-invite", "accepted the invitation",
  ...DEEDS.map((deed) => `${deed} by Ada by Night`),
];

const entryOf = (member, cause, job) => ([field, before, after]) =>
  ({ member, email: member && "a@b.c", field, before, after, cause, job, at: "2026-01-31T09:30:00Z" });

export function everyEntry() {
  return [
    ...CAUSES.flatMap((cause) => CHANGES.map(entryOf("m_1", cause, "1-0"))),
    ...CAUSES.flatMap((cause) => OF_THE_ORG.map(entryOf(null, cause, null))),
    ...CHANGES.map(entryOf("m_1", "edited by Ada", null)),
    ...CONNECTING.map(([before, after, deed]) => entryOf(null, `${deed} by Ada`, null)(["connection", before, after])),
  ];
}

// In the page's language: [{text, english: how much of it is marked as foreign}].
export const sentencesOf = (page, entries) => page.evaluate(async (them) => {
  const [{ sentence }, { render }] = await Promise.all([import("/ui/core/history.js"), import("/ui/core/dom.js")]);
  return them.map((entry) => {
    const place = document.createElement("div");
    render(place, sentence(entry, { org: "acme" }));
    return { text: place.textContent, english: place.querySelectorAll("[lang]").length };
  });
}, entries);
