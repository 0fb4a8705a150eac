// SPDX-License-Identifier: MIT
// Small pieces that several pages show alike.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { ago, dateTime, t } from "./text.js";
import { words } from "./say.js";

// `kind` is good, warn, bad, info or quiet: a colour, beside the words.
export const badge = (kind, text) => h("span", { class: `badge ${kind}` }, text);

const STATUS = { active: "good", invited: "info", suspended: "bad" };
export const statusBadge = (status) => badge(STATUS[status] ?? "quiet", t(`status.${status}`));

const SYNC = { synced: "good", unmatched: "quiet", pending: "info", held: "warn", conflict: "bad", error: "bad" };
export const syncBadge = (state) => badge(SYNC[state] ?? "quiet", t(`sync_state.${state}`));

export const memberPath = (org, id) => `#/orgs/${org}/members/${id}`;

export const nameOf = (member) => member.name || member.email;

// To the page that this one belongs to.
export const wayBack = (href, text) => h("p", { class: "back", key: "back" }, h("a", { href }, icon("back"), text));

// "5 minutes ago", and exactly when.
export const when = (iso) => (iso ? h("time", { datetime: iso, title: dateTime(iso) }, ago(iso)) : t("common.never"));

export const loading = () => h("p", { class: "loading", role: "status" }, t("common.loading"));

export const empty = (title, text, ...actions) =>
  h("div", { class: "empty" }, h("p", { class: "title" }, title), text && h("p", null, text), actions);

// What is shown instead of what could not be read.
export const failure = (problem, again) =>
  h("div", { class: "banner bad", role: "alert" }, h("p", null, words(problem)),
    h("button", { type: "button", onclick: again }, t("common.try_again")));

// Leads to the rest of a list.
export const moreButton = (onclick, isBusy = false) =>
  h("button", { type: "button", class: "more", disabled: isBusy, onclick }, t("common.more"));
