// SPDX-License-Identifier: MIT
// What somebody takes along to another place: shown to be marked, with a button that copies it.
import { h } from "./dom.js";
import { say } from "./say.js";
import { t } from "./text.js";

// Over plain HTTP browsers let nobody at the clipboard, elsewhere they may: then it is marked, to be copied by hand.
export async function copy(text, input) {
  try {
    await navigator.clipboard.writeText(text);
    say(t("copy.done"));
  } catch {
    input?.select();
    say(t("copy.by_hand"), "problem");
  }
}

// A text in a field of its own. `what` is its name; `props` are more of the field's.
export const copyable = (id, what, text, props) => h("div", { class: "copyable" },
  h("input", { id, value: text, readonly: true, spellcheck: "false", onfocus: (event) => event.target.select(),
    ...props }),
  h("button", { type: "button", "aria-label": t("copy.what", { what }),
    onclick: () => copy(text, document.getElementById(id)) }, t("copy.go")));
