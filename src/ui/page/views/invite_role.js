// SPDX-License-Identifier: MIT
// The last question before people are invited: as what?
import { show } from "../core/dialog.js";
import { h } from "../core/dom.js";
import { dialogForm, field } from "../core/form.js";
import { t } from "../core/text.js";

const USUAL = ["member", "admin"];
const OTHER = "other";

// Nobody is invited as the owner.
const check = (input) =>
  input.setCustomValidity(input.value.trim().toLowerCase() === "owner" ? t("invite.role_owner") : "");

const ownRole = () => h("input", { id: "own-role", name: "own", required: true, maxlength: 50, pattern: ".*\\S.*",
  autocomplete: "off", oninput: (event) => check(event.target) });

// Promises the role; undefined: nobody is to be invited.
export function askForRole(count) {
  let role = USUAL[0];

  const select = (dialog) => h("select", { id: "role", value: role,
    onchange: (event) => { role = event.target.value; dialog.redraw(); } },
  [...USUAL, OTHER].map((name) => h("option", { value: name }, t(`invite.roles.${name}`))));

  return show({
    title: t("invite.question", { n: count }),
    draw: (dialog) => dialogForm(dialog, {
      go: t("invite.go", { n: count }),
      submit: (form) => dialog.close(role === OTHER ? new FormData(form).get("own").trim() : role),
    },
    h("p", null, t("invite.means", { n: count })),
    field("role", t("invite.role"), select(dialog)),
    role === OTHER && field("own-role", t("invite.role_own"), ownRole())),
  });
}
