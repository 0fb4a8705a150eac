// SPDX-License-Identifier: MIT
// A member's profile: who they are, how they stand with the directory, what happened, and what may be decided.
// Each part is a file of its own; what they share is `profile`.
import * as api from "../core/api.js";
import { h } from "../core/dom.js";
import { heading, toHeading } from "../core/frame.js";
import { icon } from "../core/icons.js";
import { badge, empty, failure, loading, nameOf, statusBadge, wayBack } from "../core/pieces.js";
import { sayProblem } from "../core/say.js";
import { said } from "../core/sentences.js";
import { t } from "../core/text.js";
import { decisions } from "./member_decisions.js";
import { edit } from "./member_edit.js";
import { facts } from "./member_facts.js";
import { historyOf } from "./member_history.js";
import { suspension } from "./member_suspension.js";
import { syncOf } from "./member_sync.js";

// What the service has to say about a decision stays until somebody has read it.
function notices(profile) {
  const { warnings, dismiss } = profile;
  return h("div", { role: "status", class: "notices" }, warnings.length > 0 && h("div", { class: "banner warn" },
    icon("warning"), h("div", { class: "warnings" }, warnings.map((warning) => h("p", null, said(warning)))),
    h("button", { type: "button", class: "quiet", onclick: dismiss }, t("member.understood"))));
}

function head({ member, page }, onEdit) {
  const { status, role, protected: isProtected } = member;
  return h("div", { class: "heading" },
    h("div", { class: "actions" }, h("h1", { tabindex: "-1" }, nameOf(member)), statusBadge(status),
      role === "owner" && badge("info", t("member.role.owner")),
      isProtected && badge("info", t("member.protected_badge"))),
    page.may("members:manage") && h("button", { type: "button", onclick: onEdit }, t("member.edit.open")));
}

export function open(page) {
  const path = `/orgs/${page.org}/members/${page.params.id}`;
  const profile = { page, path, member: null, warnings: [], isBusy: false, look, decide, dismiss };
  const history = historyOf(page, page.params.id);
  const sync = syncOf(profile);
  let problem = null;
  let isGone = false;
  let isLooking = false;
  let isStale = false;

  // Whose profile it is turns out when it has come: then its heading is where a screen reader begins, too.
  function take(member) {
    const isFirst = profile.member === null;
    profile.member = member;
    page.redraw();
    if (isFirst) queueMicrotask(() => document.activeElement === document.body && toHeading());
  }

  async function lookOnce() {
    problem = null;
    try {
      take(await api.get(path));
    } catch (wrong) {
      isGone = wrong.status === 404;
      problem = isGone ? null : wrong;
      page.redraw();
    }
  }

  // What happens while it is being looked at is looked at after that: the newest answer is the last one.
  async function look() {
    isStale = true;
    if (isLooking) return;
    isLooking = true;
    while (isStale) {
      isStale = false;
      await lookOnce();
    }
    isLooking = false;
  }

  // Does what somebody asks for; true when it is done. The answer is the member, maybe with warnings.
  async function decide(request) {
    profile.isBusy = true;
    page.redraw();
    try {
      const { warnings, ...member } = await request();
      profile.warnings = warnings ?? [];
      take(member);
      return true;
    } catch (wrong) {
      sayProblem(wrong);
      return false;
    } finally {
      profile.isBusy = false;
      page.redraw();
    }
  }

  function dismiss() {
    profile.warnings = [];
    page.redraw();
    toHeading();
  }

  function hear(name, data) {
    if (name === "member" && data.member !== page.params.id) return;
    history.hear(name, data);
    look();
  }

  function draw() {
    if (problem) return [heading(t("member.title")), failure(problem, look)];
    if (isGone) return [heading(t("member.title")), empty(t("member.gone"), t("member.gone_text")), history.draw()];
    if (!profile.member) return [heading(t("member.title")), loading()];
    return [
      head(profile, () => edit(profile)), suspension(profile, history.entries()), notices(profile), facts(profile),
      h("div", { class: "profile" }, sync.draw(), decisions(profile), history.draw()),
    ];
  }

  look();
  return {
    title: () => (profile.member ? nameOf(profile.member) : t("member.title")),
    draw: () => [wayBack(`#/orgs/${page.org}/team`, t("nav.team")), draw()],
    hear,
    close: history.close,
  };
}
