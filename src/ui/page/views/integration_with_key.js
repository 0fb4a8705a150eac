// SPDX-License-Identifier: MIT
// Connecting with a service account's key file, step by step.
import * as api from "../core/api.js";
import { copyable } from "../core/copy.js";
import { h } from "../core/dom.js";
import { field } from "../core/form.js";
import { refusal } from "../core/refusals.js";
import { t } from "../core/text.js";
import { atGoogle, SCOPE, step } from "./integration_guide.js";
import { look, NoKey, read } from "./integration_key.js";

export function withKey(page, whenConnected) {
  let file = null;
  let about = null; // what is in it
  let wrong = null; // with the file
  let problem = null; // with connecting
  let isOver = false; // a file is held over the place for it
  let isBusy = false;

  async function take(chosen) {
    [file, about, wrong, problem] = [null, null, null, null];
    try {
      about = await look(chosen);
      file = chosen;
    } catch (why) {
      if (!(why instanceof NoKey)) throw why;
      wrong = why.wrong;
    }
    page.redraw();
  }

  function hover(event, isHere) {
    event.preventDefault();
    isOver = isHere;
    page.redraw();
  }

  function drop(event) {
    hover(event, false);
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  }

  function onChoose(event) {
    if (event.target.files.length) take(event.target.files[0]);
    event.target.value = ""; // the same file, once it was mended, is a new choice
  }

  async function send(subject) {
    const credentials = { type: "service_account", subject, key: await read(file) };
    await api.put(`/orgs/${page.org}/connection`, { provider: "google-workspace", credentials });
  }

  function tell(why) {
    if (why instanceof NoKey) [file, about, wrong] = [null, null, why.wrong];
    else if (why instanceof api.Problem) problem = why;
    else throw why;
  }

  async function submit(event) {
    event.preventDefault();
    const subject = event.target.elements.subject.value.trim();
    problem = null;
    if (!file) wrong = wrong ?? "missing";
    isBusy = file !== null;
    page.redraw();
    if (!file) return;
    try {
      await send(subject);
      [file, about] = [null, null];
      await whenConnected();
    } catch (why) {
      tell(why);
    }
    isBusy = false;
    page.redraw();
  }

  const found = () => h("div", { class: "key-found", role: "status" }, h("b", null, about.name),
    h("span", null, about.project ? t("integration.key_of", about) : about.email));

  const place = () => h("div", {
    class: isOver ? "drop over" : "drop",
    ondragover: (event) => hover(event, true), ondragleave: (event) => hover(event, false), ondrop: drop,
  }, about && found(),
  h("label", { class: "button", for: "key-file" }, t(about ? "integration.key_other" : "integration.key_choose")),
  h("input", { id: "key-file", type: "file", class: "unseen", accept: ".json,application/json", onchange: onChoose,
    "aria-describedby": "key-drop" }),
  h("p", { class: "hint", id: "key-drop" }, t("integration.key_drop")),
  wrong && h("p", { class: "notice bad", role: "alert" }, t(`integration.key_wrong.${wrong}`)));

  return {
    draw: () => [
      h("h2", null, t("integration.by_key")),
      h("p", null, t("integration.by_key_intro")),
      h("form", { onsubmit: submit }, h("ol", { class: "guide" },
        step("api", atGoogle("api")),
        step("account", atGoogle("account")),
        step("file", place()),
        step("delegation", atGoogle("delegation"),
          about ? field("client", t("integration.client"), copyable("client", t("integration.client"), about.client))
            : h("p", { class: "soft" }, t("integration.client_later")),
          field("scope", t("integration.scope"), copyable("scope", t("integration.scope"), SCOPE))),
        step("subject", field("subject", t("integration.subject"),
          h("input", { id: "subject", name: "subject", type: "email", required: true, maxlength: 200,
            autocomplete: "off", "aria-describedby": "subject-hint" }), t("integration.subject_hint")))),
      problem && refusal(problem, { ref: (element) => queueMicrotask(() => element.focus()) }),
      h("div", { class: "actions" },
        h("button", { class: "primary", disabled: isBusy }, t("integration.connect")),
        isBusy && h("span", { class: "loading", role: "status" }, t("integration.connecting"))))],
  };
}
