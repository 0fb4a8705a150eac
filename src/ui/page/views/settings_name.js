// SPDX-License-Identifier: MIT
// What people call the org.
import { h } from "../core/dom.js";
import { field } from "../core/form.js";
import { t } from "../core/text.js";

export function naming({ save, org }) {
  function submit(event) {
    event.preventDefault();
    save({ name: event.target.elements.name.value.trim() });
  }

  return {
    key: "name",
    takes: ["integrations:manage"],
    facts: () => [[t("settings.name_label"), org().name]],
    form: () => h("form", { onsubmit: submit },
      field("name", t("settings.name_label"),
        h("input", { id: "name", name: "name", value: org().name, required: true, maxlength: 200, pattern: ".*\\S.*",
          autocomplete: "organization" })),
      h("div", { class: "actions" }, h("button", null, t("settings.name_save")))),
  };
}
