// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { api, sandbox, settings, tell, until } from "./browser.mjs";

const LOOK_MS = 4000;

Object.assign(settings.tokens, settings.more);

const redis = (...words) => execFileSync("redis-cli", ["-s", settings.redis.socket, ...words.map(String)]);
const queue = (...fields) => redis("XADD", "teamsync:jobs", "*", ...fields);
const part = (page, name) => page.getByRole("region", { name });
const figure = (page, name) =>
  page.locator(".figure", { has: page.locator("dt", { hasText: name }) }).locator(".value");
const count = (locator, wanted) => until(async () => await locator.count() === wanted, `${wanted} of ${locator}`);
const letters = () => api("GET", "/dead-letters?limit=500", null, "operator").then(({ items }) => items);

async function nonsense(jobs) {
  const before = (await letters()).length;
  for (let n = 0; n < jobs; n++) queue("type", "user", "org", "nowhere", "user", `nobody${n}@acme.example`);
  queue("type", "party", "place", "the roof");
  await until(async () => (await letters()).length === before + jobs + 1, "the nonsense to be given up");
}

// Until this is seen. The page looks every few seconds; by its clock they pass at once.
const comes = (page, locator) => until(async () => {
  await page.clock.fastForward(LOOK_MS);
  return locator.first().isVisible();
}, locator);

// Whether the page asks for the queue within a minute, by its own clock.
async function asksInAMinute(page) {
  let asked = 0;
  const note = (request) => { if (request.url().endsWith("/api/v1/queue")) asked += 1; };
  page.on("request", note);
  for (let part = 0; part < 10; part++) {
    await page.clock.runFor(6000);
    await page.evaluate(() => fetch("/healthz").then((reply) => reply.text())); // answers come in their own time
  }
  page.off("request", note);
  return asked > 0;
}

