// SPDX-License-Identifier: MIT
import { heading } from "../core/frame.js";
import { t } from "../core/text.js";

export function open() {
  return { title: () => t("team.title"), draw: () => heading(t("team.title")) };
}
