// SPDX-License-Identifier: MIT
// What an org's people should know on whichever page they are: one thing at a time, the most important. Those who
// manage nothing are not bothered; whoever may not do it themselves learns who can.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { mend } from "./refusals.js";
import { said } from "./sentences.js";
import * as session from "./session.js";
import { t } from "./text.js";
import { whom } from "./whom.js";

const CONNECTION = "settings/integration";

const failing = ({ connection }) => connection.state === "failing" && {
  kind: "bad", name: "failing", leadsTo: CONNECTION, takes: ["integrations:manage"],
  text: [h("b", null, t("banner.failing")), " ", said(connection.failure)],
  mend: connection.mend && mend(connection.mend),
};

const fieldLoss = ({ hold }) => hold.open && hold.field_loss && {
  kind: "warn", name: "field_loss", leadsTo: "hold", takes: ["members:manage"],
  text: t(`banner.loss_${hold.field_loss.field}`, hold.field_loss),
};

const held = ({ hold }) => hold.open && hold.items.length > 0 && {
  kind: "warn", name: "held", leadsTo: "hold", takes: ["members:manage"],
  text: t(session.may("members:manage") ? "banner.held" : "banner.held_by_others", { n: hold.items.length }),
};

const unfinished = ({ connection }) => connection.state === "connected" && {
  kind: "info", name: "unfinished", leadsTo: CONNECTION, takes: ["integrations:manage", "members:manage"],
  text: t("banner.unfinished"),
};

// Where people begin; elsewhere it is no news.
const unconnected = ({ connection }, route) => connection.state === "disconnected" && route.name === "team" &&
  session.may("integrations:manage") && {
  kind: "info", name: "unconnected", leadsTo: CONNECTION, takes: ["integrations:manage"], text: t("banner.unconnected"),
};

const BY_IMPORTANCE = [failing, fieldLoss, held, unfinished, unconnected];

function draw({ kind, name, leadsTo, takes, text, mend }, org) {
  const isAble = session.may(...takes);
  return h("section", { class: `banner ${kind}`, key: "banner", role: "status", "aria-label": t("banner.label") },
    icon("warning"),
    h("div", null, h("p", null, text, !isAble && [" ", whom(org.managers, ...takes)]), mend),
    h("a", { class: "button", href: `#/orgs/${org.id}/${leadsTo}` }, t(isAble ? `banner.${name}_go` : "banner.look")));
}

// Not on the page that tells all of it.
export function banners(org, route) {
  const isManager = session.may("members:manage") || session.may("integrations:manage");
  if (!isManager || !org.connection || !org.hold) return null;
  const found = BY_IMPORTANCE.map((look) => look(org, route))
    .find((one) => one && route.path !== `orgs/${org.id}/${one.leadsTo}`);
  return found ? draw(found, org) : null;
}
