// SPDX-License-Identifier: MIT
// Nothing waits: what would stand here, and why.
import { isEnabled } from "../core/connection.js";
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { parts, t } from "../core/text.js";

// How much of what may happen in a day has happened. The words beside it say the same.
function gauge({ limit, used }) {
  const share = limit > 0 ? Math.min(used / limit, 1) : 0;
  const drawn = { viewBox: "0 0 100 2", preserveAspectRatio: "none", "aria-hidden": "true" };
  return h("svg", { class: share < 1 ? "gauge" : "gauge full", ...drawn },
    h("rect", { class: "track", width: 100, height: 2 }), h("rect", { class: "used", width: 100 * share, height: 2 }));
}

const guard = ({ suspends }, hold) => h("section", { class: "card", key: "guard" },
  h("h2", null, t("hold.guard_title")),
  h("p", { class: "prose" }, t("hold.guard_text")),
  !suspends && h("p", { class: "prose" }, t("hold.guard_no_admin")),
  h("div", { class: "stack" },
    h("p", null, h("strong", null, t("hold.guard_used", { n: hold.guard.used, limit: hold.guard.limit }))),
    gauge(hold.guard),
    h("p", { class: "soft" }, t("hold.guard_linked", { n: hold.guard.linked }))),
  h("p", { class: "prose" }, t("hold.guard_loss")));

const off = (page) => h("p", { class: "banner info", key: "off" }, h("span", null, parts("hold.off",
  { settings: h("a", { href: `#/orgs/${page.org}/settings/integration` }, t("hold.off_link")) })));

export function drawCalm(page, hold) {
  const connection = page.connection();
  return [
    h("section", { class: "card calm", key: "calm" }, icon("check"),
      h("div", null, h("h2", null, t("hold.nothing")), h("p", { class: "soft" }, t("hold.nothing_text")))),
    isEnabled(connection) ? guard(connection, hold) : off(page),
    h("p", { key: "before" }, h("a", { href: `#/orgs/${page.org}/activity?field=hold` }, t("hold.before"))),
  ];
}
