// SPDX-License-Identifier: MIT
// The org's tie to its directory: connect it, enable auto-sync, see how it does, end it.
import { isEnabled, stateBadge, stateSentence } from "../core/connection.js";
import { h } from "../core/dom.js";
import { heading, toHeading } from "../core/frame.js";
import { loading, wayBack } from "../core/pieces.js";
import { failing } from "../core/refusals.js";
import { say } from "../core/say.js";
import { t } from "../core/text.js";
import { whomToAsk } from "../core/whom.js";
import { connecting } from "./integration_connect.js";
import { enabling } from "./integration_enable.js";
import { ending } from "./integration_end.js";
import { previewing } from "./integration_preview.js";
import { runsOf } from "./integration_runs.js";
import { facts, noAdminNotice } from "./integration_state.js";

const CONNECT = "integrations:manage";

export function open(page) {
  let isReconnecting = false;
  const connect = connecting(page, whenConnected);
  const enable = enabling(page);
  const reading = previewing(page, "h3");
  const runs = runsOf(page);
  const end = ending(page, () => toReconnect(true));

  function toReconnect(isWanted) {
    isReconnecting = isWanted;
    page.redraw();
    toHeading();
  }

  async function whenConnected() {
    say(t("integration.connected"));
    isReconnecting = false;
    await page.refresh();
    toHeading();
  }

  // How far the setting-up is.
  function stages(now) {
    const names = ["connect", "enable"];
    return h("ol", { class: "stages", key: "stages", "aria-label": t("integration.stages") }, names.map((name, place) =>
      h("li", { key: name, class: place < now ? "past" : null, "aria-current": place === now ? "step" : null },
        h("span", { class: "stage-mark", "aria-hidden": "true" }, place < now ? "✓" : place + 1),
        t(`integration.stage.${name}`),
        place < now && h("span", { class: "unseen" }, t("integration.stage_past")))));
  }

  const asked = (...takes) => h("section", { class: "card", key: "asked" },
    h("p", null, t("integration.not_yours")), whomToAsk(page, ...takes));

  const intro = () => h("section", { class: "card", key: "intro" }, h("p", null, t("integration.intro")),
    h("ul", { class: "effects" }, ["reads", "writes", "suspends", "never"]
      .map((name) => h("li", { key: name }, t(`integration.intro_${name}`)))));

  const disconnected = () => [stages(0), intro(), page.may(CONNECT) ? connect.draw() : asked(CONNECT)];

  const connected = (connection) => [stages(1), state(connection), enable.draw(), end.draw()];

  function stopReading() {
    reading.stop();
    toHeading();
  }

  // What it would have changed is no news any more.
  function resync() {
    reading.stop();
    runs.resync();
  }

  const deeds = (connection) => page.may(CONNECT) && h("div", { class: "actions" },
    h("button", { type: "button", class: "primary", disabled: runs.isBusy(), onclick: resync },
      t(connection.state === "failing" ? "integration.try_now" : "integration.resync_now")),
    h("button", { type: "button", disabled: !reading.isIdle(), onclick: reading.begin }, t("integration.what_would")));

  function state(connection) {
    return h("section", { class: "card", key: "state" }, h("h2", null, stateSentence(connection)),
      connection.failure && failing(connection), connection.failure && h("p", null, t("integration.failing_means")),
      noAdminNotice(connection), facts(connection), isEnabled(connection) && deeds(connection));
  }

  const preview = () => !reading.isIdle() && h("section", { class: "card", key: "preview" },
    h("div", { class: "heading" }, h("h2", null, t("integration.preview")),
      reading.preview() && h("button", { type: "button", class: "quiet", onclick: stopReading }, t("common.close"))),
    reading.draw());

  const enabled = (connection) => [state(connection), preview(), runs.draw(),
    !page.may(CONNECT) && asked(CONNECT), end.draw()];

  const reconnect = () => [h("section", { class: "card", key: "reconnect" }, h("h2", null, t("integration.reconnect")),
    h("p", null, t("integration.reconnect_means")), h("div", { class: "actions" },
      h("button", { type: "button", onclick: () => toReconnect(false) }, t("common.cancel")))), connect.draw()];

  const BY_STATE = { disconnected, connected, active: enabled, failing: enabled };

  function body(connection) {
    if (!connection) return loading();
    return isReconnecting && connection.state !== "disconnected" ? reconnect() : BY_STATE[connection.state](connection);
  }

  return {
    title: () => t("integration.title"),
    hear: runs.hear,
    close() {
      enable.close();
      reading.close();
    },
    draw() {
      const connection = page.connection();
      return [wayBack(`#/orgs/${page.org}/settings`, t("nav.settings")),
        heading(t("integration.title"), ...(connection ? [stateBadge(connection)] : [])), body(connection)];
    },
  };
}
