// SPDX-License-Identifier: MIT
// How a member stands with the directory, what to do about it, and "Sync now" with its steps.
import * as api from "../core/api.js";
import { isEnabled } from "../core/connection.js";
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { loading, when } from "../core/pieces.js";
import { said } from "../core/sentences.js";
import { t } from "../core/text.js";
import { standing } from "./member_standing.js";

function steps(list) {
  return h("ol", { class: "steps" }, list.map(({ step, ok, text }) =>
    h("li", { key: step, class: ok ? "good" : "bad" }, icon(ok ? "check" : "warning"),
      h("div", null, h("b", null, t(`member.step.${step}`)),
        h("span", { class: "unseen" }, ` (${t(ok ? "member.step_ok" : "member.step_not")})`),
        h("p", null, said(text))))));
}

function about({ member }) {
  const { source, directory_user_id: account, last_synced_at: at } = member.sync;
  return account && h("dl", { class: "facts" },
    h("dt", null, t("member.sync.with")), h("dd", null, t(`member.source.${source}`)),
    h("dt", null, t("member.sync.account")), h("dd", null, h("code", null, account)),
    h("dt", null, t("member.sync.last")), h("dd", null, when(at)));
}

function next({ page }, how) {
  if (!how) return null;
  if (how.href) return h("p", null, h("a", { class: "button", href: `#/orgs/${page.org}/${how.href}` }, how.label));
  return page.may("members:manage") && h("p", null, h("button", { type: "button", onclick: how.act }, how.label));
}

export function syncOf(profile) {
  const { page, path } = profile;
  let found = null;
  let isSyncing = false;

  async function syncNow() {
    isSyncing = true;
    found = null;
    await profile.decide(async () => {
      const reply = await api.post(`${path}/sync`);
      found = reply.steps;
      return reply.member;
    });
    isSyncing = false;
    page.redraw();
  }

  const button = () => page.may("members:manage") && isEnabled(page.connection()) &&
    h("button", { type: "button", class: "primary", disabled: profile.isBusy, onclick: syncNow },
      icon("sync"), t("member.sync.now"));

  function draw() {
    const connection = page.connection();
    const stand = connection && standing(profile, connection);
    return h("section", { class: "card sync", "aria-labelledby": "sync" },
      h("div", { class: "heading" }, h("h2", { id: "sync" }, t("member.sync.title")), button()),
      stand ? [
        h("p", { class: `stand ${stand.kind}` }, icon(stand.kind === "good" ? "check" : "warning"),
          h("b", null, stand.title)),
        stand.texts.map((text) => h("p", null, text)), next(profile, stand.next),
      ] : loading(),
      about(profile),
      h("div", { role: "status" }, isSyncing && loading(),
        found && [h("h3", null, t("member.sync.steps")), steps(found)]));
  }

  return { draw };
}
