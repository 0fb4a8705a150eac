// SPDX-License-Identifier: MIT
// Sentences that the service says in English, in the reader's language. The texts' "sentences" are keyed by them, with
// a {name} for what varies; tests/lint/check_sentences keeps them in step with the sources. What a language has none
// for is shown as it is: in English that is most of it.
import { h } from "./dom.js";
import { dateTime, language, sentences } from "./text.js";

// What varies is copied, but for what is the service's own wording again. Some names have a form of their own.
const OWN = new Set(["what", "why", "which", "when", "reason", "kind", "wrong", "provider"]);
const FORMS = {
  where: "\\d+|[a-z.]+:|token refused:", field: "[a-z_.]+", at: "[\\dT:.-]+Z", n: "\\d+",
  reason: "[a-z]+", word: "[^()]+",
};

// Whoever words a text of many short sentences, in a refusal or a name, must not have the page try all ways to read it.
const LOOKS_MAX = 200;

let looksLeft = 0;
let isCiting = false;
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

// Whoever did something, by name; what is no name is said in the reader's language.
export const called = (value) => (isPhrase(value) && sentences()[value]) || value;

// Google's answers, which begin with their status, may be cited without its name.
function cited(value) {
  if (isCiting || !/^\d/.test(value)) return null;
  isCiting = true;
  const known = told(`google: ${value}`);
  isCiting = false;
  return known;
}

// English that is not known is shown as it is; in another language that is for a cause alone, which others may have
// worded.
function own(name, value) {
  const known = told(value) ?? cited(value);
  return known ?? (language() === "en" || name === "why" ? [asItIs(value)] : null);
}

function shown(name, value) {
  if (name === "at") return [dateTime(value)];
  if (OWN.has(name)) return own(name, value);
  return [called(value)];
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

function single(sentence) {
  looksLeft -= 1;
  return looksLeft < 0 ? null : exactly(sentence) ?? byPattern(sentence) ?? withWord(sentence);
}

function told(sentence) {
  return exactly(sentence) ?? inTurn(sentence) ?? single(sentence);
}

// --- as it is shown ---

// Texts on end are one.
function joined(pieces) {
  const list = [];
  for (const piece of pieces) {
    if (typeof piece === "string" && typeof list.at(-1) === "string") list.push(list.pop() + piece);
    else list.push(piece);
  }
  return list;
}

// Begins like a sentence, unless it begins with an address or another name.
const begun = (text) => (/^\p{Ll}+(?=[\s,;:]|$)/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text);

// A text, or a tree where some of it has to stay English.
export function said(sentence) {
  if (!sentence) return "";
  looksLeft = LOOKS_MAX;
  const [first, ...rest] = joined(told(sentence) ?? [asItIs(sentence)]);
  if (typeof first !== "string") return rest.length > 0 ? h("span", null, first, rest) : first;
  return rest.length > 0 ? h("span", null, begun(first), rest) : begun(first);
}
