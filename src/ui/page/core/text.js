// SPDX-License-Identifier: MIT
// What the page says, in the reader's language: texts, dates and numbers. Texts are in text/<language>.json.

export const languages = { en: "English", de: "Deutsch" };

let current = "en";
let texts = {};

export const language = () => current;

function preferred() {
  const wanted = [localStorage.getItem("language"), ...navigator.languages].filter(Boolean);
  return wanted.map((name) => name.slice(0, 2).toLowerCase()).find((name) => name in languages) ?? "en";
}

// Loads the texts of a language; without one, of the one that the browser asks for.
export async function speak(wanted = preferred()) {
  const reply = await fetch(`/ui/text/${wanted}.json`);
  texts = await reply.json();
  current = wanted;
  document.documentElement.lang = wanted;
}

// Speaks it from now on, also the next time.
export async function choose(wanted) {
  localStorage.setItem("language", wanted);
  await speak(wanted);
}

// What a group of texts has under a name; a name may be anybody's own word ("constructor").
const within = (group, name) => (typeof group === "object" && Object.hasOwn(group, name) ? group[name] : undefined);

function find(key, values) {
  const text = key.split(".").reduce(within, texts);
  if (typeof text !== "object") return text ?? key;
  return within(text, new Intl.PluralRules(current).select(values.n)) ?? within(text, "other") ?? key;
}

const shown = (value) => (typeof value === "number" ? number(value) : value ?? "");

// The text under "group.key", with {name} replaced. One that depends on a number has forms, and goes by `n`.
export function t(key, values = {}) {
  return find(key, values).replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

// The same in pieces, where values are trees: parts("team.reports_to", {manager: h("a", …)}).
export function parts(key, values = {}) {
  return find(key, values).split(/(\{\w+\})/).map((piece) => {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    return name ? shown(values[name]) : piece;
  });
}

// What the service says in English, and what is shown instead (see sentences.js).
export const sentences = () => texts.sentences ?? {};

export const has = (key) => find(key, {}) !== key;

// Whole numbers, and those with one decimal place.
export const number = (value) => new Intl.NumberFormat(current, { maximumFractionDigits: 1 }).format(value);

export const date = (iso) => new Intl.DateTimeFormat(current, { dateStyle: "medium" }).format(new Date(iso));

export const dateTime = (iso) =>
  new Intl.DateTimeFormat(current, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

export const time = (iso) => new Intl.DateTimeFormat(current, { timeStyle: "medium" }).format(new Date(iso));

// "4:04 PM"
export const clock = (iso) => new Intl.DateTimeFormat(current, { timeStyle: "short" }).format(new Date(iso));

// "Today", "Yesterday", "Monday, November 24, 2025".
export function day(iso) {
  const noon = (moment) => new Date(moment).setHours(12, 0, 0, 0);
  const before = Math.round((noon(Date.now()) - noon(iso)) / 86400000);
  const words = before <= 1 ? new Intl.RelativeTimeFormat(current, { numeric: "auto" }).format(-before, "day")
    : new Intl.DateTimeFormat(current, { dateStyle: "full" }).format(new Date(iso));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SPANS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

// "5 minutes ago", "in 3 hours".
export function ago(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  const [unit, length] = SPANS.find(([, span]) => Math.abs(seconds) >= span) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(current, { numeric: "auto" }).format(Math.trunc(seconds / length), unit);
}

function inUnits(seconds, unitDisplay, maximumFractionDigits) {
  const [unit, length] = SPANS.slice(2).find(([, span]) => seconds >= span) ?? ["second", 1];
  return new Intl.NumberFormat(current, { style: "unit", unit, unitDisplay, maximumFractionDigits })
    .format(seconds / length);
}

// "2 hours", "35 seconds".
export const duration = (seconds) => inUnits(seconds, "long", 0);

// "1.5 hr", "40 sec": as short as the language has it.
export const span = (seconds) => inUnits(seconds, "short", 1);
