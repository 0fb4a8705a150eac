// SPDX-License-Identifier: MIT
// Sentences that the service says in English, in the reader's language. The texts' "sentences" are keyed by them, with
// a {name} for what varies; tests/lint/check_sentences keeps them in step with the sources. What a language has none
// for is shown as it is: in English that is most of it.
import { h } from "./dom.js";
import { dateTime, language, sentences } from "./text.js";

// What varies is copied, but for what is the service's own wording again. Some names have a form of their own.
const OWN = new Set(["what", "why", "which", "when", "reason", "kind", "wrong", "provider"]);
const FORMS = { where: "\\d+|[a-z.]+:|token refused:", field: "[a-z_.]+", at: "[\\dT:.-]+Z", n: "\\d+", reason: "[a-z]+", word: "[^()]+" };

let compiled = { of: null, patterns: [] };

// --- patterns ---

const literally = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

function compile([sentence, text]) {
  const names = [];
  const source = sentence.split(/\{(\w+)\}/).map((piece, place) => {
    if (place % 2 === 0) return literally(piece);
    names.push(piece);
    return `(${FORMS[piece] ?? ".+?"})`;
  }).join("");
  return { form: new RegExp(`^${source}$`, "s"), names, text, weight: sentence.replaceAll(/\{\w+\}/g, "").length };
}

// Those that say more by themselves come first.
function patterns() {
  const all = sentences();
  if (compiled.of !== all) {
    const made = Object.entries(all).filter(([sentence]) => sentence.includes("{")).map(compile);
    compiled = { of: all, patterns: made.sort((one, other) => other.weight - one.weight) };
  }
  return compiled.patterns;
}

// --- one sentence: a list of texts and trees, or null for one that is not known ---

const asItIs = (text) => (language() === "en" ? text : h("span", { lang: "en" }, text));

// A value that is nobody's name for anything, like "none", or "the connection's account".
const isPhrase = (value) => value === "none" || value.includes(" ");

function shown(name, value) {
  if (name === "at") return [dateTime(value)];
  if (OWN.has(name)) return told(value) ?? (name === "why" ? [asItIs(value)] : null);
  const phrase = isPhrase(value) && sentences()[value];
  return [phrase || value];
}

function filled({ names, text }, found) {
  const values = {};
  for (const [place, name] of names.entries()) {
    values[name] = shown(name, found[place + 1]);
    if (!values[name]) return null;
  }
  return text.split(/\{(\w+)\}/).flatMap((piece, place) => (place % 2 === 0 ? piece : values[piece]));
}

function byPattern(sentence) {
  for (const pattern of patterns()) {
    const found = pattern.form.exec(sentence);
    const result = found && filled(pattern, found);
    if (result) return result;
  }
  return null;
}

// "the client is unknown (invalid_client)": the word is the directory's own.
function withWord(sentence) {
  const [, before, word] = /^(.+) (\([\w.-]+\))$/s.exec(sentence) ?? [];
  const result = before && told(before);
  return result && [...result, ` ${word}`];
}

// "One. Another one.", where a name may have a full stop, too.
function inTurn(sentence) {
  const pieces = sentence.split(/(?<=\.) /);
  for (let count = 1; count < pieces.length; count++) {
    const first = single(pieces.slice(0, count).join(" "));
    const rest = first && told(pieces.slice(count).join(" "));
    if (rest) return [...first, " ", ...rest];
  }
  return null;
}

const exactly = (sentence) => (Object.hasOwn(sentences(), sentence) ? [sentences()[sentence]] : null);
const single = (sentence) => exactly(sentence) ?? byPattern(sentence) ?? withWord(sentence);

function told(sentence) {
  return exactly(sentence) ?? inTurn(sentence) ?? single(sentence);
}

// --- as it is shown ---

// Begins like a sentence, unless it begins with an address or another name.
function begun([first, ...rest]) {
  const isWord = typeof first === "string" && /^\p{Ll}+(?=[\s,;:]|$)/u.test(first);
  return [isWord ? first.charAt(0).toUpperCase() + first.slice(1) : first, ...rest];
}

// A text, or a tree where some of it has to stay English.
export function said(sentence) {
  if (!sentence) return "";
  const pieces = begun(told(sentence) ?? [asItIs(sentence)]);
  return pieces.every((piece) => typeof piece === "string") ? pieces.join("") : h("span", null, pieces);
}
