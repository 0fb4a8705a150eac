// SPDX-License-Identifier: MIT
// Inviting those who were chosen: a hundred in a request, and what came of each.
import * as api from "../core/api.js";
import { h } from "../core/dom.js";
import { t } from "../core/text.js";
import { drawResults, isWell } from "./invite_results.js";
import { linking } from "./invite_links.js";

const AT_ONCE = 100; // in one request of the API

// `chosen` are people by id; whoever is invited is taken out of it.
export function inviting(page, chosen) {
  let work = null; // {done, all}: while it goes on
  let outcome = null; // {results, isMailed, links}
  let isStopped = false;

  // The answer's order is that of the question.
  function take({ items, mailed }, some) {
    outcome.isMailed = mailed;
    items.forEach((result, place) => {
      outcome.results.push({ ...result, person: some[place] });
      if (isWell(result)) chosen.delete(result.directory_user_id);
    });
    work.done += some.length;
    page.redraw();
  }

  async function ask(all, role) {
    for (let at = 0; at < all.length && !isStopped; at += AT_ONCE) {
      const some = all.slice(at, at + AT_ONCE);
      take(await api.post(`/orgs/${page.org}/invitations`,
        { directory_user_ids: some.map((person) => person.id), role }), some);
    }
  }

  // Fails when a request fails: whoever was not asked about is still chosen.
  async function send(role) {
    const all = [...chosen.values()];
    work = { done: 0, all: all.length };
    outcome = { results: [], isMailed: false, links: linking(page) };
    page.redraw();
    try {
      await ask(all, role);
    } finally {
      work = null;
      page.redraw();
      queueMicrotask(() => document.getElementById("results")?.focus());
    }
  }

  const drawWork = () => h("section", { class: "card", key: "work" },
    h("label", { for: "work" }, t("invite.working", work)),
    h("progress", { id: "work", max: work.all, value: work.done }));

  return {
    send,
    isBusy: () => work !== null,
    draw: () => [work && drawWork(), outcome?.results.length > 0 && drawResults(page, outcome)],
    // It is left. Returns how many have not been asked about.
    stop() {
      isStopped = true;
      return work ? Math.max(work.all - work.done - AT_ONCE, 0) : 0;
    },
  };
}
