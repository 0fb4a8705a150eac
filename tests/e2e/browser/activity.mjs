// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { api, sandbox, settings, tell, until } from "./browser.mjs";
import { tabTo } from "./keys.mjs";
import { looks } from "./looks.mjs";

const AT = "/orgs/acme/activity";
const [ada, grace, alan] = settings.people;

const entries = (page) => page.locator(".timeline li");
const days = (page) => page.getByRole("heading", { level: 2 });
const filter = (page, label) => page.getByRole("search").getByLabel(label, { exact: true });
const move = (email, department) => sandbox("PATCH", `/users/${email}`, { department });
const history = async (query) => (await api("GET", `/orgs/acme/history?limit=500&${query}`)).items;
const isInHistory = (team) => until(async () =>
  (await history("field=team")).some((entry) => entry.after === team), `${team} in the history`);
const isoDay = (ago) => new Date(Date.now() - ago * 86400000).toLocaleDateString("sv", { timeZone: "Europe/Berlin" });

// Until exactly these are on screen.
const shows = (page, count) => until(async () => (await entries(page).count()) === count, `${count} entries`);

await tell({
  async "what happened is told in sentences, by day, newest first"(stage) {
    const all = await history("");
    const page = await stage.open({ who: "reader", at: AT });
    await shows(page, 50);
    assert.equal(await days(page).first().textContent(), "Today");
    for (let seen = 50; seen < all.length; seen += 50) {
      await page.getByRole("button", { name: "Show more" }).click();
      await shows(page, Math.min(seen + 50, all.length));
    }
    assert.equal(await page.getByRole("button", { name: "Show more" }).count(), 0, "that was all");
    assert.equal((await days(page).allTextContents())[1], "Yesterday");
    assert.equal(await days(page).count(), 3);
    await entries(page).last().getByText("Team changed from Sales to Support").waitFor();
    await page.getByText("Added to the team").first().waitFor();
    await stage.shot(page, "activity-whole");
  },

  async "it is filtered by what, whom and when, also without a mouse"(stage) {
    const page = await stage.open({ at: `${AT}?field=connection` });
    await shows(page, (await history("field=connection")).length);
    await looks(stage, page, "activity");
    await tabTo(page, filter(page, "What"));
    await page.keyboard.press("Home");
    await page.keyboard.type("Teams");
    await page.keyboard.press("Enter");
    await shows(page, (await history("field=team")).length);
    assert.match(page.url(), /field=team/, "the address can be passed on");

    await filter(page, "Until").fill(isoDay(9));
    await shows(page, 1);
    await filter(page, "From").fill(isoDay(8));
    await page.getByText("Nothing found").waitFor();
    await stage.axe(page);
    await filter(page, "Until").fill(isoDay(1));
    await shows(page, 1);
    await entries(page).getByText("Team changed from Support to Engineering").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await shows(page, 50);

    const own = (await history("")).filter((entry) => entry.email === ada);
    await filter(page, "Person").fill(ada.toUpperCase());
    await page.keyboard.press("Enter");
    await shows(page, own.length);
    assert.equal(await entries(page).filter({ hasText: ada }).count(), own.length);
    await page.reload();
    await shows(page, own.length);
    await filter(page, "Person").fill("nobody@acme.example");
    await page.keyboard.press("Enter");
    await page.getByText("Nobody has the address nobody@acme.example").waitFor();
    assert.equal(await entries(page).count(), 0);
    assert.equal(await page.getByRole("link", { name: "CSV" }).count(), 0, "not everybody's is taken away instead");
  },

  async "whoever is at the top sees what happens; for whoever reads on it waits"(stage) {
    const page = await stage.open({ at: AT, height: 600 });
    await shows(page, 50);
    await move(ada, "Alpha");
    await entries(page).first().getByText("Alpha").waitFor();

    const read = entries(page).nth(20);
    await read.evaluate((element) => element.scrollIntoView());
    const before = await read.boundingBox();
    await move(grace, "Beta");
    await move(alan, "Gamma");
    const button = page.getByRole("button", { name: "2 new entries" });
    await button.waitFor();
    assert.deepEqual(await read.boundingBox(), before, "nothing moves under the reader's eyes");
    assert.equal(await entries(page).filter({ hasText: "Gamma" }).count(), 0);
    await stage.axe(page);
    await stage.shot(page, "activity-new");
    await button.click();
    await entries(page).first().getByText("Gamma").waitFor();
    await until(() => page.evaluate(() => scrollY === 0), "the top");
    assert.equal(await button.count(), 0);
    assert.equal(await entries(page).filter({ hasText: "Beta" }).count(), 1, "once each");
  },

  async "what does not pass the filter is not announced"(stage) {
    const page = await stage.open({ at: `${AT}?field=team&email=${ada}` });
    await shows(page, (await history("field=team")).filter((entry) => entry.email === ada).length);
    const before = await entries(page).count();
    await move(grace, "Delta");
    await isInHistory("Delta");
    await move(ada, "Epsilon");
    await entries(page).first().getByText("Epsilon").waitFor();
    assert.equal(await entries(page).count(), before + 1);
  },

  async "what was missed while nobody listened is fetched"(stage) {
    const page = await stage.open({ at: AT });
    await shows(page, 50);
    await page.context().route("**/events", (route) => route.abort());
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await move(alan, "Zeta");
    await isInHistory("Zeta");
    assert.equal(await entries(page).filter({ hasText: "Zeta" }).count(), 0);
    await page.context().unroute("**/events");
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: false, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await entries(page).first().getByText("Zeta").waitFor();
  },

  async "a part that is empty is not the end"(stage) {
    const page = await stage.open({ who: "reader", at: "/orgs/acme/team" });
    let asked = 0;
    await page.route("**/history?*", (route) => {
      const none = { items: [], next_cursor: `${Date.now() + 1000}-0` };
      return asked++ === 0 ? route.fulfill({ json: none }) : route.continue();
    });
    await page.goto(`${settings.url}/#${AT}?field=connection`);
    await shows(page, (await history("field=connection")).length);
  },

  async "the part that is shown is taken away as a file"(stage) {
    const page = await stage.open({ at: `${AT}?field=connection` });
    const wanted = await history("field=connection");
    await shows(page, wanted.length);
    const take = async (name) => {
      const waiting = page.waitForEvent("download");
      await page.getByRole("link", { name, exact: true }).click();
      return readFileSync(await (await waiting).path(), "utf8").trimEnd().split(/\r?\n/);
    };
    const lines = await take("JSON Lines");
    assert.deepEqual(lines.map((line) => JSON.parse(line)), wanted);
    const sheet = await take("CSV");
    assert.equal(sheet.length, wanted.length + 1);
    assert.match(sheet[0], /^id,at,member/);
  },
});
