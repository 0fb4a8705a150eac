// SPDX-License-Identifier: MIT
// The org's settings: its name, its directory, how it is synced, and who is invited by itself.
import * as api from "../core/api.js";
import { stateBadge, stateSentence } from "../core/connection.js";
import { h } from "../core/dom.js";
import { heading } from "../core/frame.js";
import { failure, loading } from "../core/pieces.js";
import { say, sayProblem } from "../core/say.js";
import { t } from "../core/text.js";
import { whom } from "../core/whom.js";
import { invitations } from "./settings_invitations.js";
import { naming } from "./settings_name.js";
import { syncing } from "./settings_sync.js";

export function open(page) {
  let org = null;
  let problem = null;

  async function load() {
    problem = null;
    org = await api.get(`/orgs/${page.org}`).catch((why) => { problem = why; return org; });
    page.redraw();
  }

  // What is in a form is taken by the service, or said why not.
  async function save(change) {
    try {
      org = await api.patch(`/orgs/${page.org}`, change);
      say(t("settings.saved"));
      page.refresh();
    } catch (why) {
      sayProblem(why);
    }
    page.redraw();
  }

  const about = { page, save, org: () => org };
  const sections = [naming(about), syncing(about), invitations(about)];

  function integration() {
    const connection = page.connection();
    return h("section", { class: "card", key: "integration" },
      h("div", { class: "heading" }, h("h2", null, t("integration.title")), connection && stateBadge(connection)),
      h("p", null, connection ? stateSentence(connection) : t("common.loading")),
      h("div", { class: "actions" },
        h("a", { class: "button", href: `#/orgs/${page.org}/settings/integration` }, t("settings.integration_open"))));
  }

  // Each form is shown to whoever may use it; to others what is set, and who may.
  function section({ key, takes, form, facts }) {
    const isAble = page.may(...takes);
    return h("section", { class: "card", key }, h("h2", null, t(`settings.${key}`)), isAble ? form() : [
      h("dl", { class: "facts" }, facts().map(([term, what]) => [h("dt", null, term), h("dd", null, what)])),
      h("p", { class: "soft" }, whom(page.managers(), ...takes))]);
  }

  load();
  return {
    title: () => t("settings.title"),
    hear: (name) => { if (name === "reset") load(); },
    draw: () => [heading(t("settings.title")), integration(),
      problem && failure(problem, load), !org && !problem && loading(), org && sections.map(section)],
  };
}
