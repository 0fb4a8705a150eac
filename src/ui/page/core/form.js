// SPDX-License-Identifier: MIT
// What forms are made of.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./text.js";

// A labelled control. `input` gets the id.
export const field = (id, label, input, hint) =>
  h("div", { class: "field" }, h("label", { for: id }, label), input,
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint));

// A box to tick, with what it means.
export const check = (id, label, isOn, hint) =>
  h("div", { class: "tick" },
    h("input", { id, name: id, type: "checkbox", checked: isOn, "aria-describedby": hint && `${id}-hint` }),
    h("label", { for: id }, label), hint && h("p", { class: "hint", id: `${id}-hint` }, hint));

// Where somebody types what they look for; `props` are the input's.
export const search = (props, onSearch) => h("div", { class: "search" }, icon("search"),
  h("input", { type: "search", maxlength: 50, autocomplete: "off", spellcheck: "false", ...props,
    oninput: (event) => onSearch(event.target.value) }));

// The same with its name above it, and with a word on what is found.
export const finder = ({ id, label, value, hint }, onSearch) => h("div", { class: "finder", key: id },
  h("label", { for: id }, label), search({ id, value, "aria-describedby": `${id}-hint` }, onSearch),
  h("p", { class: "hint", id: `${id}-hint`, role: "status" }, hint));

// What is wrong with it.
export const alert = (text) => h("p", { class: "banner bad", role: "alert" }, text);

// A form in a dialog, which may leave it. `go` is what its button says, submit(form) what that does, `wrong` why it
// was not done.
export const dialogForm = (dialog, { go, submit, wrong, isBusy }, ...fields) => h("form", { key: "form",
  onsubmit: (event) => { event.preventDefault(); submit(event.target); } },
h("div", { class: "body" }, wrong && alert(wrong), fields),
h("footer", null,
  h("button", { type: "button", onclick: () => dialog.close() }, t("common.cancel")),
  h("button", { class: "primary", disabled: isBusy }, go)));
