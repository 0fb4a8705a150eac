// SPDX-License-Identifier: MIT
// A new org: its name, and the id that stays.
import * as api from "../core/api.js";
import { show } from "../core/dialog.js";
import { h } from "../core/dom.js";
import { dialogForm, field } from "../core/form.js";
import { say, words } from "../core/say.js";
import { t } from "../core/text.js";

const LETTERS = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };

// "Müller & Söhne GmbH" → "mueller-soehne-gmbh"
const idOf = (name) => name.toLowerCase().replace(/[äöüß]/g, (letter) => LETTERS[letter])
  .normalize("NFD").replace(/\p{M}/gu, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63);

// Asks, and promises the org that was made; undefined when nothing was.
export function createOrg() {
  let wrong = null;
  let isBusy = false;
  let suggested = "";

  function suggest(event) {
    const input = event.target.form.elements.id;
    if (input.value !== suggested) return; // somebody has chosen one
    suggested = idOf(event.target.value);
    input.value = suggested;
  }

  async function submit(form, dialog) {
    const wanted = Object.fromEntries(new FormData(form));
    isBusy = true;
    dialog.redraw();
    try {
      const org = await api.post("/orgs", { id: wanted.id.trim(), name: wanted.name.trim() });
      say(t("orgs.was_created", { name: org.name }));
      dialog.close(org);
    } catch (problem) {
      wrong = problem.status === 409 ? t("orgs.exists", { id: wanted.id }) : words(problem);
      isBusy = false;
      dialog.redraw();
    }
  }

  return show({
    title: t("orgs.create"),
    draw: (dialog) => dialogForm(dialog, {
      go: t("orgs.create"), submit: (form) => submit(form, dialog), wrong, isBusy,
    },
    field("new-name", t("orgs.name"), h("input", { id: "new-name", name: "name", required: true, maxlength: 200,
      autocomplete: "off", oninput: suggest })),
    field("new-id", t("orgs.id"), h("input", { id: "new-id", name: "id", required: true,
      pattern: "[a-z0-9\\-]{1,63}", title: t("orgs.new_id_hint"), autocapitalize: "off", spellcheck: "false",
      autocomplete: "off", "aria-describedby": "new-id-hint" }), t("orgs.new_id_hint"))),
  });
}
