// SPDX-License-Identifier: MIT
// Short words about what has just been done, or has gone wrong: shown for a while, and read out.
import { h, render } from "./dom.js";
import { t } from "./text.js";
import { said } from "./sentences.js";

const LIFE_MS = 8000;
let notes = [];
let count = 0;

function draw() {
  render(document.getElementById("said"), notes.map((note) =>
    h("div", { class: `note ${note.kind}`, key: note.id }, h("span", null, note.text),
      h("button", { class: "quiet", type: "button", onclick: () => drop(note.id), "aria-label": t("common.close") },
        "×"))));
}

function drop(id) {
  notes = notes.filter((note) => note.id !== id);
  draw();
}

// `kind` is "done" or "problem".
export function say(text, kind = "done") {
  const id = ++count;
  notes.push({ id, text, kind });
  setTimeout(drop, LIFE_MS, id);
  draw();
}

// A sentence about a failed request.
export function words(problem) {
  if (problem.status === 0) return t("problem.offline");
  if (problem.status === 403) return t("problem.forbidden");
  if (problem.status === 429) return t("problem.too_many");
  if (problem.status === 503) return problem.mend ? said(problem.detail) : t("problem.busy");
  return problem.detail ? said(problem.detail) : t("problem.other");
}

export function sayProblem(problem) {
  if (problem.name === "AbortError" || problem.status === 401) return;
  if (problem.status === undefined) throw problem; // a mistake of ours
  say(words(problem), "problem");
}
