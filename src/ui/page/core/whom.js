// SPDX-License-Identifier: MIT
// Whom to ask about what one may not do oneself.
import { h } from "./dom.js";
import { language, t } from "./text.js";

const NAMES_MAX = 5;

// "You can ask Mia Manager." `managers` are those of the org; null: they are not known yet.
export function whom(managers, ...permissions) {
  if (!managers) return null;
  const able = managers.filter((one) => permissions.every((wanted) => one.permissions.includes(wanted)));
  const names = [...new Set(able.map((one) => one.name))].sort((one, other) => one.localeCompare(other));
  const list = new Intl.ListFormat(language(), { type: "disjunction" });
  return names.length > 0 ? t("whom.these", { names: list.format(names.slice(0, NAMES_MAX)) }) : t("whom.nobody");
}

// The same as a paragraph of a view.
export const whomToAsk = (page, ...permissions) => h("p", null, whom(page.managers(), ...permissions));
