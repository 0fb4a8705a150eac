// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { api, sandbox, settings, tell, until } from "./browser.mjs";

const ACME = "/orgs/acme";
const TEAM = "/orgs/acme/team";
const CROWD = "/orgs/crowd/team";

const rows = (page) => page.locator("tr:has(a.who)");
const names = (page) => page.locator("a.who").allTextContents();
const rowOf = (page, text) => rows(page).filter({ hasText: text });
const query = (page) => new URLSearchParams(page.url().split("?")[1]);
const search = (page) => page.getByRole("searchbox");
const head = (page, name) => page.getByRole("columnheader", { name });
const members = (org = ACME) => api("GET", `${org}/members?limit=500`, undefined, "operator").then(({ items }) => items);

const counts = async (page, count) => until(async () => (await rows(page).count()) === count, `${count} rows`);

function isSorted(words, collator = new Intl.Collator("en", { sensitivity: "base" })) {
  return words.every((word, place) => place === 0 || collator.compare(words[place - 1], word) <= 0);
}

await tell({
  async "everybody is seen, with how they stand"(stage) {
    const page = await stage.open({ at: TEAM });
    const everybody = await members();
    await counts(page, everybody.length);
    assert.ok(isSorted(await names(page)), "not by name");
    for (const member of everybody) {
      const text = await rowOf(page, member.email).innerText();
      const seen = [member.name, member.team ?? "–", member.manager ? member.manager.name : "–",
        { active: "Active", invited: "Invited" }[member.status], { synced: "Synced", unmatched: "Not synced" }[member.sync.state]];
      for (const word of seen) assert.ok(text.includes(word), `${word} is not in ${text}`);
    }
    const guest = page.getByRole("link", { name: "Zoë Guest" });
    assert.match(await guest.getAttribute("href"), /^#\/orgs\/acme\/members\/m_/);
    await page.getByRole("link", { name: `${everybody.length} members` }).and(page.locator("[aria-current]")).waitFor();
    await stage.axe(page);
    await stage.shot(page, "team");
  },

  async "they are searched, filtered and sorted, and the address says how"(stage) {
    const page = await stage.open({ at: TEAM });
    const everybody = await members();
    await search(page).fill("ZOE g");
    await counts(page, 1);
    assert.equal((await names(page))[0], "Zoë Guest");
    assert.equal(query(page).get("q"), "ZOE g");
    await page.getByRole("status").filter({ hasText: "1 member found" }).waitFor();
    await page.reload();
    await counts(page, 1);
    assert.equal(await search(page).inputValue(), "ZOE g");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await counts(page, everybody.length);
    assert.equal(query(page).size, 0);

    const team = everybody.find((member) => member.team).team;
    await page.getByLabel("Team", { exact: true }).selectOption(team);
    await counts(page, everybody.filter((member) => member.team === team).length);
    await page.getByLabel("Status", { exact: true }).selectOption("invited");
    await page.getByText("Nobody found").waitFor();
    assert.deepEqual([query(page).get("team"), query(page).get("status")], [team, "invited"]);
    await stage.shot(page, "team-nobody-found");
    await page.locator(".empty").getByRole("button", { name: "Clear filters" }).click();
    await page.getByLabel("Sync", { exact: true }).selectOption("unmatched");
    await counts(page, everybody.filter((member) => member.sync.state === "unmatched").length);

    await page.getByRole("link", { name: /Invited/ }).click(); // of the summary: it alone
    await counts(page, 1);
    assert.equal(query(page).toString(), "status=invited");
    await page.getByRole("link", { name: /members$/ }).click();
    await counts(page, everybody.length);

    for (const [title, key] of [["E-mail", "email"], ["Team", "team"], ["Added", "created"], ["Name", "name"]]) {
      const button = head(page, title).getByRole("button", { name: title });
      const first = key === "created" ? "descending" : "ascending";
      for (const direction of [first, first === "ascending" ? "descending" : "ascending"]) {
        await button.click();
        const found = await api("GET", `${ACME}/members?limit=500&sort=${key}&order=${direction.slice(0, -6)}`);
        const wanted = found.items.map((member) => member.name);
        await until(async () => JSON.stringify(await names(page)) === JSON.stringify(wanted), `${direction} by ${key}`);
        assert.equal(await head(page, title).getAttribute("aria-sort"), direction);
        assert.equal(await page.locator("th[aria-sort]").count(), 1);
      }
    }
    assert.equal(query(page).toString(), "order=desc");
  },

  async "whoever comes back from a profile is where they were"(stage) {
    const page = await stage.open({ who: "operator", at: `${CROWD}?team=Team+07` });
    await counts(page, 100);
    await page.mouse.wheel(0, 100000);
    await counts(page, 200);
    const link = page.getByRole("link", { name: "Person 1599" });
    await link.scrollIntoViewIfNeeded();
    const place = await page.evaluate(() => scrollY);
    await link.click();
    await page.waitForURL(/members\/m_/);
    await until(async () => await page.evaluate(() => scrollY) < place, "the profile, from its top");
    await page.goBack();
    await until(() => link.evaluate((element) => element === document.activeElement).catch(() => false), "the link to have the focus");
    await until(async () => Math.abs(await page.evaluate(() => scrollY) - place) < 2, "the place");
    assert.equal(query(page).get("team"), "Team 07");
  },

  async "what happens in the directory is seen without a reload"(stage) {
    const page = await stage.open({ at: TEAM });
    const everybody = await members();
    await counts(page, everybody.length);
    await page.getByRole("link", { name: /members$/ }).waitFor();
    const [email, leaver, later] = [settings.people[3], settings.people[4], settings.people.at(-1)];
    const row = rowOf(page, email);

    const seen = async (what, act, locator) => {
      const begun = performance.now();
      await act();
      await locator.waitFor();
      console.log(`  ${what} after ${Math.round(performance.now() - begun)} ms`);
    };
    await seen("another team is seen", () => sandbox("PATCH", `/users/${email}`, { department: "Stargazing" }), row.getByText("Stargazing"));
    await page.locator("tr.marked").filter({ hasText: email }).waitFor();
    assert.equal(await page.locator("tr.marked").count(), 1);
    const { name } = everybody.find((member) => member.email === email);
    await page.getByRole("status").filter({ hasText: `${name} has changed` }).waitFor();
    await page.locator(`option[value=Stargazing]`).waitFor({ state: "attached" });
    await stage.shot(page, "team-marked");
    await seen("a suspension is seen", () => sandbox("POST", `/users/${leaver}/suspend`), rowOf(page, leaver).getByText("Suspended"));
    await page.getByRole("link", { name: "1 Suspended" }).waitFor();
    await seen("somebody new is seen", () => api("POST", `${ACME}/members`, { email: later, name: "Aaron Later" }), rowOf(page, later));
    assert.equal((await names(page))[0], "Aaron Later");

    await page.getByLabel("Status", { exact: true }).selectOption("suspended");
    await counts(page, 1);
    await seen("who does not fit any more is gone", () => sandbox("POST", `/users/${leaver}/unsuspend`), page.getByText("Nobody found"));
    await seen("who fits now is there", () => sandbox("POST", `/users/${leaver}/suspend`), rowOf(page, leaver));
  },

  async "many changes at once are looked at together"(stage) {
    const page = await stage.open({ who: "operator", at: CROWD });
    const reads = () => page.evaluate(() =>
      performance.getEntriesByType("resource").filter(({ name }) => name.includes("/members")).length);
    await until(async () => (await reads()) === 2, "the second look, when the events have begun");
    const { items } = await api("GET", "/orgs/crowd/members?sort=name&limit=60", undefined, "operator");
    await Promise.all(items.map(({ id }) => api("PATCH", `/orgs/crowd/members/${id}`, { team: "Reorganised" }, "operator")));
    await until(async () => (await rows(page).filter({ hasText: "Reorganised" }).count()) === items.length, "all of them");
    console.log(`  ${items.length} changes were seen with ${await reads() - 2} requests`);
    assert.ok(await reads() - 2 < items.length / 2);
  },

  async "who comes back to the window sees what has happened meanwhile, at the same place"(stage) {
    const page = await stage.open({ who: "operator", at: CROWD });
    const hide = (isHidden) => page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
    const last = page.getByRole("link", { name: "Person 0777" });
    while (await last.count() === 0) await page.mouse.wheel(0, 3000);
    await last.scrollIntoViewIfNeeded();
    const place = await page.evaluate(() => scrollY);
    await hide(true);
    const { items: [one] } = await api("GET", "/orgs/crowd/members?q=person+0776", undefined, "operator");
    await api("PATCH", `/orgs/crowd/members/${one.id}`, { team: "Meanwhile" }, "operator");
    await hide(false);
    await rowOf(page, "Person 0776").getByText("Meanwhile").waitFor();
    assert.ok(Math.abs(await page.evaluate(() => scrollY) - place) < 5, "the place is another one");
    assert.ok(await last.isVisible());
  },

  async "somebody is added by hand"(stage) {
    const page = await stage.open({ at: TEAM });
    await counts(page, (await members()).length);
    const button = page.getByRole("button", { name: "Add a member" });
    await button.click();
    const dialog = page.getByRole("dialog", { name: "Add a member" });
    await stage.axe(page);
    await stage.shot(page, "team-add");
    await page.keyboard.press("Escape");
    assert.equal(await dialog.count(), 0);
    assert.ok(await button.evaluate((element) => element === document.activeElement));

    await button.click();
    stage.allow(409);
    await dialog.getByLabel("E-mail address").fill(settings.people[0]);
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByRole("alert").filter({ hasText: "a member's already" }).waitFor();
    await dialog.getByLabel("E-mail address").fill("nora@elsewhere.example");
    await dialog.getByLabel("Name").fill("Nora New");
    await dialog.getByLabel("Role").selectOption("admin");
    await dialog.getByLabel("Team").fill("Guests");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const link = await dialog.getByRole("textbox", { name: "Invitation link" }).inputValue();
    assert.match(link, /\/invitations\/./);
    assert.equal((await fetch(link)).status, 200);
    await stage.axe(page);
    await stage.shot(page, "team-added");
    await dialog.getByRole("button", { name: "Done" }).click();
    await rowOf(page, "Nora New").getByText("Guests").waitFor();
    const { items: [nora] } = await api("GET", `${ACME}/members?email=nora@elsewhere.example`);
    assert.deepEqual([nora.role, nora.status, nora.team], ["admin", "invited", "Guests"]);

    await button.click();
    await dialog.getByLabel("E-mail address").fill("now@elsewhere.example");
    await dialog.getByLabel("At once").check();
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("now@elsewhere.example is in the team now.").waitFor();
    await rowOf(page, "now@elsewhere.example").getByText("Active").waitFor();
  },

  async "who may only look is offered nothing to change"(stage) {
    const page = await stage.open({ who: "reader", at: TEAM });
    await counts(page, (await members()).length);
    assert.equal(await page.getByRole("button", { name: "Add a member" }).count(), 0);
    assert.equal(await page.getByRole("link", { name: "Invite", exact: true }).count(), 0);
  },

  async "all of it goes by keyboard"(stage) {
    const page = await stage.open({ at: TEAM });
    const everybody = await members();
    await counts(page, everybody.length);
    await page.getByRole("link", { name: /members$/ }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement.innerText || document.activeElement.ariaLabel);
    const tabTo = async (wanted) => {
      for (let step = 0; step < 40; step++) {
        if (wanted.test(await focused())) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`${wanted} cannot be reached`);
    };
    await page.locator("h1").focus();
    await tabTo(/Invited/);
    await page.keyboard.press("Enter");
    await counts(page, everybody.filter(({ status }) => status === "invited").length);
    await tabTo(/Search/);
    await page.keyboard.type("zoe");
    await counts(page, 1);
    await tabTo(/Clear filters/);
    await page.keyboard.press("Enter");
    await counts(page, everybody.length);
    await page.locator("h1").focus();
    await tabTo(/^Team/);
    await tabTo(/^Added/);
    await page.keyboard.press("Enter");
    await page.locator("th[aria-sort=descending]").filter({ hasText: "Added" }).waitFor();
    await until(async () => (await names(page))[0] === "now@elsewhere.example", "the newest first");
    await tabTo(/now@/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/members\/m_/);
  },

  async "two thousand are scrolled to the end while others change: nobody is missing, nobody is there twice"(stage) {
    const page = await stage.open({ who: "operator", at: CROWD });
    await page.goto("about:blank");
    let isAnswered = false; // nothing but the first request for members
    const data = /crowd\/(members|summary|teams)/;
    await page.route(data, (route) => {
      if (isAnswered || !route.request().url().includes("/members?")) return null;
      isAnswered = true;
      return route.continue();
    });
    await page.goto(`${settings.url}/#${CROWD}`);
    await rows(page).first().waitFor();
    console.log(`  the first of ${settings.crowd} are seen after ${Math.round(await page.evaluate(() => performance.now()))} ms`);
    assert.equal(await rows(page).count(), 100);
    await page.unroute(data); // what waits goes on
    const begun = performance.now();
    const { items: movers } = await api("GET", "/orgs/crowd/members?sort=name&order=desc&limit=20", undefined, "operator");
    const moving = (async () => {
      for (const [number, mover] of movers.entries()) {
        await api("PATCH", `/orgs/crowd/members/${mover.id}`, { name: `Mover ${number}` }, "operator");
        await until(() => page.evaluate((wanted) => scrollY > wanted, number * 4000), "the page to be scrolled on");
      }
    })();
    const met = new Map();
    let most = 0;
    for (let isOver = false; !isOver;) {
      const seen = await page.locator("a.who").evaluateAll((links) =>
        links.map((link) => [link.dataset.member, link.textContent]));
      most = Math.max(most, seen.length);
      assert.equal(new Set(seen.map(([id]) => id)).size, seen.length, "somebody is there twice");
      seen.forEach(([id, name]) => met.set(id, name));
      await page.mouse.wheel(0, 3000);
      isOver = await page.evaluate(() => !document.querySelector(".more, .loading") &&
        scrollY + innerHeight >= document.documentElement.scrollHeight - 1);
    }
    await moving;
    console.log(`  scrolled through after ${Math.round(performance.now() - begun)} ms, at most ${most} rows in the document`);
    const stayed = [...met.values()].filter((name) => name.startsWith("Person")).sort();
    const wanted = Array.from({ length: settings.crowd - movers.length }, (_, number) => `Person ${String(number).padStart(4, "0")}`);
    assert.deepEqual(stayed, wanted);
    assert.ok(most < 500, `${most} rows in the document`);
    await until(async () => (await page.locator("a.who").last().innerText()) === wanted.at(-1), "the movers to be elsewhere");
    await page.mouse.wheel(0, -1e6);
    await until(async () => (await names(page)).filter((name) => name.startsWith("Mover")).length === movers.length, "the movers in their place");
    await stage.axe(page);
  },

  async "a search that takes a while says so, and stops when it is left"(stage) {
    const page = await stage.open({ who: "operator", at: CROWD });
    await counts(page, 100);
    let asked = 0;
    let isEnough = false;
    await page.route("**/members?*q=needle*", (route) => {
      asked += 1;
      return route.fulfill({ json: { items: [], next_cursor: isEnough ? null : `part ${asked}` } });
    });
    await search(page).fill("needle");
    await page.locator("p.loading").filter({ hasText: "Still searching" }).waitFor();
    await until(() => asked > 5, "the search to go on by itself");
    await search(page).fill("person 0042");
    await counts(page, 1);
    const before = asked;
    await search(page).fill("needle");
    await until(() => asked > before + 3, "the search to go on again");
    isEnough = true;
    await page.getByText("Nobody found").waitFor();
    isEnough = false;
    await page.getByRole("button", { name: "Clear filters" }).first().click();
    await counts(page, 100);
    const after = asked;
    await page.getByRole("button", { name: "E-mail" }).click();
    await page.locator("th[aria-sort]").getByRole("button", { name: "E-mail sorted, ascending" }).waitFor();
    await counts(page, 100);
    assert.equal(asked, after);
  },

  async "who moves while the list is read is not there twice"(stage) {
    const page = await stage.open({ who: "operator", at: CROWD });
    await counts(page, 100);
    const { items: [one, other] } = await api("GET", "/orgs/crowd/members?limit=2", undefined, "operator");
    await page.route("**/members?*q=needle*", (route) => route.fulfill({ json: route.request().url().includes("cursor=")
      ? { items: [{ ...one, name: "Zoltan" }], next_cursor: null } : { items: [one, other], next_cursor: "more" } }));
    await search(page).fill("needle");
    await until(async () => (await names(page)).at(-1) === "Zoltan", "the second part");
    assert.equal(await rows(page).count(), 2);
  },

  async "what cannot be read is said, and tried again"(stage) {
    const page = await stage.open({ at: TEAM });
    await page.route("**/events", () => {}); // no answer: whatever happens would be a reason to try again, too
    await page.reload();
    await counts(page, (await members()).length);
    stage.allow(503);
    await page.route("**/members?*", (route) => route.fulfill({ status: 503, json: { status: 503, title: "Unavailable", detail: "no" } }));
    await search(page).fill("zo");
    await page.getByRole("alert").filter({ hasText: "cannot answer" }).waitFor();
    await page.unroute("**/members?*");
    await page.getByRole("button", { name: "Try again" }).click();
    await counts(page, 1);
  },

  async "an empty team says how it is filled"(stage) {
    const page = await stage.open({ who: "operator", at: "/orgs/empty/team" });
    await page.getByText("Nobody is in the team yet").waitFor();
    await page.getByRole("button", { name: "Add a member" }).waitFor();
    await stage.axe(page);
    await stage.shot(page, "team-empty");
  },

  async "on a phone the ways are folded, until somebody asks for them, and have gone somewhere"(stage) {
    const phone = await stage.open({ at: TEAM, width: 360, height: 740 });
    const menu = phone.getByRole("button", { name: "Menu" });
    const ways = phone.getByRole("navigation");
    const areShown = async (wanted) => {
      assert.equal(await menu.getAttribute("aria-expanded"), String(wanted));
      assert.deepEqual([await ways.isVisible(), await phone.getByRole("button", { name: "Sign out" }).isVisible()], [wanted, wanted]);
    };
    await areShown(false);
    const { height } = await phone.getByRole("banner").boundingBox();
    assert.ok(height < 74, `the header takes ${height} of 740`);
    await menu.focus();
    await phone.keyboard.press("Enter");
    await ways.waitFor();
    await areShown(true);
    await stage.fits(phone);
    await stage.axe(phone);
    await stage.shot(phone, "team-narrow-menu");
    await ways.getByRole("link", { name: "Team" }).click(); // where one is already
    await ways.waitFor({ state: "hidden" });
    await menu.click();
    await ways.getByRole("link", { name: "Activity" }).click();
    await phone.getByRole("heading", { level: 1, name: "Activity" }).waitFor();
    await areShown(false);
    await phone.setViewportSize({ width: 1000, height: 740 });
    assert.ok(await ways.isVisible() && !(await menu.isVisible()), "there is room for the ways");
  },

  async "without a directory the team's page leads to one, whoever may connect it"(stage) {
    const page = await stage.open({ who: "operator", at: "/orgs/empty/team" });
    const link = page.getByRole("link", { name: "Connect a directory" });
    assert.equal(await link.getAttribute("href"), "#/orgs/empty/settings/integration");
    await page.getByRole("link", { name: "Activity" }).click();
    await page.getByRole("heading", { level: 1, name: "Activity" }).waitFor();
    assert.equal(await link.count(), 0);
  },

  async "it fits narrow and dark screens, and speaks German"(stage) {
    const phone = await stage.open({ at: TEAM, width: 360, height: 740, language: "de", isDark: true });
    await counts(phone, (await members()).length);
    await phone.getByRole("link", { name: /Mitglieder$/ }).waitFor();
    assert.ok(!(await phone.getByLabel("Status", { exact: true }).isVisible()), "the filters are not folded away");
    await stage.fits(phone);
    await stage.axe(phone);
    await stage.shot(phone, "team-narrow-de-dark");
    await phone.getByRole("button", { name: /^Filter/ }).click();
    await phone.getByLabel("Status", { exact: true }).selectOption("invited");
    await counts(phone, 3);
    await phone.getByLabel("Sortieren nach").selectOption("name_desc");
    await until(async () => (await names(phone))[0] === "Zoë Guest", "the order");
    await stage.fits(phone);
    await stage.axe(phone);
    await stage.shot(phone, "team-narrow-filters");
    await phone.getByRole("button", { name: "Mitglied hinzufügen" }).click();
    await stage.fits(phone);
    await stage.axe(phone);
    await stage.shot(phone, "team-narrow-add");

    const tablet = await stage.open({ at: TEAM, width: 820 });
    await counts(tablet, (await members()).length);
    await tablet.getByRole("link", { name: /members$/ }).waitFor();
    await tablet.getByLabel("Sort by").waitFor(); // not every column has room
    await stage.fits(tablet);
    await stage.axe(tablet);
    await stage.shot(tablet, "team-tablet");

    const dark = await stage.open({ at: TEAM, isDark: true, language: "de", width: 1280 });
    await counts(dark, (await members()).length);
    await dark.getByRole("link", { name: /Mitglieder$/ }).waitFor();
    await stage.fits(dark);
    await stage.axe(dark);
    await stage.shot(dark, "team-dark-de");
  },
});
