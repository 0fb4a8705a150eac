// SPDX-License-Identifier: MIT
// What has to be clicked at Google before a key file can be used.
import { h } from "../core/dom.js";
import { say } from "../core/say.js";
import { t } from "../core/text.js";

export const SCOPE = "https://www.googleapis.com/auth/admin.directory.user.readonly";

const CONSOLE = {
  api: "https://console.cloud.google.com/apis/library/admin.googleapis.com",
  account: "https://console.cloud.google.com/iam-admin/serviceaccounts",
  delegation: "https://admin.google.com/ac/owl/domainwidedelegation",
};

// Over plain HTTP browsers let nobody at the clipboard: then it is marked, to be copied by hand.
async function copy(id, value) {
  document.getElementById(id).select();
  if (!navigator.clipboard) return;
  await navigator.clipboard.writeText(value)
    .then(() => say(t("integration.copied")), () => say(t("integration.not_copied"), "problem"));
}

export const copyable = (id, label, value) => h("div", { class: "field", key: id }, h("label", { for: id }, label),
  h("div", { class: "copyable" }, h("input", { id, value, readonly: true, spellcheck: "false" }),
    h("button", { type: "button", "aria-label": t("integration.copy_what", { what: label }),
      onclick: () => copy(id, value) }, t("integration.copy"))));

export const atGoogle = (where) => h("p", null,
  h("a", { href: CONSOLE[where], target: "_blank", rel: "noopener noreferrer" }, t(`integration.open_${where}`)));

export const step = (name, ...children) => h("li", { key: name }, h("h3", null, t(`integration.step.${name}`)),
  h("p", null, t(`integration.step.${name}_how`)), children);
