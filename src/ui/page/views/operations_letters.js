// SPDX-License-Identifier: MIT
// Jobs that were given up: why, and what to do about it.
import * as api from "../core/api.js";
import { ask } from "../core/dialog.js";
import { h } from "../core/dom.js";
import { toHeading } from "../core/frame.js";
import { icon } from "../core/icons.js";
import { empty, failure, loading, moreButton, when } from "../core/pieces.js";
import { said } from "../core/sentences.js";
import { say, sayProblem } from "../core/say.js";
import { table } from "../core/table.js";
import { number, t } from "../core/text.js";
import { inTurns } from "../core/turns.js";

const PAGE = 20;
const MOST = 500; // in one answer
const AT_ONCE = 4;
const MINUTE_MS = 60000;
const TYPES = new Set(["user", "resync", "channels", "mail"]);

// --- a letter ---

// Anybody may have written it: what has no type that is known, or no org, never was a job, and cannot be tried.
const isJob = ({ job }) => TYPES.has(job.type) && Boolean(job.org);

const raw = (job) => Object.entries(job).map(([name, value]) => `${name}=${value}`).join(" ");

function inWords(letter) {
  const { job } = letter;
  if (!isJob(letter)) return `${t("operations.job.none")} ${raw(job)}`;
  const kind = job.mode === "preview" ? "preview" : job.type;
  return t(`operations.job.${kind}`, { org: job.org, user: job.user ?? "?", member: job.member ?? "?" });
}

function why({ reason, first_error: first }) {
  return h("div", { class: "why" }, h("span", null, reason ? said(reason) : "–"),
    first && first !== reason && h("span", { class: "soft" }, t("operations.first_error"), " ", said(first)));
}

// When it was given up; and when it began, if that took a while.
function dates({ died_at: died, queued_at: queued }) {
  const took = queued && Date.parse(died) - Date.parse(queued) > MINUTE_MS;
  return h("div", { class: "why" }, h("span", null, when(died)),
    took && h("span", { class: "soft" }, t("operations.queued"), " ", when(queued)));
}

const columns = () => [
  { key: "job", title: t("operations.letter.job") },
  { key: "why", title: t("operations.letter.why") },
  { key: "tried", title: t("operations.letter.tried"), kind: "number" },
  { key: "died", title: t("operations.letter.died") },
  { key: "acts", title: t("operations.letter.acts"), kind: "acts" },
];

// --- all of them again ---

// Goes through the letters that there are now; those that come back meanwhile are newer than the first page.
async function retryAll({ signal, told }) {
  let cursor = null;
  do {
    const page = await api.get("/dead-letters", { query: { limit: MOST, cursor }, signal });
    await inTurns(page.items, AT_ONCE, async ({ id }) => {
      signal.throwIfAborted();
      try {
        await api.post(`/dead-letters/${id}/retry`, undefined, { signal });
        told("queued");
      } catch (problem) {
        if (problem.status !== 409 && problem.status !== 404) throw problem;
        told(problem.status === 409 ? "refused" : "gone");
      }
    });
    cursor = page.next_cursor;
  } while (cursor);
}

// --- the section ---

