// SPDX-License-Identifier: MIT
// Enabling auto-sync, in this order: what will change, that manual edits are overwritten from then on, the button.
import * as api from "../core/api.js";
import { h } from "../core/dom.js";
import { toHeading } from "../core/frame.js";
import { say, sayProblem } from "../core/say.js";
import { t } from "../core/text.js";
import { whomToAsk } from "../core/whom.js";
import { previewing } from "./integration_preview.js";
import { noAdminNotice } from "./integration_state.js";

export const TAKES = ["integrations:manage", "members:manage"];

export function enabling(page) {
  const reading = previewing(page, "h4");
  let isBusy = false;

  async function enable() {
    isBusy = true;
    page.redraw();
    try {
      await api.put(`/orgs/${page.org}/connection/auto-sync`, { enabled: true, connected_at: reading.lookedAt() });
      reading.stop();
      say(t("integration.enabled"));
      await page.refresh();
      toHeading();
    } catch (problem) {
      sayProblem(problem);
      if (problem.status === 409) { // the connection is another one now, or none
        reading.stop();
        await page.refresh();
      }
    }
    isBusy = false;
    page.redraw();
  }

  const lookButton = () => h("div", { class: "actions" },
    h("button", { class: "primary", type: "button", onclick: reading.begin }, t("integration.look_go")));

  const look = () => h("li", { key: "look" }, h("h3", null, t("integration.look")),
    h("p", null, t("integration.look_how")), reading.isIdle() ? lookButton() : reading.draw());

  const notice = () => h("li", { key: "notice" }, h("h3", null, t("integration.notice")),
    h("p", { class: "notice warn" }, t("integration.notice_text")), noAdminNotice(page.connection()));

  const button = () => h("li", { key: "enable" }, h("h3", null, t("integration.enable_step")),
    h("p", null, t("integration.enable_means")), h("div", { class: "actions" },
      h("button", { class: "primary", type: "button", disabled: isBusy, onclick: enable }, t("integration.enable"))));

  return {
    close: reading.close,
    draw: () => h("section", { class: "card", key: "enable" }, h("h2", null, t("integration.enable")),
      page.may(...TAKES) ? h("ol", { class: "guide" }, look(), reading.preview() && [notice(), button()])
        : [h("p", null, t("integration.enable_takes")), whomToAsk(page, ...TAKES)]),
  };
}
