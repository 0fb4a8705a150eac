// SPDX-License-Identifier: MIT
// Where a person's team is read in the directory, and whether what is empty there is emptied here.
import { h } from "../core/dom.js";
import { check, field } from "../core/form.js";
import { t } from "../core/text.js";

const CUSTOM = "custom";
const SOURCES = ["department", "org_unit", "cost_center", CUSTOM];

const kindOf = (source) => (source.startsWith(`${CUSTOM}:`) ? CUSTOM : source);
const customOf = (source) => (kindOf(source) === CUSTOM ? source.slice(CUSTOM.length + 1) : "");

function sourceSentence(source) {
  const kind = kindOf(source);
  return kind === CUSTOM ? t("settings.source_custom_is", { field: customOf(source) }) : t(`settings.source.${kind}`);
}

export function syncing({ page, save, org }) {
  let chosen = null; // another source than the one that is saved

  const source = () => chosen ?? kindOf(org().sync.team_from);

  function choose(event) {
    chosen = event.target.value;
    page.redraw();
  }

  async function submit(event) {
    event.preventDefault();
    const { custom, clear_missing: clear } = event.target.elements;
    const from = source() === CUSTOM ? `${CUSTOM}:${custom.value.trim()}` : source();
    await save({ sync: { team_from: from, clear_missing: clear.checked } });
    chosen = null;
    page.redraw();
  }

  const customField = () => field("custom", t("settings.custom"),
    h("input", { id: "custom", name: "custom", value: customOf(org().sync.team_from), required: true, maxlength: 140,
      spellcheck: "false", pattern: "[A-Za-z0-9_\\-]+\\.[A-Za-z0-9_\\-]+", title: t("settings.custom_hint"),
      "aria-describedby": "custom-hint" }),
    t("settings.custom_hint"));

  return {
    key: "sync",
    takes: ["integrations:manage"],
    facts: () => [
      [t("settings.team_from"), sourceSentence(org().sync.team_from)],
      [t("settings.clear_missing"), t(org().sync.clear_missing ? "settings.clear_yes" : "settings.clear_no")]],
    form: () => h("form", { onsubmit: submit },
      field("team_from", t("settings.team_from"),
        h("select", { id: "team_from", value: source(), onchange: choose, "aria-describedby": "team_from-hint" },
          SOURCES.map((one) => h("option", { value: one }, t(`settings.source.${one}`)))),
        t("settings.team_from_hint")),
      source() === CUSTOM && customField(),
      check("clear_missing", t("settings.clear_missing"), org().sync.clear_missing, t("settings.clear_missing_hint")),
      h("div", { class: "actions" }, h("button", null, t("settings.sync_save")))),
  };
}
