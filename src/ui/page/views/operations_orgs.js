// SPDX-License-Identifier: MIT
// The orgs, and how each is connected: those that need somebody first.
import * as api from "../core/api.js";
import { isEnabled, stateBadge } from "../core/connection.js";
import { h } from "../core/dom.js";
import { badge, empty, failure, loading, when } from "../core/pieces.js";
import { poll } from "../core/poll.js";
import { said } from "../core/sentences.js";
import { table } from "../core/table.js";
import { parts, t } from "../core/text.js";
import { inTurns } from "../core/turns.js";

const LOOK_MS = 60000;
const MOST = 500; // are looked at
const SHOWN = 50;
const AT_ONCE = 4;

// --- an org ---

const isLive = (connection) => Boolean(connection.channel_until) && Date.parse(connection.channel_until) > Date.now();

// The lower, the more somebody has to look at it.
function order({ connection, hold }) {
  if (connection.state === "failing") return 0;
  if (isEnabled(connection) && !isLive(connection)) return 1;
  if (hold.open) return 2;
  return connection.state === "active" ? 4 : 3;
}

function state({ connection }) {
  const reason = connection.failure ?? connection.notice;
  return h("div", { class: "why" }, h("span", null, stateBadge(connection)),
    reason && h("span", { class: "soft" }, said(reason)));
}

function channel({ connection }) {
  if (!isEnabled(connection)) return "–";
  if (!isLive(connection)) return badge("bad", t("operations.deaf"));
  return h("div", { class: "why" }, h("span", null, badge("good", t("operations.live"))),
    h("span", { class: "soft" }, parts("operations.live_until", { when: when(connection.channel_until) })));
}

function held({ id, hold }) {
  if (!hold.open) return "–";
  const words = hold.field_loss ? t("operations.held_loss") : t("operations.held", { n: hold.items.length });
  return h("a", { href: `#/orgs/${id}/hold` }, words);
}

const columns = () => [
  { key: "org", title: t("operations.org") },
  { key: "state", title: t("operations.state") },
  { key: "channel", title: t("operations.channel") },
  { key: "push", title: t("operations.last_push") },
  { key: "resync", title: t("operations.last_resync") },
  { key: "hold", title: t("operations.hold") },
];

const row = (org) => ({ key: org.id, cells: [
  h("a", { href: `#/orgs/${org.id}/settings/integration` }, org.name),
  state(org), channel(org), when(org.connection.last_push_at), when(org.connection.last_resync_at), held(org)] });

// --- the section ---

const NO_HOLD = { open: false };

// Adds its connection, and what waits; without a directory nothing does.
async function lookAt(org, signal) {
  const path = `/orgs/${org.id}`;
  org.connection = await api.get(`${path}/connection`, { signal });
  org.hold = org.connection.state === "disconnected" ? NO_HOLD : await api.get(`${path}/hold`, { signal });
}

export function connectionsOf(page) {
  const mayLook = page.may("members:read");
  let orgs = null;
  let isMore = false; // than are looked at
  let shown = SHOWN;
  let problem = null;

  async function look(signal) {
    const found = await api.get("/orgs", { query: { limit: MOST }, signal });
    await inTurns(found.items, AT_ONCE, (org) => lookAt(org, signal));
    orgs = found.items.sort((one, other) => order(one) - order(other) || one.name.localeCompare(other.name));
    isMore = found.next_cursor !== null;
  }

  const looking = mayLook && poll(LOOK_MS, async (signal) => {
    try {
      await look(signal);
      problem = null;
    } catch (error) {
      if (error.status === undefined) throw error;
      problem = error;
    }
    page.redraw();
  });

  function more() {
    shown += SHOWN;
    page.redraw();
  }

  function list() {
    if (!mayLook) return h("p", { class: "soft" }, t("operations.orgs_forbidden"));
    if (problem && !orgs) return failure(problem, looking.again);
    if (!orgs) return loading();
    if (orgs.length === 0) {
      return empty(t("orgs.none"), null, h("a", { class: "button", href: "#/orgs" }, t("orgs.title")));
    }
    return [
      table({ label: t("operations.orgs"), columns: columns(), rows: orgs.slice(0, shown).map(row) }),
      orgs.length > shown && h("div", { class: "actions" },
        h("button", { type: "button", onclick: more }, t("common.more")),
        h("p", { class: "soft" }, t("operations.orgs_shown", { shown, n: orgs.length }))),
      isMore && h("p", { class: "soft" }, t("operations.orgs_looked_at", { n: orgs.length })),
    ];
  }

  return {
    draw: () => h("section", { key: "orgs", "aria-labelledby": "orgs" },
      h("h2", { id: "orgs" }, t("operations.orgs")), list()),
    close: () => looking && looking.stop(),
  };
}
