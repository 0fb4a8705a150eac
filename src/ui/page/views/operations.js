// SPDX-License-Identifier: MIT
// How the service does: whether it is ready, how its queue stands and stood, what was given up, and how the orgs are
// connected. There is no stream of events for all orgs: it looks again and again.
import * as api from "../core/api.js";
import { h } from "../core/dom.js";
import { heading } from "../core/frame.js";
import { icon } from "../core/icons.js";
import { empty, loading } from "../core/pieces.js";
import { poll } from "../core/poll.js";
import { said } from "../core/sentences.js";
import { number, span, t, time } from "../core/text.js";
import { historyOf } from "./operations_history.js";
import { lettersOf } from "./operations_letters.js";
import { connectionsOf } from "./operations_orgs.js";

const LOOK_MS = 4000;
const MINUTE_MS = 60000;

const REASONS = {
  "Redis does not answer": "operations.reason.redis",
  "the queue is full": "operations.reason.full",
  "it is about to stop": "operations.reason.stopping",
};

// What load balancers ask: {ready, reasons?}; null where there is no answer that makes sense.
async function readiness(signal) {
  try {
    const reply = await fetch("/readyz", { signal });
    return await reply.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return null;
  }
}

// --- what is seen ---

const banner = (kind, ...words) =>
  h("div", { class: `banner ${kind}` }, icon(kind === "good" ? "check" : "warning"), h("p", null, words));

function health({ readiness: about, isOld, seenAt }) {
  const old = isOld && banner("warn", seenAt ? t("operations.old", { time: time(seenAt) }) : t("operations.no_answer"));
  if (!about) return [banner("bad", h("strong", null, t("operations.away")), " ", t("operations.by_itself")), old];
  if (about.ready) return old || banner("good", t("operations.ready"));
  return [
    about.reasons.map((reason) => banner("bad", h("strong", null, t("operations.not_ready")), " ",
      REASONS[reason] ? t(REASONS[reason]) : said(reason))),
    old];
}

const figure = (name, value, hint, kind) => h("div", { class: kind ? `figure ${kind}` : "figure" },
  h("dt", null, name), h("dd", { class: "value" }, value), h("dd", { class: "hint" }, hint));

function figures(isOld, { depth, running, oldest_seconds: oldest, delayed, dead, max_waiting: limit }) {
  const percent = Math.round((depth / limit) * 1000) / 10;
  return h("dl", { class: isOld ? "figures stale" : "figures" },
    figure(t("operations.depth"), number(depth),
      depth ? t("operations.running", { n: running }) : t("operations.nothing_waits")),
    figure(t("operations.oldest"), depth ? span(oldest) : "–", t("operations.oldest_hint")),
    figure(t("operations.delayed"), number(delayed), t("operations.delayed_hint")),
    figure(t("operations.dead"), number(dead),
      t(dead ? "operations.dead_hint" : "operations.dead_none"), dead && "warn"),
    figure(t("operations.limit"), number(limit), t("operations.limit_hint", { percent }), percent >= 80 && "bad"));
}

function numbers({ stats, seenAt, isOld }) {
  if (!stats) return isOld ? null : loading();
  return h("section", { key: "numbers", "aria-labelledby": "numbers" },
    h("div", { class: "heading" }, h("h2", { id: "numbers" }, t("operations.now")),
      h("p", { class: "soft" }, t("operations.as_of", { time: time(seenAt) }))),
    figures(isOld, stats));
}

// --- the view ---

function forbidden() {
  return {
    title: () => t("operations.title"),
    draw: () => [heading(t("operations.title")), empty(t("operations.forbidden"), t("operations.forbidden_text"))],
  };
}

export function open(page) {
  if (!page.may("operate")) return forbidden();
  const state = { isFirst: true, readiness: null, stats: null, seenAt: null, isOld: false };
  const history = historyOf(page);
  const letters = lettersOf(page, () => looking.again());
  const connections = connectionsOf(page);
  let historyAt = 0; // the minute in which it was read

  async function lookAtQueue(signal) {
    state.stats = await api.get("/queue", { signal });
    state.seenAt = new Date().toISOString();
    state.isOld = false;
    const minute = Math.floor(Date.now() / MINUTE_MS);
    if (minute !== historyAt) {
      history.take((await api.get("/queue/history", { signal })).items);
      historyAt = minute;
    }
    await letters.look(state.stats.dead, signal);
  }

  const looking = poll(LOOK_MS, async (signal) => {
    const [about] = await Promise.all([
      readiness(signal),
      lookAtQueue(signal).catch((problem) => {
        if (problem.status === undefined) throw problem;
        state.isOld = true;
      })]);
    if (state.isOld) historyAt = 0;
    state.readiness = about;
    state.isFirst = false;
    page.redraw();
  });

  return {
    title: () => t("operations.title"),
    draw: () => [
      heading(t("operations.title")),
      h("div", { class: "health", role: "status" }, state.isFirst ? loading() : health(state)),
      !state.isFirst && numbers(state),
      history.draw(state.isOld ? null : state.stats),
      letters.draw(),
      connections.draw(),
    ],
    close() {
      looking.stop();
      history.close();
      letters.close();
      connections.close();
    },
  };
}
