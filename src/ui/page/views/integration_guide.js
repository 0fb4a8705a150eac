// SPDX-License-Identifier: MIT
// What has to be clicked at Google before a key file can be used.
import { h } from "../core/dom.js";
import { t } from "../core/text.js";

export const SCOPE = "https://www.googleapis.com/auth/admin.directory.user.readonly";

const CONSOLE = {
  api: "https://console.cloud.google.com/apis/library/admin.googleapis.com",
  account: "https://console.cloud.google.com/iam-admin/serviceaccounts",
  delegation: "https://admin.google.com/ac/owl/domainwidedelegation",
};

export const atGoogle = (where) => h("p", null,
  h("a", { href: CONSOLE[where], target: "_blank", rel: "noopener noreferrer" }, t(`integration.open_${where}`)));

export const step = (name, ...children) => h("li", { key: name }, h("h3", null, t(`integration.step.${name}`)),
  h("p", null, t(`integration.step.${name}_how`)), children);
