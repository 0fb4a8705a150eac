// SPDX-License-Identifier: MIT
// Asking in between: a dialog over the page, one at a time. What was focused before is so again after it. What comes
// late, when it has been closed, does nothing to it, nor to the next one.
import { h, render } from "./dom.js";
import { t } from "./text.js";

let shown = null;

// The page that asked is left: nothing is decided.
export const closeAny = () => shown?.close();

// Shows `draw(dialog)` below the title, until dialog.close(value), Escape (undefined) or the cross. Promises the
// value. `dialog.redraw()` draws it again.
export function show({ title, draw }) {
  closeAny();
  const place = document.getElementById("dialogs");
  const before = document.activeElement;
  return new Promise((resolve) => {
    const dialog = {
      isClosed: false,
      close(value) {
        if (dialog.isClosed) return;
        dialog.isClosed = true;
        shown = null;
        render(place);
        before?.focus();
        resolve(value);
      },
      redraw() {
        if (dialog.isClosed) return;
        render(place, h("dialog", {
          "aria-labelledby": "dialog-title", oncancel: () => dialog.close(),
          ref: (element) => queueMicrotask(() => element.isConnected && element.showModal()),
        }, h("header", null, h("h2", { id: "dialog-title" }, title),
          h("button", { class: "quiet", type: "button", "aria-label": t("common.close"),
            onclick: () => dialog.close() }, "×")),
        draw(dialog)));
      },
    };
    shown = dialog;
    dialog.redraw();
  });
}

// A question with two answers: promises true or false. `body` is text, or a tree.
export async function ask({ title, body, confirm, isDangerous = false }) {
  return Boolean(await show({
    title,
    draw: (dialog) => [
      h("div", { class: "body" }, typeof body === "string" ? h("p", null, body) : body),
      h("footer", null,
        h("button", { type: "button", onclick: () => dialog.close(false) }, t("common.cancel")),
        h("button", { type: "button", class: isDangerous ? "danger" : "primary", onclick: () => dialog.close(true) },
          confirm)),
    ],
  }));
}
