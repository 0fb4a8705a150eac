// SPDX-License-Identifier: MIT
// Hiring somebody, and editing what the directory knows of them.
import { show } from "./core/dialog.js";
import { h } from "./core/dom.js";
import { t } from "./core/text.js";
import * as directory from "./directory.js";
import { words } from "./words.js";

const SUGGESTIONS = 8;

// What the form says; null for what is left empty.
function read(form) {
  const data = new FormData(form);
  const text = (name) => data.get(name).trim() || null;
  return {
    givenName: text("givenName"), familyName: text("familyName"), primaryEmail: text("primaryEmail"),
    department: text("department"), manager: text("manager"), isAdmin: data.get("isAdmin") !== null, archived: data.get("archived") !== null,
  };
}

function known(person) {
  return {
    givenName: person.name.givenName || null, familyName: person.name.familyName || null, primaryEmail: person.primaryEmail,
    department: directory.departmentOf(person) || null, manager: directory.managerOf(person) || null,
    isAdmin: person.isAdmin, archived: person.archived,
  };
}

// An address and rights are changed by calls of their own, as over there. Promises how many channels were told of it,
// all calls together; null: nothing is different.
async function save(person, wanted) {
  const before = known(person);
  const { primaryEmail, isAdmin, ...fields } = wanted;
  const changed = Object.fromEntries(Object.entries(fields).filter(([name, value]) => value !== before[name]));
  const done = [];
  if (Object.keys(changed).length) done.push(await directory.change(person.id, changed));
  if (primaryEmail !== before.primaryEmail) done.push(await directory.act(person.id, "rename", { primaryEmail }));
  if (isAdmin !== before.isAdmin) done.push(await directory.act(person.id, isAdmin ? "make-admin" : "revoke-admin"));
  return done.length ? done.reduce((sum, { channelsTold }) => sum + channelsTold, 0) : null;
}

const field = (name, label, props, hint) => h("div", { class: "field" }, h("label", { for: name }, label),
  h("input", { id: name, name, autocomplete: "off", "aria-describedby": hint ? `${name}-hint` : null, ...props }),
  hint && h("p", { class: "hint", id: `${name}-hint` }, hint));

const tick = (name, label, isChecked) => h("label", { class: "yes-no" }, h("input", { type: "checkbox", name, checked: isChecked }), label);

function form(person, { managers, suggest, wrong, submit, leave }) {
  const now = person ? known(person) : {};
  return h("form", { onsubmit: submit },
    h("div", { class: "body" },
      wrong && h("p", { class: "banner bad", role: "alert" }, wrong),
      h("div", { class: "pair" },
        field("givenName", t("person.given_name"), { value: now.givenName, required: true, maxlength: 60 }),
        field("familyName", t("person.family_name"), { value: now.familyName, maxlength: 60 })),
      field("primaryEmail", t("person.address"), { type: "email", value: now.primaryEmail, required: true },
        person ? t("person.address_hint") : null),
      field("department", t("person.department"), { value: now.department, maxlength: 100 }),
      field("manager", t("person.manager"), { type: "email", value: now.manager, list: "managers", oninput: suggest },
        t("person.manager_hint")),
      h("datalist", { id: "managers" }, managers.map((one) =>
        h("option", { value: one.primaryEmail, key: one.id }, directory.nameOf(one)))),
      tick("isAdmin", t("person.is_admin"), now.isAdmin),
      person && tick("archived", t("person.is_archived"), now.archived)),
    h("footer", null, h("button", { type: "button", onclick: leave }, t("common.cancel")),
      h("button", { class: "primary" }, person ? t("common.save") : t("person.hire"))));
}

// Shows the form: of `person`, or of a newcomer (null). Promises {name, told}, or undefined when nothing was done.
export function edit(person) {
  let managers = [];
  let wrong = null;

  return show({
    title: person ? t("person.edit_title", { name: directory.nameOf(person) }) : t("person.hire_title"),
    draw: (dialog) => form(person, {
      managers,
      wrong,
      leave: () => dialog.close(),
      async suggest(event) {
        managers = await directory.find({ q: event.target.value, limit: SUGGESTIONS }).catch(() => []);
        dialog.redraw();
      },
      async submit(event) {
        event.preventDefault();
        const wanted = read(event.target);
        try {
          const told = person ? await save(person, wanted) : await hire(wanted);
          dialog.close(told === null ? undefined : { name: `${wanted.givenName} ${wanted.familyName ?? ""}`.trim(), told });
        } catch (refusal) {
          wrong = refusal.status === 400 ? t("problem.address") : words(refusal);
          dialog.redraw();
        }
      },
    }),
  });
}

async function hire({ archived, ...fields }) {
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return (await directory.hire(Object.fromEntries(given))).channelsTold;
}
