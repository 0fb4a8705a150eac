// SPDX-License-Identifier: MIT
// Where the service sends no mail: each one's link, to copy and pass on.
import * as api from "../core/api.js";
import { copy, copyable } from "../core/copy.js";
import { h } from "../core/dom.js";
import { nameOf } from "../core/pieces.js";
import { sayProblem } from "../core/say.js";
import { t } from "../core/text.js";

export function linking(page) {
  const links = new Map(); // member's id → URL
  let isBusy = false;

  // One after the other: whoever is through has theirs, whatever happens to the next.
  async function make(invited) {
    isBusy = true;
    page.redraw();
    try {
      for (const { member } of invited.filter((one) => !links.has(one.member.id))) {
        const { url } = await api.post(`/orgs/${page.org}/members/${member.id}/invitation`);
        links.set(member.id, url);
        page.redraw();
      }
    } catch (problem) {
      sayProblem(problem);
    }
    isBusy = false;
    page.redraw();
  }

  const all = (invited) => invited.map(({ member }) => `${member.email}\t${links.get(member.id)}`).join("\n");

  // The link of one member, once it is there.
  function draw(member) {
    const url = member && links.get(member.id);
    if (!url) return null;
    const what = t("invite.link_of", { name: nameOf(member) });
    return copyable(`link-${member.id}`, what, url, { "aria-label": what });
  }

  function drawAll(invited) {
    const isDone = invited.every(({ member }) => links.has(member.id));
    const n = invited.length;
    return h("div", { class: "actions" }, isDone
      ? h("button", { type: "button", key: "copy", onclick: () => copy(all(invited)) }, t("invite.copy_all", { n }))
      : h("button", { type: "button", key: "make", class: "primary", disabled: isBusy, onclick: () => make(invited) },
        t("invite.make_links", { n })));
  }

  return { draw, drawAll };
}
