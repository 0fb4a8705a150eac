// SPDX-License-Identifier: MIT
// Whether people who are new in the directory are invited by themselves, and as what.
import { h } from "../core/dom.js";
import { check, field } from "../core/form.js";
import { t } from "../core/text.js";

const OTHER = "other";
const ROLES = ["member", "admin", OTHER];

const kindOf = (role) => (ROLES.includes(role) ? role : OTHER);

export function invitations({ page, save, org }) {
  let chosen = null; // another role than the one that is saved

  const kind = () => chosen ?? kindOf(org().invitations.role);

  function choose(event) {
    chosen = event.target.value;
    page.redraw();
  }

  async function submit(event) {
    event.preventDefault();
    const { auto_invite: isOn, other } = event.target.elements;
    await save({ invitations: { auto_invite: isOn.checked, role: kind() === OTHER ? other.value.trim() : kind() } });
    chosen = null;
    page.redraw();
  }

  const roleName = (role) => (kindOf(role) === OTHER ? role : t(`settings.role_is.${role}`));

  const otherField = ({ role }) => field("other", t("settings.role_other"),
    h("input", { id: "other", name: "other", value: kindOf(role) === OTHER ? role : "", required: true, maxlength: 100,
      pattern: ".*\\S.*" }));

  return {
    key: "invitations",
    takes: ["integrations:manage", "members:manage"],
    facts: () => [
      [t("settings.auto_invite"), t(org().invitations.auto_invite ? "settings.invites_yes" : "settings.invites_no")],
      [t("settings.role"), roleName(org().invitations.role)]],
    form: () => h("form", { onsubmit: submit },
      check("auto_invite", t("settings.auto_invite"), org().invitations.auto_invite, t("settings.auto_invite_hint")),
      field("role", t("settings.role"),
        h("select", { id: "role", value: kind(), onchange: choose, "aria-describedby": "role-hint" },
          ROLES.map((role) => h("option", { value: role }, t(`settings.role_is.${role}`)))),
        t("settings.role_hint")),
      kind() === OTHER && otherField(org().invitations),
      h("div", { class: "actions" }, h("button", null, t("settings.invitations_save")))),
  };
}
