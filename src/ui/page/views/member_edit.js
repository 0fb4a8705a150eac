// SPDX-License-Identifier: MIT
// Editing a member. Who edits what the directory keeps is told before they save.
import * as api from "../core/api.js";
import { show } from "../core/dialog.js";
import { h } from "../core/dom.js";
import { dialogForm, field } from "../core/form.js";
import { icon } from "../core/icons.js";
import { nameOf } from "../core/pieces.js";
import { say, words } from "../core/say.js";
import { t } from "../core/text.js";
import { isSynced, roleName } from "./member_facts.js";

const OWN_WORD = "=";
const SUGGESTIONS = 8;

// What the form holds; empty is none.
const valuesOf = ({ name, role, team, manager }) =>
  ({ name: name ?? "", role, ownRole: "", team: team ?? "", manager: manager?.email ?? "" });

// --- the change ---

// The member with this address, or null.
async function managerBy(page, email) {
  if (!email) return null;
  if (!email.includes("@")) return undefined;
  const { items } = await api.get(`/orgs/${page.org}/members`, { query: { email } });
  return items[0];
}

// What differs, as the API takes it.
async function changeOf({ page }, before, now) {
  const change = {};
  const role = now.role === OWN_WORD ? now.ownRole : now.role;
  if (now.name !== before.name) change.name = now.name;
  if (role !== before.role) change.role = role;
  if (now.team !== before.team) change.team = now.team || null;
  if (now.manager !== before.manager) {
    const manager = await managerBy(page, now.manager);
    if (manager === undefined) throw new Error("manager");
    change.manager_id = manager?.id ?? null;
  }
  return change;
}

// --- the form ---

function roleField(member, values, change) {
  if (member.role === "owner") {
    return field("role", t("member.edit.role"), h("input", { id: "role", value: roleName("owner"), disabled: true,
      "aria-describedby": "role-hint" }), t("member.edit.role_of_owner"));
  }
  const roles = [...new Set(["member", "admin", member.role])];
  return [
    field("role", t("member.edit.role"), h("select", { id: "role", value: values.role, onchange: change("role") },
      roles.map((role) => h("option", { value: role }, roleName(role))),
      h("option", { value: OWN_WORD }, t("member.edit.role_other")))),
    values.role === OWN_WORD && field("ownRole", t("member.edit.role_word"),
      h("input", { id: "ownRole", value: values.ownRole, required: true, maxlength: 100, pattern: "(?!owner$).+",
        "aria-describedby": "ownRole-hint", oninput: change("ownRole") }), t("member.edit.role_word_hint")),
  ];
}

// A field that the directory keeps looks like it. The warning is there as soon as it is touched.
function keptField(name, isKept, warning, input) {
  const hint = `${name}-hint`;
  return h("div", { class: "field", key: name },
    h("label", { for: name }, t(`member.edit.${name}`), isKept && icon("lock")), input,
    h("p", { class: warning ? "hint warned" : "hint", id: hint, role: "status" },
      warning ?? t(isKept ? "member.edit.kept" : `member.edit.${name}_hint`)));
}

// Suggests whom to choose: by name or address, as somebody types.
function suggestions(page) {
  let found = [];
  let asked = null;
  return {
    draw: () => h("datalist", { id: "manager-list" },
      found.map((one) => h("option", { key: one.id, value: one.email }, nameOf(one)))),
    async ask(text, redraw) {
      asked?.abort();
      asked = new AbortController();
      const query = { q: text, limit: SUGGESTIONS };
      const reply = await api.get(`/orgs/${page.org}/members`, { query, signal: asked.signal }).catch(() => null);
      if (!reply) return;
      found = reply.items;
      redraw();
    },
  };
}

export async function edit(profile) {
  const { page, member } = profile;
  const before = valuesOf(member);
  const values = { ...before };
  const isKept = isSynced(member, page.connection());
  let teams = [];
  let wrong = null;
  let isSaving = false;
  const managers = suggestions(page);

  function form(dialog) {
    const warningOf = (name) => (isKept && values[name].trim() !== before[name]
      ? t(`member.edit.${name}_warned`, { when: t(`member.edit.when.${page.connection().state}`) }) : null);
    const change = (name) => (event) => {
      values[name] = event.target.value;
      wrong = null;
      if (name === "manager") managers.ask(values.manager.trim(), dialog.redraw);
      dialog.redraw();
    };

    async function save() {
      isSaving = true;
      wrong = null;
      dialog.redraw();
      const now = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()]));
      try {
        const wanted = await changeOf(profile, before, now);
        const reply = Object.keys(wanted).length > 0 ? await api.patch(profile.path, wanted) : null;
        dialog.close(reply);
      } catch (problem) {
        wrong = problem.message === "manager" ? t("member.edit.manager_unknown") : words(problem);
        isSaving = false;
        dialog.redraw();
      }
    }

    const go = t(warningOf("team") || warningOf("manager") ? "member.edit.save_anyway" : "common.save");
    return dialogForm(dialog, { go, submit: save, wrong, isBusy: isSaving },
      field("name", t("member.edit.name"), h("input", { id: "name", value: values.name, maxlength: 200,
        required: before.name !== "", oninput: change("name") })),
      roleField(member, values, change),
      keptField("team", isKept, warningOf("team"), h("input", { id: "team", value: values.team, maxlength: 200,
        list: "team-list", "aria-describedby": "team-hint", oninput: change("team") })),
      h("datalist", { id: "team-list" }, teams.map((team) => h("option", { key: team, value: team }))),
      keptField("manager", isKept, warningOf("manager"), h("input", { id: "manager", value: values.manager,
        list: "manager-list", autocomplete: "off", "aria-describedby": "manager-hint", oninput: change("manager") })),
      managers.draw());
  }

  const saved = show({ title: t("member.edit.title", { name: nameOf(member) }), draw: form });
  api.get(`/orgs/${page.org}/teams`, { query: { limit: 100 } })
    .then(({ items }) => { teams = items.map(({ team }) => team); }, () => {}); // then none are suggested
  const reply = await saved;
  if (reply && await profile.decide(async () => reply)) say(t("member.edit.done"));
}
