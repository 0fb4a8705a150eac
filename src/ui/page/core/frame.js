// SPDX-License-Identifier: MIT
// What is around every page: the name of the org, the ways through it, and what waits for somebody.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { banners } from "./banners.js";
import * as session from "./session.js";
import { language, languages, t } from "./text.js";

function link(part, hash, route, count) {
  return h("a", { href: hash, key: part, "aria-current": route.part === part ? "page" : null },
    icon(part), t(`nav.${part}`), count > 0 && h("span", { class: "count" }, count,
      h("span", { class: "unseen" }, ` ${t("nav.waiting")}`)));
}

function ways(route, org) {
  const here = org && `#/orgs/${org.id}`;
  return h("nav", { "aria-label": t("nav.label") },
    org && [
      link("team", `${here}/team`, route),
      session.may("members:manage") && link("invite", `${here}/invite`, route),
      link("hold", `${here}/hold`, route, org.hold?.open ? Math.max(org.hold.items.length, 1) : 0),
      link("activity", `${here}/activity`, route),
      link("settings", `${here}/settings`, route),
    ],
    session.seesAllOrgs() && h("div", { class: "all-orgs", key: "all" },
      link("orgs", "#/orgs", route),
      session.may("operate") && link("operations", "#/operations", route)));
}

function languageChoice(actions) {
  return h("select", { "aria-label": t("nav.language"), value: language(),
    onchange: (event) => actions.language(event.target.value) },
  Object.entries(languages).map(([code, name]) => h("option", { value: code, lang: code }, name)));
}

function head(org, actions) {
  const who = session.current();
  return h("header", { class: "top" },
    h("a", { class: "brand", href: "#/" }, h("img", { src: "/ui/icon.svg", alt: "", width: 28, height: 28 }),
      h("span", null, org ? org.name : "teamsync")),
    h("div", { class: "who" }, languageChoice(actions),
      who && h("span", { class: "name" }, who.name),
      who && h("button", { class: "quiet", type: "button", onclick: actions.signOut },
        icon("out"), t("nav.sign_out"))));
}

// A view's heading takes the focus when it is opened, so that screen readers begin there.
export const heading = (text, ...beside) => h("div", { class: "heading" }, h("h1", { tabindex: "-1" }, text),
  beside.length > 0 && h("div", { class: "actions" }, beside));

function skip(event) {
  event.preventDefault(); // the address says which page is open
  document.getElementById("main").focus();
}

export function draw({ view, route, org, actions }) {
  const isInside = session.current() !== null;
  return h("div", { class: isInside ? "inside" : "outside" },
    h("a", { class: "skip", href: "#main", onclick: skip }, t("nav.skip")),
    head(isInside ? org : null, actions),
    isInside && ways(route, org),
    h("main", { id: "main", tabindex: "-1" }, isInside && org && banners(org, route),
      h("div", { class: `view ${route.name}`, key: route.path }, view.draw())));
}
