// SPDX-License-Identifier: MIT
// How the connection stands, in facts.
import { isEnabled } from "../core/connection.js";
import { h } from "../core/dom.js";
import { when } from "../core/pieces.js";
import { called } from "../core/sentences.js";
import { date, number, parts, t } from "../core/text.js";

// Teams and managers only, and why.
export const noAdminNotice = (connection) => !connection.suspends && h("p", { class: "notice warn" },
  h("b", null, t("integration.no_admin")), " ", t("integration.no_admin_mend", { account: connection.account ?? "" }));

function madeBy({ connected_by: name, connected_at: at }) {
  const on = h("time", { datetime: at }, date(at));
  return name ? parts("integration.made_by", { name: called(name), date: on }) : on;
}

// A channel that is live is renewed before it ends.
function hearing({ channel_until: until }) {
  if (!until) return t("integration.hears_never");
  const isLive = new Date(until) > new Date();
  return parts(isLive ? "integration.hears_until" : "integration.heard_until", { when: when(until) });
}

function suspends(connection) {
  if (!connection.suspends) return "suspends_no";
  return connection.state === "failing" ? "suspends_later" : "suspends_yes";
}

function factsOf(connection) {
  const facts = [
    ["account", connection.account ?? "–"],
    ["made", madeBy(connection)],
    ["suspends", t(`integration.${suspends(connection)}`)],
  ];
  if (!isEnabled(connection)) return facts;
  return [...facts,
    ["people", connection.last_resync_at ? number(connection.directory_users) : t("integration.people_unknown")],
    ["hears", hearing(connection)],
    ["last_push", when(connection.last_push_at)],
    ["last_resync", when(connection.last_resync_at)],
    ["next_resync", connection.next_resync_at ? when(connection.next_resync_at) : t("integration.next_soon")]];
}

export const facts = (connection) => h("dl", { class: "facts" }, factsOf(connection).map(([name, what]) =>
  [h("dt", { key: name }, t(`integration.fact.${name}`)), h("dd", { key: `${name}-is` }, what)]));
