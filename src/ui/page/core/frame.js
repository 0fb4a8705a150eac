// SPDX-License-Identifier: MIT
// What is around every page: the name of the org, the ways through it, and what waits for somebody.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { banners } from "./banners.js";
import * as session from "./session.js";
import { language, languages, t } from "./text.js";

const countOf = (count) =>
  count > 0 && h("span", { class: "count" }, count, h("span", { class: "unseen" }, ` ${t("nav.waiting")}`));

const link = (part, hash, route, count) =>
  h("a", { href: hash, key: part, "aria-current": route.part === part ? "page" : null }, icon(part),
    t(`nav.${part}`), countOf(count));

const waiting = ({ hold }) => (hold?.open ? Math.max(hold.items.length, 1) : 0);

// Where there is little room they are folded: a page that is chosen, be it this one, is looked at.
function ways(route, org, actions) {
  const here = org && `#/orgs/${org.id}`;
  return h("nav", { id: "ways", "aria-label": t("nav.label"), onclick: () => actions.fold(true) },
    org && [
      link("team", `${here}/team`, route),
      session.may("members:manage") && link("invite", `${here}/invite`, route),
      link("hold", `${here}/hold`, route, waiting(org)),
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

const menu = (org, isUnfolded, actions) =>
  h("button", { class: "quiet unfold", type: "button", "aria-expanded": String(isUnfolded), "aria-controls": "ways",
    onclick: () => actions.fold(isUnfolded) }, icon("menu"), t("nav.menu"),
  org && !isUnfolded && countOf(waiting(org)));

function head(org, isUnfolded, actions) {
  const who = session.current();
  return h("header", { class: "top" },
    h("a", { class: "brand", href: "#/" }, h("img", { src: "/ui/icon.svg", alt: "", width: 28, height: 28 }),
      h("span", null, org ? org.name : "teamsync")),
    who && menu(org, isUnfolded, actions),
    h("div", { class: "who" }, languageChoice(actions),
      who && h("span", { class: "name" }, who.name),
      who && h("button", { class: "quiet", type: "button", onclick: actions.signOut },
        icon("out"), t("nav.sign_out"))));
}

// A view's heading takes the focus when it is opened, so that screen readers begin there.
export const heading = (text, ...beside) => h("div", { class: "heading" }, h("h1", { tabindex: "-1" }, text),
  beside.length > 0 && h("div", { class: "actions" }, beside));

// There somebody goes on who comes to a page, or whose place on it is gone.
export const toHeading = (which = "h1") => document.querySelector(which)?.focus();

function skip(event) {
  event.preventDefault(); // the address says which page is open
  document.getElementById("main").focus();
}

export function draw({ view, route, org, isUnfolded, actions }) {
  const isInside = session.current() !== null;
  return h("div", { class: !isInside ? "outside" : isUnfolded ? "inside unfolded" : "inside" },
    h("a", { class: "skip", href: "#main", onclick: skip }, t("nav.skip")),
    head(isInside ? org : null, isUnfolded, actions),
    isInside && ways(route, org, actions),
    h("main", { id: "main", tabindex: "-1" }, isInside && org && banners(org, route),
      h("div", { class: `view ${route.name}`, key: route.path }, view.draw())));
}
