// SPDX-License-Identifier: MIT
// Hiring somebody, and editing what the directory knows of them.
import { show } from "./core/dialog.js";
import { h } from "./core/dom.js";
import { check, dialogForm, field } from "./core/form.js";
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
    department: text("department"), manager: text("manager"),
    isAdmin: data.get("isAdmin") !== null, archived: data.get("archived") !== null,
  };
}

function known(person) {
  return {
    givenName: person.name.givenName || null, familyName: person.name.familyName || null,
    primaryEmail: person.primaryEmail, department: directory.departmentOf(person) || null,
    manager: directory.managerOf(person) || null,
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

const input = (name, label, props, hint) => field(name, label,
  h("input", { id: name, name, autocomplete: "off", "aria-describedby": hint && `${name}-hint`, ...props }), hint);

const fields = (now, person, { managers, suggest }) => [
  h("div", { class: "pair" },
    input("givenName", t("person.given_name"), { value: now.givenName, required: true, maxlength: 60 }),
    input("familyName", t("person.family_name"), { value: now.familyName, maxlength: 60 })),
  input("primaryEmail", t("person.address"), { type: "email", value: now.primaryEmail, required: true },
    person && t("person.address_hint")),
  input("department", t("person.department"), { value: now.department, maxlength: 100 }),
  input("manager", t("person.manager"), { type: "email", value: now.manager, list: "managers", oninput: suggest },
    t("person.manager_hint")),
  h("datalist", { id: "managers" }, managers.map((one) =>
    h("option", { value: one.primaryEmail, key: one.id }, directory.nameOf(one)))),
  check("isAdmin", t("person.is_admin"), now.isAdmin),
  person && check("archived", t("person.is_archived"), now.archived),
];

// Shows the form: of `person`, or of a newcomer (null). Promises {name, told}, or undefined when nothing was done.
export function edit(person) {
  let managers = [];
  let wrong = null;

  return show({
    title: person ? t("person.edit_title", { name: directory.nameOf(person) }) : t("person.hire_title"),
    draw: (dialog) => dialogForm(dialog, {
      go: person ? t("common.save") : t("person.hire"),
      wrong,
      async submit(form) {
        const wanted = read(form);
        try {
          const told = person ? await save(person, wanted) : await hire(wanted);
          const name = `${wanted.givenName} ${wanted.familyName ?? ""}`.trim();
          dialog.close(told === null ? undefined : { name, told });
        } catch (refusal) {
          wrong = refusal.status === 400 ? t("problem.address") : words(refusal);
          dialog.redraw();
        }
      },
    },
    fields(person ? known(person) : {}, person, {
      managers,
      async suggest(event) {
        managers = await directory.find({ q: event.target.value, limit: SUGGESTIONS }).catch(() => []);
        dialog.redraw();
      },
    })),
  });
}

async function hire({ archived, ...fields }) {
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return (await directory.hire(Object.fromEntries(given))).channelsTold;
}
