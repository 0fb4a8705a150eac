// SPDX-License-Identifier: MIT
// A hold in words. It may hold suspensions, a field that would be emptied, or both: the decision is one.
import { h } from "../core/dom.js";
import { dateTime, parts, t } from "../core/text.js";

const fieldOf = (loss) => t(`hold.field.${loss.field}`);

// What it says about suspensions, and about a field.
const each = ({ items, field_loss: loss }, ofItems, ofLoss) =>
  [items.length > 0 && ofItems({ n: items.length }),
    loss && ofLoss({ n: loss.members, linked: loss.linked, field: fieldOf(loss) })].filter(Boolean);

export const waits = (hold) =>
  each(hold, (values) => t("hold.waits", values), (values) => t("hold.loss_waits", values)).join(" · ");

export function why(hold) {
  const { limit, used, linked } = hold.guard;
  const times = { opened: time(hold.opened_at), expires: time(hold.expires_at) };
  return [
    each(hold, () => h("p", { class: "prose" }, t("hold.why", { limit, used, linked })),
      (values) => h("p", { class: "prose" }, t("hold.loss_why", values))),
    h("p", { class: "prose soft" }, parts("hold.until", times)),
  ];
}

const time = (iso) => h("time", { datetime: iso }, dateTime(iso));

// --- the decision ---

export function button(what, hold) {
  const { items, field_loss: loss } = hold;
  if (items.length > 0 && loss) return t(`hold.button_both.${what}`, { n: items.length });
  return each(hold, (values) => t(`hold.button.${what}`, values), (values) => t(`hold.button_loss.${what}`, values))[0];
}

export const question = (what, hold) => `${button(what, hold)}?`;

export const consequences = (what, hold) =>
  each(hold, (values) => t(`hold.means.${what}`, values), (values) => t(`hold.means_loss.${what}`, values))
    .map((text) => h("p", null, text));

export const done = (what, hold) =>
  each(hold, (values) => t(`hold.done.${what}`, values), (values) => t(`hold.done_loss.${what}`, values)).join(" ");

// What is other on a list than on the one that was shown before.
export const changes = ({ fresh, gone }) =>
  [fresh > 0 && t("hold.new_on_it", { n: fresh }), gone > 0 && t("hold.gone_from_it", { n: gone })]
    .filter(Boolean).join(" ");

export const refused = (what) => `${t("hold.changed_meanwhile")} ${changes(what)}`;
