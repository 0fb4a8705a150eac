// SPDX-License-Identifier: MIT
// People of the directory who are no members yet: found, chosen, invited.
import { isEnabled } from "../core/connection.js";
import { h } from "../core/dom.js";
import { heading } from "../core/frame.js";
import { listing } from "../core/listing.js";
import { empty, loading } from "../core/pieces.js";
import { say, sayProblem } from "../core/say.js";
import { t } from "../core/text.js";
import { whomToAsk } from "../core/whom.js";
import { askForRole } from "./invite_role.js";
import { drawPeople } from "./invite_list.js";
import { inviting } from "./invite_send.js";

const SEARCH_AFTER_MS = 250;

const forbidden = (page) =>
  empty(t("invite.may_not"), t("invite.may_not_text"), whomToAsk(page, "members:manage"));

const off = (page) => empty(t("invite.off"), t("invite.off_text"),
  h("a", { class: "button primary", href: `#/orgs/${page.org}/settings/integration` }, t("invite.off_link")));

export function open(page) {
  const people = listing(`/orgs/${page.org}/directory-users`, page.redraw, 100);
  const chosen = new Map(); // id → person, whatever is searched for meanwhile
  let search = page.query.get("q") ?? "";
  let timer = null;
  let hasBegun = false;
  let isClosed = false;
  const sending = inviting(page, chosen);

  // Large parts: where most are members already, a small one may hold nobody.
  function look() {
    clearTimeout(timer);
    page.replaceQuery({ q: search });
    people.begin({ unmatched: true, q: search.trim(), limit: 500 });
  }

  function onSearch(text) {
    search = text;
    clearTimeout(timer);
    timer = setTimeout(look, SEARCH_AFTER_MS);
    page.redraw();
  }

  function choose(some, isChosen) {
    for (const person of some) {
      if (isChosen) chosen.set(person.id, person);
      else chosen.delete(person.id);
    }
    page.redraw();
  }

  async function invite() {
    const role = await askForRole(chosen.size);
    if (!role) return;
    await sending.send(role).catch(sayProblem);
    if (isClosed) return;
    search = "";
    look(); // without those who are members now
  }

  const drawBar = () => h("div", { class: "decision", key: "bar" },
    h("p", { role: "status" }, chosen.size > 0 ? t("invite.chosen", { n: chosen.size }) : t("invite.choose")),
    chosen.size > 0 && h("div", { class: "actions" },
      h("button", { type: "button", onclick: () => { chosen.clear(); page.redraw(); } }, t("invite.choose_nobody")),
      h("button", { type: "button", class: "primary", onclick: invite }, t("invite.go", { n: chosen.size }))));

  function body() {
    if (!page.may("members:manage")) return forbidden(page);
    if (!page.connection()) return loading();
    if (!isEnabled(page.connection())) return off(page);
    if (!hasBegun) {
      hasBegun = true;
      look();
    }
    return [
      h("p", { key: "intro", class: "prose" }, t("invite.intro")),
      sending.draw(),
      !sending.isBusy() && drawPeople({ people, chosen, search, onSearch, look, choose }),
      !sending.isBusy() && (people.items?.length > 0 || chosen.size > 0) && drawBar(),
    ];
  }

  function close() {
    isClosed = true;
    clearTimeout(timer);
    people.close();
    const left = sending.stop();
    if (left > 0) say(t("invite.stopped", { n: left }), "problem");
  }

  return { title: () => t("invite.title"), draw: () => [heading(t("invite.title")), body()], close };
}