await tell({
  async "whoever runs it sees at a glance how the service does"(stage) {
    const page = await stage.open({ who: "operator", at: "/operations", hasClock: true });
    await page.getByText("Everything works: Redis answers, and the queue has room.").waitFor();
    assert.equal(await figure(page, "Jobs in the queue").textContent(), "0");
    assert.equal(await figure(page, "Given up").textContent(), "0");
    assert.equal(await figure(page, "Limit of the queue").textContent(), "1,000,000");
    await page.getByText("No job was given up").waitFor();
    await sandbox("PATCH", "/settings", { latency_ms: 8000 });
    for (let n = 0; n < 7; n++) queue("type", "user", "org", "acme", "user", `nobody${n}@acme.example`);
    await comes(page, figure(page, "Jobs in the queue").getByText("7", { exact: true }));
    await comes(page, page.getByText("7 of them run"));
    await stage.axe(page);
    await stage.shot(page, "operations-busy");
    await sandbox("PATCH", "/settings", { latency_ms: 0 });
  },

  async "the last day is plotted, said in a sentence, and told minute by minute"(stage) {
    const page = await stage.open({ who: "operator", at: "/operations" });
    const past = part(page, "The queue over time");
    const storm = past.getByRole("img", { name: /^Jobs in the queue: At most 400, at \d+:\d\d/ });
    await storm.waitFor();
    const hand = past.getByRole("slider", { name: "Time to look at" });
    assert.match(await hand.getAttribute("aria-valuetext"), /^Now \(/);

    // There is a place for each minute.
    const goTo = (at) => hand.fill(String(1440 - Math.floor(Date.now() / 60000) + at / 60000));
    const told = await until(async () => {
      await goTo(settings.storm_at);
      const text = await past.locator(".moment").textContent();
      return text.includes(": 400 jobs") && text;
    }, "the height of the storm");
    assert.match(told,
      /^\d+:\d\d.[AP]M: 400 jobs, the oldest 3 min old, [\d.]+ in and [\d.]+ done a minute$/);
    assert.equal(await hand.getAttribute("aria-valuetext"), told);
    assert.equal(await storm.locator(".value").textContent(), "400");
    await hand.press("ArrowRight");
    await past.getByText(/: 374 jobs,/).waitFor();
    await goTo(settings.storm_at - 120 * 60000);
    await past.getByText(/no figures\. The service, or Redis, was away\./).waitFor();
    const cursor = Number(/^M([\d.]+)/.exec(await storm.locator(".cursor").getAttribute("d"))[1]);
    const line = await storm.locator(".depth .line").getAttribute("d");
    const points = [...line.matchAll(/[ML]([\d.]+) /g)].map(([, x]) => Number(x));
    assert.ok(points.length > 1000 && points.every((x) => Math.abs(x - cursor) > 5), "there is a line through the gap");
    assert.match(line, /M.*M/);

    await storm.hover({ position: { x: cursor + 3, y: 60 } });
    await past.getByText(/: no figures/).waitFor();
    await goTo(settings.storm_at);
    const top = Number(/^M([\d.]+)/.exec(await storm.locator(".cursor").getAttribute("d"))[1]);
    await goTo(settings.storm_at - 600 * 60000);
    await storm.hover({ position: { x: top, y: 60 } });
    await past.getByText(/: (374|400) jobs,/).waitFor(); // two minutes have one place here
    await stage.shot(page, "operations-hover");
    await page.mouse.move(5, 5);
    await past.getByText(/^Now \(.*\d+ jobs?,.* in and .* done a minute$/).waitFor();

    await past.getByText("Show as a table").click();
    const table = past.getByRole("table");
    await count(table.getByRole("row"), 25);
    await table.getByRole("cell", { name: "400", exact: true }).waitFor();
    await stage.axe(page);
    await past.getByRole("button", { name: "1 hour" }).click();
    await count(table.getByRole("row"), 13);
    assert.equal(await past.getByRole("button", { name: "1 hour" }).getAttribute("aria-pressed"), "true");
    await count(table.getByRole("cell", { name: "400", exact: true }), 0);
    await stage.shot(page, "operations-table");
  },

  async "what was given up is told in words, tried again, and dropped"(stage) {
    const page = await stage.open({ who: "operator", at: "/operations", hasClock: true });
    const part = page.getByRole("region", { name: "Jobs that were given up" });
    await part.getByText("No job was given up").waitFor();
    await nonsense(24);
    const rows = part.locator("tbody tr");
    await comes(page, part.getByRole("rowheader", { name: "Not a job: type=party place=the roof" }));
    await figure(page, "Given up").getByText("25").waitFor();
    const party = part.getByRole("row", { name: /type=party place=the roof/ });
    await count(party.getByRole("button", { name: /^Try again/ }), 0);
    await count(rows, 20);
    await stage.axe(page);
    await stage.shot(page, "operations-letters");
    await part.getByRole("button", { name: "Show more" }).click();
    await count(rows, 25);

    const first = part.getByRole("row", { name: /Sync of nobody0@acme.example in nowhere/ });
    const before = (await letters()).map(({ id }) => id);
    await first.getByRole("button", { name: /^Try again/ }).click();
    await page.getByText("The job is in the queue again.").waitFor();
    await until(async () => (await letters()).some(({ id }) => !before.includes(id)), "it to be given up anew");
    await count(rows, 25);

    await party.getByRole("button", { name: /^Drop/ }).click();
    const asked = page.getByRole("dialog", { name: "Drop this job?" });
    await asked.getByText("type=party place=the roof").waitFor();
    await stage.axe(page);
    await asked.getByRole("button", { name: "Cancel" }).click();
    assert.equal((await letters()).length, 25);
    await party.getByRole("button", { name: /^Drop/ }).click();
    await asked.getByRole("button", { name: "Drop", exact: true }).click();
    await page.locator("h2:focus").getByText("Jobs that were given up").waitFor(); // what was pressed is gone
    await page.getByText("The job has been dropped.").waitFor();
    await count(rows, 24);
    assert.ok((await letters()).every(({ job }) => job.type !== "party"));
  },

  async "somebody else has decided meanwhile"(stage) {
    stage.allow(404);
    const page = await stage.open({ who: "operator", at: "/operations" });
    const row = page.getByRole("row", { name: /Sync of nobody5@acme.example/ });
    await row.waitFor();
    const { id } = (await letters()).find(({ job }) => job.user === "nobody5@acme.example");
    await api("DELETE", `/dead-letters/${id}`, undefined, "operator");
    await row.getByRole("button", { name: /^Try again/ }).click();
    await page.getByText("Somebody has decided on this job already.").waitFor();
    await row.waitFor({ state: "detached" });
  },

  async "all are tried again, with the progress, and what never was a job stays"(stage) {
    stage.allow(409);
    const page = await stage.open({ who: "operator", at: "/operations", hasClock: true });
    queue("type", "party", "place", "the roof");
    await comes(page, figure(page, "Given up").getByText("24"));
    let release = () => {};
    const seen = new Promise((resolve) => { release = resolve; });
    await page.route("**/retry", async (route) => { await seen; await route.continue(); });
    await page.getByRole("button", { name: "Try all again" }).click();
    const asked = page.getByRole("dialog", { name: "Try 24 jobs again?" });
    await asked.getByRole("button", { name: "Try all again" }).click();
    await page.getByRole("progressbar", { name: "Try all again" }).waitFor();
    await page.getByText("0 of 24 are through").waitFor();
    await stage.shot(page, "operations-progress");
    await stage.axe(page);
    release();
    await page.getByText("23 jobs are in the queue again. 1 cannot be tried again: it never was a job.").waitFor();
    await until(async () => (await letters()).length === 24, "them to be given up anew");
    await page.unroute("**/retry");

    await page.route("**/retry", () => new Promise(() => {})); // no answer
    await page.getByRole("button", { name: "Try all again" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Try all again" }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("0 jobs are in the queue again.").waitFor();
    for (const { id } of await letters()) await api("DELETE", `/dead-letters/${id}`, undefined, "operator");
  },

  async "the orgs that need somebody stand first"(stage) {
    const page = await stage.open({ who: "operator", at: "/operations" });
    const orgs = part(page, "Organisations and their connections");
    const rows = orgs.locator("tbody tr");
    await rows.first().waitFor();
    await orgs.getByText("50 of 62").waitFor();
    await orgs.getByRole("button", { name: "Show more" }).click();
    await count(rows, 62);
    assert.match(await rows.nth(0).textContent(), /Zeta Works.*Failing.*The key is not good any more\./);
    assert.match(await rows.nth(1).textContent(), /Acme.*Active.*Live.*expires in \d+ hours.*2 suspensions wait/);
    assert.match(await rows.nth(2).textContent(), /Branch 00.*Not connected/);
    const leadsTo = (name) => rows.nth(1).getByRole("link", { name }).getAttribute("href");
    assert.equal(await leadsTo("Acme"), "#/orgs/acme/settings/integration");
    assert.equal(await leadsTo(/wait/), "#/orgs/acme/hold");
    await stage.axe(page);
    await stage.shot(page, "operations-orgs");
  },

  async "nobody is asked while nobody looks"(stage) {
    const page = await stage.open({ who: "operator", at: "/orgs", hasClock: true });
    await page.getByRole("link", { name: "Operations" }).click();
    await page.getByText("Everything works").waitFor();
    assert.ok(await asksInAMinute(page));
    const turn = (isHidden) => page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
    await turn(true);
    assert.ok(!await asksInAMinute(page), "hidden, it still asks");
    const asked = page.waitForRequest("**/api/v1/queue");
    await turn(false);
    await asked; // at once
    await page.getByRole("link", { name: "Organisations", exact: true }).first().click();
    await page.getByRole("heading", { level: 1, name: "Organisations" }).waitFor();
    assert.ok(!await asksInAMinute(page), "left, it still asks");
  },

  async "a service that does not answer is said to, and its figures to be old, until it is back"(stage) {
    const page = await stage.open({ who: "operator", at: "/operations", hasClock: true });
    await page.getByText("Everything works").waitFor();
    for (const path of ["**/readyz", "**/api/**"]) await page.route(path, (route) => route.abort("aborted"));
    await comes(page, page.getByText("The service does not answer."));
    await page.getByText(/^The figures below are as of \d+:\d\d:\d\d/).waitFor();
    assert.match(await figure(page, "Jobs in the queue").textContent(), /^\d+$/);
    await stage.axe(page);
    await page.unrouteAll();
    await comes(page, page.getByText("Everything works"));
    await count(page.getByText("The figures below"), 0);
  },

  async "Redis dies, and comes back"(stage) {
    stage.allow(503);
    const page = await stage.open({ who: "operator", at: "/operations", hasClock: true });
    await page.getByText("Everything works").waitFor();
    process.kill(settings.redis.pid, "SIGKILL");
    await comes(page, page.getByText("Redis does not answer. Notifications are refused meanwhile"));
    await page.getByText(/^The figures below are as of/).waitFor();
    await stage.axe(page);
    await stage.shot(page, "operations-no-redis");
    writeFileSync(settings.redis.wanted, "");
    await comes(page, page.getByText("Everything works"));
    await page.getByRole("img", { name: /At most 400/ }).waitFor(); // the day is still there
  },

  async "in German, in the dark, and on a telephone"(stage) {
    await nonsense(2);
    const looks = { "dark": { isDark: true }, "de-360": { language: "de", width: 360 },
      "dark-360": { isDark: true, width: 360 } };
    for (const [name, look] of Object.entries(looks)) {
      const page = await stage.open({ who: "operator", at: "/operations", ...look });
      await page.getByRole("img", { name: /400/ }).waitFor();
      await page.locator("section").last().locator("tbody tr").first().waitFor();
      await page.getByText("type=party").first().waitFor();
      await stage.axe(page);
      await stage.fits(page);
      await stage.shot(page, `operations-${name}`);
      if (look.language === "de") {
        await page.getByRole("img", { name: /^Aufträge in der Warteschlange: Höchstens 400, um \d\d:/ }).waitFor();
        await page.getByText("Alles läuft: Redis antwortet, und in der Warteschlange ist Platz.").waitFor();
      }
    }
  },

  async "orgs are found, opened and created"(stage) {
    stage.allow(409);
    const page = await stage.open({ who: "operator", at: "/orgs" });
    await page.getByText("62 organisations").waitFor();
    const rows = page.locator("tbody tr");
    await count(rows, 50);
    await page.getByRole("row", { name: /Acme/ }).getByText("Active").waitFor();
    await stage.axe(page);
    await page.getByRole("button", { name: "Show more" }).click();
    await count(rows, 62);
    await page.getByLabel("Search by name or id").fill("zeta");
    await page.getByText("1 organisation", { exact: true }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Zeta Works" }).getAttribute("href"), "#/orgs/zeta/team");
    await page.getByLabel("Search by name or id").fill("nothing like it");
    await page.getByText("No organisation fits").waitFor();

    await page.getByRole("button", { name: "Create organisation" }).click();
    const dialog = page.getByRole("dialog", { name: "Create organisation" });
    await dialog.getByLabel("Name").fill("Müller & Söhne GmbH");
    assert.equal(await dialog.getByLabel("Id").inputValue(), "mueller-soehne-gmbh");
    await stage.axe(page);
    await stage.shot(page, "orgs-create");
    await dialog.getByLabel("Id").fill("acme");
    await dialog.getByRole("button", { name: "Create organisation" }).click();
    await dialog.getByText("There is an organisation with the id acme already.").waitFor();
    await dialog.getByLabel("Id").fill("mueller");
    await dialog.getByRole("button", { name: "Create organisation" }).click();
    await page.getByText("Müller & Söhne GmbH has been created.").waitFor();
    await page.waitForURL(/#\/orgs\/mueller\/team$/);
    assert.equal((await api("GET", "/orgs/mueller", null, "operator")).name, "Müller & Söhne GmbH");
  },

  async "whoever may not list the orgs names one, and those who may not operate are told so"(stage) {
    stage.allow(404);
    const page = await stage.open({ who: "everywhere", at: "/orgs" });
    await count(page.getByRole("button", { name: "Create organisation" }), 0);
    await count(page.getByRole("link", { name: "Operations" }), 0);
    await stage.axe(page);
    await page.getByLabel("Id").fill("nowhere");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("There is no organisation with the id nowhere.").waitFor();
    await stage.shot(page, "orgs-by-id");
    await page.getByLabel("Id").fill("acme");
    await page.getByRole("button", { name: "Open" }).click();
    await page.waitForURL(/#\/orgs\/acme\/team$/);
    await page.goto(`${settings.url}/#/operations`);
    await page.getByText("This page is for whoever runs the service").waitFor();
  },

  async "the list of orgs, in German, in the dark, and on a telephone"(stage) {
    const page = await stage.open({ who: "operator", at: "/orgs", language: "de", width: 360, isDark: true });
    await page.getByText("63 Organisationen").waitFor();
    await page.getByRole("row", { name: /Acme/ }).getByText("Aktiv").waitFor();
    await stage.axe(page);
    await stage.fits(page);
    await stage.shot(page, "orgs-de-360");
  },
});
