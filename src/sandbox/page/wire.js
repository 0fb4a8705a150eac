// SPDX-License-Identifier: MIT
// What goes over the wire to teamsync: who listens, and which notifications were sent, with what came of them.
import { h } from "./core/dom.js";
import { t, time } from "./core/text.js";
import * as directory from "./directory.js";

const SHOWN = 8;
const names = new Map(); // by id: a notification names nobody

async function nameOf(id) {
  if (!names.has(id)) names.set(id, await directory.read(id).then(directory.nameOf, () => id));
  return names.get(id);
}

// {channels, sent}, to be drawn.
export async function look() {
  const [channels, attempts] = await Promise.all([directory.channels(), directory.sent(SHOWN)]);
  const sent = await Promise.all(attempts.map(async (one) => ({ ...one, name: one.user && await nameOf(one.user) })));
  return { channels, sent };
}

// Somebody's name may be another one now.
export const forget = (id) => names.delete(id);

const KIND = { delivered: "good", repeated: "warn", lost: "bad" };

// One message of one channel; it may be tried several times.
const attempt = (one) => h("li", { key: `${one.channel} ${one.number} ${one.attempt} ${one.at}`,
  class: KIND[one.outcome] },
  h("span", null, one.user ? t(`event.${one.event}`, { name: one.name }) : t("event.sync")),
  h("span", { class: "soft" }, t(`outcome.${one.outcome}`, { status: one.status || "–" })),
  h("time", { class: "soft", datetime: one.at }, time(one.at)));

export function draw({ channels, sent }) {
  return h("aside", { class: "wire card", "aria-labelledby": "wire" },
    h("h2", { id: "wire" }, t("wire.title")),
    h("p", null, channels.length ? t("wire.channels", { n: channels.length }) : t("wire.nobody")),
    sent.length > 0 && h("ol", { "aria-label": t("wire.sent") }, sent.map(attempt)));
}
