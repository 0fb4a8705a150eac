// SPDX-License-Identifier: MIT
// An address that leads nowhere.
import { h } from "../core/dom.js";
import { heading } from "../core/frame.js";
import { t } from "../core/text.js";

export function open() {
  return {
    title: () => t("missing.title"),
    draw: () => [heading(t("missing.title")), h("p", null, t("missing.text")),
      h("p", null, h("a", { href: "#/" }, t("missing.home")))],
  };
}