// `changed` is called when the queue's figures are others now.
export function lettersOf(page, changed) {
  let items = null;
  let isMore = false;
  let wanted = PAGE;
  let dead = null; // how many there were when they were read
  let problem = null;
  const busy = new Set();
  let work = null; // {of, queued, refused, gone, controller}

  async function load(signal) {
    try {
      const found = await api.get("/dead-letters", { query: { limit: wanted }, signal });
      items = found.items;
      isMore = found.next_cursor !== null;
      problem = null;
    } catch (error) {
      if (error.status === undefined) throw error;
      problem = error;
    }
    page.redraw();
  }

  // Reads them where there are more or fewer than before.
  async function look(now, signal) {
    if (now === dead && !problem) return;
    await load(signal);
    dead = problem ? null : now;
  }

  async function more() {
    wanted = Math.min(wanted * 2, MOST);
    await load();
  }

  async function decide({ id }, send, done) {
    busy.add(id);
    page.redraw();
    try {
      await send(`/dead-letters/${id}`);
      say(done);
    } catch (error) {
      if (error.status === 404) say(t("operations.letter.gone"), "problem");
      else sayProblem(error);
    }
    busy.delete(id);
    await load();
    toHeading("#letters");
    changed();
  }

  const retry = (letter) => decide(letter, (path) => api.post(`${path}/retry`), t("operations.letter.queued"));

  async function drop(letter) {
    const isSure = await ask({
      title: t("operations.letter.drop_title"), confirm: t("operations.letter.drop"), isDangerous: true,
      body: [h("p", null, inWords(letter)), h("p", null, t("operations.letter.drop_text"))],
    });
    if (isSure) await decide(letter, (path) => api.remove(path), t("operations.letter.dropped"));
  }

  function outcome({ queued, refused, gone }) {
    return [t("operations.all.queued", { n: queued }), refused > 0 && t("operations.all.refused", { n: refused }),
      gone > 0 && t("operations.all.gone", { n: gone })].filter(Boolean).join(" ");
  }

  async function all() {
    const isSure = await ask({
      title: t("operations.all.title", { n: dead }), body: t("operations.all.text"), confirm: t("operations.all.go") });
    if (!isSure) return;
    const mine = { of: dead, queued: 0, refused: 0, gone: 0, controller: new AbortController() };
    work = mine;
    page.redraw();
    try {
      await retryAll({ signal: mine.controller.signal, told: (how) => { mine[how] += 1; page.redraw(); } });
    } catch (error) {
      sayProblem(error);
    }
    work = null;
    if (mine.isLeft) return;
    say(outcome(mine), mine.queued > 0 || mine.refused === 0 ? "done" : "problem");
    await load();
    toHeading("#letters");
    changed();
  }

  function progress() {
    const through = work.queued + work.refused + work.gone;
    const words = t("operations.all.progress", { through, of: Math.max(work.of, through) });
    return h("div", { class: "progress", key: "progress" },
      h("p", null, words),
      h("progress", { "aria-label": t("operations.all.go"), max: Math.max(work.of, through, 1), value: through }),
      h("button", { type: "button", onclick: () => work.controller.abort() }, t("operations.all.stop")));
  }

  function act(letter, name, decision) {
    return h("button", { type: "button", key: name, "aria-label": `${name}: ${inWords(letter)}`,
      disabled: busy.has(letter.id) || work !== null, onclick: () => decision(letter) }, name);
  }

  const acts = (letter) => h("div", { class: "actions" },
    isJob(letter) && act(letter, t("operations.letter.retry"), retry),
    act(letter, t("operations.letter.drop"), drop));

  const row = (letter) => ({ key: letter.id, cells: [
    inWords(letter), why(letter), letter.attempts ? number(letter.attempts) : "–", dates(letter), acts(letter)] });

  function list() {
    if (problem && !items) return failure(problem, () => load());
    if (!items) return loading();
    if (items.length === 0) return empty(t("operations.letter.none"), t("operations.letter.none_text"));
    return [
      table({ label: t("operations.letters"), columns: columns(), rows: items.map(row) }),
      isMore && wanted < MOST && moreButton(more),
    ];
  }

  const draw = () => h("section", { key: "letters", "aria-labelledby": "letters" },
    h("div", { class: "heading" }, h("h2", { id: "letters", tabindex: "-1" }, t("operations.letters")),
      items?.length > 0 && !work && h("button", { type: "button", onclick: all },
        icon("sync"), t("operations.all.go"))),
    work && progress(), list());

  function close() {
    if (!work) return;
    work.isLeft = true;
    work.controller.abort();
  }

  return { look, draw, close };
}
