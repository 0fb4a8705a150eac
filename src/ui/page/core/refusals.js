// SPDX-License-Identifier: MIT
// What the directory refuses, and what to do about it.
import { h } from "./dom.js";
import { words } from "./say.js";
import { said } from "./sentences.js";
import { t } from "./text.js";

export const mend = (sentence) => h("p", null, h("b", null, t("refused.mend")), " ", said(sentence));

// Of a request that failed. `ref` gets the element; `again` is how to try once more.
export function refusal(problem, { ref, again } = {}) {
  return h("div", { class: "refusal bad", key: "refusal", role: "alert", tabindex: "-1", ref },
    h("p", { class: "what" }, problem.mend ? said(problem.detail) : words(problem)),
    problem.mend && mend(problem.mend),
    again && h("div", { class: "actions" }, h("button", { type: "button", onclick: again }, t("common.try_again"))));
}

// Of a connection that is failing.
export const failing = (connection) => h("div", { class: "refusal bad" },
  h("p", { class: "what" }, said(connection.failure)), connection.mend && mend(connection.mend));
