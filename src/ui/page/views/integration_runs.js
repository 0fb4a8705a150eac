// SPDX-License-Identifier: MIT
// The last resyncs in words, the one that runs with how far it is, and undoing one's suspensions.
import * as api from "../core/api.js";
import { ask } from "../core/dialog.js";
import { h } from "../core/dom.js";
import { toHeading } from "../core/frame.js";
import { badge, empty, failure, loading, moreButton, when } from "../core/pieces.js";
import { say, sayProblem } from "../core/say.js";
import { called, said } from "../core/sentences.js";
import { table } from "../core/table.js";
import { has, t } from "../core/text.js";

const SHOWN_FIRST = 10;
const COUNTED = ["changed", "linked", "suspended", "reinstated", "held", "invited", "failed", "corrections", "undone"];
const KIND = { running: "info", done: "good", held: "warn", failed: "bad", lost: "quiet" };

export function runsOf(page) {
  let runs = null;
  let problem = null;
  let shown = SHOWN_FIRST;
  let isAsked = false; // for one that has not begun

  async function load() {
    problem = null;
    try {
      const { items } = await api.get(`/orgs/${page.org}/resyncs`, { query: { limit: 100 } });
      if (items[0]?.id !== runs?.[0]?.id) isAsked = false;
      runs = items;
    } catch (why) {
      problem = why;
    }
    page.redraw();
  }

  function hear(name, run) {
    if (name === "reset") load();
    if (name !== "run" || !runs) return;
    const place = runs.findIndex((one) => one.id === run.id);
    if (place < 0) {
      runs.unshift(run);
      isAsked = false;
    } else {
      runs[place] = run;
    }
    page.redraw();
  }

  async function resync() {
    isAsked = true;
    page.redraw();
    await api.post(`/orgs/${page.org}/resync`, { mode: "apply" }).catch((why) => {
      isAsked = false;
      sayProblem(why);
      page.redraw();
    });
  }

  async function undo(run) {
    const body = t("integration.undo_means", { n: run.suspended - run.undone });
    const question = { title: t("integration.undo_title"), body, confirm: t("integration.undo") };
    if (!await ask({ ...question, isDangerous: true })) return;
    try {
      const { members } = await api.post(`/orgs/${page.org}/resyncs/${run.id}/undo`);
      say(members ? t("integration.undone", { n: members }) : t("integration.undone_none"));
      await load();
      toHeading("#runs");
    } catch (why) {
      sayProblem(why);
    }
  }

  const isUndoable = ({ mode, state, suspended, undone }) =>
    mode === "apply" && state !== "running" && suspended > undone && page.may("members:manage");

  const columns = () => ["when", "outcome", "cause"].map((key) => ({ key, title: t(`integration.run.${key}`) }));

  const row = (run) => ({ key: run.id, cells: [when(run.started_at), outcome(run, page, isUndoable(run)
    && h("button", { type: "button", onclick: () => undo(run) }, t("integration.undo"))), cause(run)] });

  function list() {
    if (problem) return failure(problem, load);
    if (!runs) return loading();
    if (!runs.length) return empty(t("integration.runs_none"));
    return [table({ label: t("integration.runs"), columns: columns(), rows: runs.slice(0, shown).map(row) }),
      runs.length > shown && moreButton(() => { shown = Infinity; page.redraw(); })];
  }

  load();
  return {
    hear,
    resync,
    isBusy: () => isAsked || Boolean(runs?.some((run) => run.state === "running")),
    draw: () => h("section", { class: "runs", key: "runs" },
      h("h2", { id: "runs", tabindex: "-1" }, t("integration.runs")),
      isAsked && h("p", { class: "loading", role: "status" }, t("integration.resync_asked")), list()),
  };
}

// --- one of them ---

// While it runs the number of people is not known: about as many as there were.
function progress(run, { directory_users: total = 0 }) {
  const isKnown = total >= run.users && total > 0;
  const told = isKnown ? t("integration.run_so_far", { users: run.users, n: total })
    : t("integration.run_users", { n: run.users });
  return [isKnown ? h("progress", { key: "share", "aria-label": told, max: total, value: run.users })
    : h("progress", { key: "unknown", "aria-label": told }), h("p", { class: "soft" }, told)];
}

function figures(run) {
  const told = COUNTED.filter((name) => run[name] > 0).map((name) => t(`integration.did.${name}`, { n: run[name] }));
  const users = t("integration.run_users", { n: run.users });
  return [users, ...(told.length ? told : [t("integration.did_nothing")])].join(" · ");
}

const toHold = (page) => h("a", { href: `#/orgs/${page.org}/hold` }, t("integration.to_hold"));

function told(run, page) {
  if (run.state === "running") return progress(run, page.connection() ?? {});
  if (run.state === "failed") return h("p", null, run.error ? said(run.error) : t("integration.run_failed"));
  if (run.state === "held") return h("p", null, t("integration.run_held"), " ", toHold(page));
  if (run.state === "lost") return h("p", null, t("integration.run_lost"));
  return h("p", null, figures(run), run.mode === "apply" && run.held > 0 && [" · ", toHold(page)]);
}

const outcome = (run, page, deed) => h("div", { class: "outcome" },
  h("div", null, badge(KIND[run.state], t(`integration.run_state.${run.state}`)),
    run.mode === "preview" && [" ", badge("quiet", t("integration.run_preview"))]),
  told(run, page), deed && h("div", { class: "actions" }, deed));

// A cause that nobody knows here is shown as it is: jobs may be queued with any.
function cause(run) {
  const key = `integration.cause.${run.cause.replaceAll("-", "_")}`;
  const words = has(key) ? t(key) : run.cause;
  return run.by ? t("integration.cause_by", { cause: words, name: called(run.by) }) : words;
}
