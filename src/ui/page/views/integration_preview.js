// SPDX-License-Identifier: MIT
// What a resync would change: the whole directory is read for it, so it takes its time.
import * as api from "../core/api.js";
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { memberPath } from "../core/pieces.js";
import { refusal } from "../core/refusals.js";
import { table } from "../core/table.js";
import { duration, parts, t } from "../core/text.js";

const SHOWN_FIRST = 10; // the notice and the button follow
const COUNTED = ["linked", "suspended", "held", "reinstated", "failed"];

// --- reading ---

// `preview()` is what was read, null until then; `lookedAt()` says through which connection: when that was made.
// `level` is that of its headings.
export function previewing(page, level) {
  let preview = null;
  let problem = null;
  let shown = SHOWN_FIRST;
  let began = null;
  let connectedAt = null;
  let wish = null; // of the request that is under way
  let clock = null;

  function end() {
    wish?.abort();
    clearInterval(clock);
    wish = null;
  }

  async function begin() {
    end();
    [preview, problem, shown, began] = [null, null, SHOWN_FIRST, Date.now()];
    connectedAt = page.connection().connected_at;
    const mine = new AbortController();
    wish = mine;
    clock = setInterval(page.redraw, 1000);
    page.redraw();
    try {
      preview = await api.get(`/orgs/${page.org}/connection/preview`, { signal: mine.signal });
    } catch (why) {
      if (why.name === "AbortError") return;
      problem = why;
      if (why.status === 409) page.refresh();
    }
    end();
    page.redraw();
  }

  function stop() {
    end();
    [preview, problem] = [null, null];
    page.redraw();
  }

  const reading = () => h("div", { class: "reading" },
    h("p", { role: "status" }, t("integration.reading")),
    h("progress", { "aria-label": t("integration.reading") }),
    h("p", { class: "soft" }, t("integration.reading_since", { span: duration((Date.now() - began) / 1000) })),
    h("div", { class: "actions" }, h("button", { type: "button", onclick: stop }, t("common.cancel"))));

  function more() {
    shown = Infinity;
    page.redraw();
  }

  return {
    begin,
    stop,
    close: end,
    preview: () => preview,
    lookedAt: () => connectedAt,
    isIdle: () => !wish && !preview && !problem,
    draw() {
      if (wish) return reading();
      if (problem) return refusal(problem, { again: begin });
      return preview && draw(page, preview, { level, shown, more });
    },
  };
}

// --- showing ---

const value = (text) => (text === null ? h("span", { class: "soft" }, t("integration.none")) : h("b", null, text));

function change(field, { before, after }, reason) {
  const named = (what) => value(field === "status" ? t(`status.${what}`) : what);
  const values = { field: t(`integration.field.${field}`), before: named(before), after: named(after) };
  return h("li", { key: field }, parts("integration.change", values),
    reason && [" ", h("span", { class: "soft" }, t(`integration.because.${reason}`))]);
}

function changes(item) {
  const fields = Object.keys(item.changes);
  return h("ul", { class: "would" },
    fields.map((field) => change(field, item.changes[field], field === "status" && item.reason)),
    fields.length === 0 && h("li", null, t("integration.only_linked")));
}

const COLUMNS = () => [
  { key: "member", title: t("integration.column.member") },
  { key: "changes", title: t("integration.column.changes") }];

const row = (page, item) => ({ key: item.member, cells: [
  h("a", { href: memberPath(page.org, item.member) }, item.email), changes(item)] });

function list(page, { level, name, items, shown }) {
  const isWarning = name === "edited";
  const title = t(`integration.list.${name}`, { n: items.length });
  return items.length > 0 && h("section", { class: isWarning ? "preview-part overwritten" : "preview-part", key: name },
    h(level, null, isWarning && icon("warning"), title),
    table({ label: title, columns: COLUMNS(), rows: items.slice(0, shown).map((item) => row(page, item)) }));
}

const counted = (figures) => h("ul", { class: "effects" }, COUNTED.filter((name) => figures[name] > 0)
  .map((name) => h("li", { key: name }, t(`integration.would.${name}`, { n: figures[name] }))));

const loss = (lost) => h("p", { class: "notice bad", key: "loss" },
  h("b", null, t(`integration.loss_${lost.field}`, lost)), " ", t("integration.loss_means"));

// Manual edits that would be lost come first.
function sum({ changed, users }, lost) {
  if (changed) return t("integration.sum", { n: changed, users });
  return t(lost ? "integration.sum_lost" : "integration.sum_none", { users });
}

function draw(page, { figures, items, field_loss: lost }, { level, shown, more }) {
  const edited = items.filter((item) => item.overwrites_manual_edit);
  const others = items.filter((item) => !item.overwrites_manual_edit);
  const left = others.length - shown;
  const unlisted = figures.changed - items.length;
  return h("div", { class: "preview", key: "preview" },
    h("p", { class: "sum", tabindex: "-1", ref: (element) => queueMicrotask(() => element.focus()) },
      sum(figures, lost)),
    lost && loss(lost), counted(figures),
    list(page, { level, name: "edited", items: edited, shown: Infinity }),
    list(page, { level, name: "others", items: others, shown }),
    left > 0 && h("button", { type: "button", onclick: more }, t("integration.all_others", { n: left })),
    unlisted > 0 && h("p", { class: "soft" }, t("integration.unlisted", { n: unlisted })));
}
