// SPDX-License-Identifier: MIT
import { heading } from "../core/frame.js";
import { t } from "../core/text.js";

export function open() {
  return { title: () => t("orgs.title"), draw: () => heading(t("orgs.title")) };
}
