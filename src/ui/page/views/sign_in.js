// SPDX-License-Identifier: MIT
// Signing in: with a token, or by a one-time link, which brings people here by itself.
import { h } from "../core/dom.js";
import { alert, field } from "../core/form.js";
import { heading } from "../core/frame.js";
import * as session from "../core/session.js";
import { words } from "../core/say.js";
import { t } from "../core/text.js";

let told = null;

// Why somebody is here (again).
export function tell(problem, sentence) {
  told = sentence ?? (problem.status === 401 ? t("sign_in.link_used") : words(problem));
}

export function open(page) {
  let wrong = told;
  let isBusy = false;
  told = null;

  async function submit(event) {
    event.preventDefault();
    const token = new FormData(event.target).get("token").trim();
    isBusy = true;
    page.redraw();
    try {
      await session.signIn({ token });
      page.signedIn();
    } catch (problem) {
      wrong = problem.status === 401 ? t("sign_in.unknown") : words(problem);
      isBusy = false;
      page.redraw();
    }
  }

  return {
    title: () => t("sign_in.title"),
    draw: () => h("section", { class: "card" }, heading(t("sign_in.title")),
      h("p", null, t("sign_in.intro")),
      wrong && alert(wrong),
      h("form", { onsubmit: submit },
        field("token", t("sign_in.token"),
          h("input", { id: "token", name: "token", type: "password", autocomplete: "current-password", required: true,
            spellcheck: "false", "aria-describedby": "token-hint" }),
          t("sign_in.token_hint")),
        h("button", { class: "primary", disabled: isBusy }, t("sign_in.go"))),
      h("p", { class: "soft" }, t("sign_in.ask"))),
  };
}
