// SPDX-License-Identifier: MIT
// What the guard has stopped, and a person's decision on exactly what they see: the digest of the list that is shown
// goes along. A list that somebody reads is not swapped under their hands; they are told that there is a newer one.
import * as api from "../core/api.js";
import { ask } from "../core/dialog.js";
import { h } from "../core/dom.js";
import { heading } from "../core/frame.js";
import { icon } from "../core/icons.js";
import { loading } from "../core/pieces.js";
import { sayProblem } from "../core/say.js";
import { t } from "../core/text.js";
import { whomToAsk } from "../core/whom.js";
import { drawCalm } from "./hold_calm.js";
import * as words from "./hold_words.js";
import { drawList, keyOf } from "./hold_list.js";

export function open(page) {
  const mayDecide = page.may("members:manage");
  let seen = null; // the hold that is shown
  let fresh = new Set(); // what was not on the list before
  let outcome = null; // {kind, text()}: of the last decision
  let search = "";
  let isBusy = false;

  // Takes over how things stand, unless somebody reads another list. True: they do.
  function look() {
    const latest = page.hold();
    const isOther = Boolean(seen?.open) && latest.digest !== seen.digest;
    if (!isOther) seen = latest;
    return isOther;
  }

  // Shows the list as it is now, and marks what is new on it.
  function showLatest() {
    const known = new Set(seen.items.map(keyOf));
    const before = seen.items.length;
    seen = page.hold();
    fresh = new Set(seen.items.map(keyOf).filter((key) => !known.has(key)));
    search = "";
    page.redraw();
    return { fresh: fresh.size, gone: before - (seen.items.length - fresh.size) };
  }

  function tell(kind, text) {
    outcome = { kind, text };
    page.redraw();
    queueMicrotask(() => document.getElementById("outcome").focus()); // what was pressed may be gone
  }

  function showAgain() {
    const changes = showLatest();
    const isOpen = seen.open;
    tell("info", () => (isOpen ? words.changes(changes) : t("hold.over")));
  }

  // Somebody else was quicker, or the directory has gone on: nothing was done.
  async function onRefused() {
    await page.refresh();
    const changes = showLatest();
    const isOpen = seen.open;
    tell("warn", () => (isOpen ? words.refused(changes) : t("hold.decided_meanwhile")));
  }

  async function send(what) {
    const decided = seen;
    isBusy = true;
    page.redraw();
    try {
      await api.post(`/orgs/${page.org}/hold/${what}`, { digest: decided.digest });
      await page.refresh();
      seen = null;
      fresh = new Set();
      tell("good", () => words.done(what, decided));
    } catch (problem) {
      if (problem.status === 409 || problem.status === 404) await onRefused();
      else sayProblem(problem);
    }
    isBusy = false;
    page.redraw();
  }

  async function decide(what) {
    const question = {
      title: words.question(what, seen),
      body: words.consequences(what, seen),
      confirm: words.button(what, seen),
      isDangerous: what === "approve",
    };
    if (await ask(question)) await send(what);
  }

  function onSearch(text) {
    search = text;
    page.redraw();
  }

  const button = (what, kind) =>
    h("button", { type: "button", class: kind, disabled: isBusy, onclick: () => decide(what) },
      words.button(what, seen));

  const drawDecision = () => h("div", { class: "decision", key: "decision" },
    h("p", null, words.waits(seen)),
    h("div", { class: "actions" }, button("reject"), button("approve", "danger")));

  const drawNewer = () => h("div", { class: "banner warn", key: "newer", role: "status" },
    h("p", null, page.hold().open ? t("hold.newer") : t("hold.newer_is_over")),
    h("button", { type: "button", onclick: showAgain }, t("hold.show_newer")));

  const drawOpen = () => [
    h("section", { class: "card", key: "why" },
      h("h2", { class: "with-icon" }, icon("hold"), words.waits(seen)),
      words.why(seen),
      !mayDecide && h("div", { class: "banner info" },
        h("p", null, t("hold.may_not")), whomToAsk(page, "members:manage"))),
    seen.items.length > 0 && drawList({ hold: seen, fresh, search, onSearch, org: page.org }),
    mayDecide && drawDecision(),
  ];

  function draw() {
    const head = heading(t("hold.title"));
    if (!page.hold()) return [head, loading()];
    const isOther = look();
    return [head,
      outcome && h("p", { class: `banner ${outcome.kind}`, key: "outcome", id: "outcome", tabindex: "-1" },
        outcome.text()),
      isOther && drawNewer(),
      seen.open ? drawOpen() : drawCalm(page, seen)];
  }

  return { title: () => t("hold.title"), draw };
}
