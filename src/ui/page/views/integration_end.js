// SPDX-License-Identifier: MIT
// Switching auto-sync off, other credentials, and ending the connection.
import * as api from "../core/api.js";
import { isEnabled } from "../core/connection.js";
import { ask } from "../core/dialog.js";
import { h } from "../core/dom.js";
import { toHeading } from "../core/frame.js";
import { say, sayProblem } from "../core/say.js";
import { t } from "../core/text.js";
import { TAKES } from "./integration_enable.js";

const EFFECTS = { disable: 3, disconnect: 4 };

const effects = (name) => [h("p", null, t(`integration.${name}_means`)), h("ul", { class: "effects" },
  Array.from({ length: EFFECTS[name] }, (_, place) => h("li", null, t(`integration.${name}_effect.${place + 1}`))))];

// `reconnect` shows the ways to connect.
export function ending(page, reconnect) {
  async function end(name, deed, done) {
    const question = { title: t(`integration.${name}_title`), body: effects(name), confirm: t(`integration.${name}`) };
    if (!await ask({ ...question, isDangerous: true })) return;
    try {
      await deed();
      say(done);
      await page.refresh();
      toHeading();
    } catch (problem) {
      sayProblem(problem);
    }
  }

  const disable = () => end("disable",
    () => api.put(`/orgs/${page.org}/connection/auto-sync`, { enabled: false }), t("integration.disabled"));

  const disconnect = () => end("disconnect",
    () => api.remove(`/orgs/${page.org}/connection`), t("integration.disconnected"));

  const deed = (name, act, kind) => h("li", { key: name }, h("p", null, t(`integration.${name}_short`)),
    h("button", { type: "button", class: kind, onclick: act }, t(`integration.${name}`)));

  return {
    draw: () => page.may("integrations:manage") && h("section", { class: "card", key: "end" },
      h("h2", null, t("integration.end")), h("ul", { class: "deeds" },
        isEnabled(page.connection()) && page.may(...TAKES) && deed("disable", disable),
        deed("reconnect", reconnect),
        deed("disconnect", disconnect, "danger"))),
  };
}
