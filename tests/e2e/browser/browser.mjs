// SPDX-License-Identifier: MIT
// A story told in Debian's Chromium, which has no window to draw here: its pages open in a third of the time. What goes wrong behind a page – an error in its script or console, a violation of
// its policy, a request that fails – fails the chapter, whatever is seen on it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PATIENCE_MS = 15000;

// What the test that runs this has to say: {url, sandbox, …}.
export const settings = JSON.parse(process.env.TS_STORY);

// Asks the API with a token ("tokens" of the settings, by name), or the sandbox's control API. Returns the answer.
async function ask(url, method, body, headers) {
  const reply = await fetch(url, { method, headers: { "Content-Type": "application/json", ...headers }, body: body && JSON.stringify(body) });
  assert.ok(reply.ok, `${method} ${url}: ${reply.status} ${await reply.clone().text()}`);
  return reply.status === 204 ? null : reply.json();
}
export const api = (method, path, body, who = "manager") =>
  ask(`${settings.url}/api/v1${path}`, method, body, { Authorization: `Bearer ${settings.tokens[who]}` });
export const sandbox = (method, path, body) => ask(`${settings.sandbox}/control${path}`, method, body);

// What the page ("ui", or "sandbox") says in a language: say("group.key", {name: value}).
export function speech(language, page = "ui") {
  const texts = JSON.parse(readFileSync(`${settings.source}/src/${page}/page/text/${language}.json`, "utf8"));
  return (key, values = {}) => {
    const found = key.split(".").reduce((group, name) => group?.[name], texts);
    const text = found?.other ? found[new Intl.PluralRules(language).select(values.n)] : found;
    assert.equal(typeof text, "string", `there is no text ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  };
}

// The first true value of condition(); an error after PATIENCE_MS.
export async function until(condition, what) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < end, `waited in vain for: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

// Signs somebody in, by the name of their token.
export async function signIn(context, who) {
  const reply = await context.request.post(`${settings.url}/api/v1/session`, {
    data: { token: settings.tokens[who] }, headers: { Origin: settings.url } });
  assert.equal(reply.status(), 201, await reply.text());
}

// Runs `work(browser)`.
export async function withBrowser(work) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium-headless-shell", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

class Stage {
  constructor(browser) {
    this.browser = browser;
    this.contexts = [];
    this.wrong = [];
    this.allowed = new Set();
  }

  // Answers with these statuses belong to the chapter.
  allow(...statuses) {
    statuses.forEach((status) => this.allowed.add(status));
  }

  watch(page) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.wrong.push(`error in the page: ${error.stack}`));
    page.on("console", (message) => {
      const isOfStatus = /Failed to load resource.*status of (\d+)/.exec(message.text());
      if (isOfStatus && this.allowed.has(Number(isOfStatus[1]))) return;
      if (["error", "warning"].includes(message.type())) this.wrong.push(`console: ${message.text()} ${message.location().url}`);
    });
    page.on("requestfailed", (request) => {
      const why = request.failure().errorText;
      if (why !== "net::ERR_ABORTED") this.wrong.push(`request: ${request.url()} ${why}`); // left, or ended by us
    });
  }

  // A browser of its own for one person: `who` is the name of a token, or null for nobody. `at` is what follows the "#".
  // With a clock of its own (hasClock) what the page does after a while can be had at once: page.clock.
  async open({ who = "manager", site = settings.url, at = "/", language = "en", width = 1280, height = 860, isDark = false, hasClock = false } = {}) {
    const context = await this.browser.newContext({
      locale: language, viewport: { width, height }, colorScheme: isDark ? "dark" : "light", timezoneId: "Europe/Berlin" });
    this.contexts.push(context);
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    if (who) await signIn(context, who);
    if (hasClock) await context.clock.install();
    const page = await context.newPage();
    this.watch(page);
    await page.goto(`${site}/#${at}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return page;
  }

  // What a person with a screen reader would stumble over, found by axe-core: nothing.
  async axe(page) {
    if (!await page.evaluate(() => "axe" in window)) await page.evaluate(axeSource);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const told = found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html} ${node.failureSummary}`));
    assert.deepEqual(told, [], told.join("\n"));
  }

  // Nothing is wider than the window.
  async fits(page) {
    const [wanted, there] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wanted <= there, `the page is ${wanted} wide in a window of ${there}`);
  }

  // A picture of the whole page, where somebody wants to look at it.
  async shot(page, name) {
    if (!process.env.TS_SHOTS) return;
    mkdirSync(process.env.TS_SHOTS, { recursive: true });
    await page.screenshot({ path: `${process.env.TS_SHOTS}/${name}.png`, fullPage: true });
  }

  async close() {
    await Promise.all(this.contexts.map((context) => context.close()));
    assert.deepEqual(this.wrong, [], this.wrong.join("\n"));
  }
}

// tell({"the list shows everybody": async (stage) => { … }}): each chapter on a stage of its own.
export const tell = (chapters) => withBrowser(async (browser) => {
  for (const [name, chapter] of Object.entries(chapters)) {
    const stage = new Stage(browser);
    const begun = performance.now();
    try {
      await chapter(stage);
      await stage.close();
    } catch (error) {
      console.log(`${name}: FAILED\n${error.stack}\n${stage.wrong.join("\n")}`);
      const pages = stage.contexts.flatMap((context) => context.pages());
      for (const page of pages) console.log(await page.locator("body").ariaSnapshot().catch(() => "(gone)"));
      for (const [number, page] of pages.entries()) await stage.shot(page, `failed-${number}`);
      process.exitCode = 1;
      return;
    }
    console.log(`${name} (${Math.round(performance.now() - begun)} ms)`);
  }
});
