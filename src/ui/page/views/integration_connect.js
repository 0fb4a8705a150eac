// SPDX-License-Identifier: MIT
// Connecting a directory: by somebody's consent, or with a key file.
import * as api from "../core/api.js";
import { h } from "../core/dom.js";
import { refusal } from "../core/refusals.js";
import { t } from "../core/text.js";
import { withKey } from "./integration_with_key.js";

// `whenConnected` is called afterwards.
export function connecting(page, whenConnected) {
  const key = withKey(page, whenConnected);
  let isByKey = false;
  let isLeaving = false;
  let problem = null;

  function chooseKey() {
    isByKey = true;
    page.redraw();
  }

  // Who consents comes back through the service's own page, which leads here again.
  async function consent() {
    isLeaving = true;
    problem = null;
    page.redraw();
    try {
      const { url } = await api.get(`/orgs/${page.org}/connection/authorize`);
      location.assign(url);
    } catch (why) {
      isLeaving = false;
      problem = why;
      isByKey = isByKey || why.status === 409;
      page.redraw();
    }
  }

  const wrong = () => (problem.status === 409
    ? h("p", { class: "notice warn", role: "alert" },
      h("b", null, t("integration.consent_off")), " ", t("integration.consent_off_mend"))
    : refusal(problem));

  const way = (name, ...button) => h("section", { class: "way", key: name },
    h("h3", null, t(`integration.way.${name}`)), h("p", null, t(`integration.way.${name}_what`)),
    h("p", { class: "soft" }, t(`integration.way.${name}_when`)), h("div", { class: "actions" }, button));

  return {
    draw: () => [
      h("section", { class: "card", key: "ways" }, h("h2", null, t("integration.choose")), h("div", { class: "ways" },
        way("consent",
          h("button", { class: isByKey ? null : "primary", type: "button", disabled: isLeaving, onclick: consent },
            t("integration.way.consent_go"))),
        way("key", h("button", { type: "button", "aria-expanded": String(isByKey), onclick: chooseKey },
          t("integration.way.key_go")))),
      problem && wrong()),
      isByKey && h("section", { class: "card", key: "key" }, key.draw())],
  };
}
