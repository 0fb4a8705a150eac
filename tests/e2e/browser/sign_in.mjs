// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { api, settings, signIn, tell, until } from "./browser.mjs";

const heading = (page) => page.getByRole("heading", { level: 1 });
const isAt = (page, name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();

const linkFor = async (name) =>
  (await api("POST", "/login-links", { name, org: "acme", permissions: ["members:read"] }, "operator")).url;

await tell({
  async "whoever is not signed in sees nothing but the way in"(stage) {
    const page = await stage.open({ who: null, at: "/orgs/acme/team" });
    assert.equal(await heading(page).textContent(), "Sign in");
    await page.getByText("from whoever runs teamsync").waitFor();
    await stage.axe(page);
    await stage.shot(page, "sign-in");
    const german = await stage.open({ who: null, language: "de", isDark: true, width: 360, height: 740 });
    assert.equal(await heading(german).textContent(), "Anmelden");
    await stage.axe(german);
    await stage.fits(german);
    await stage.shot(german, "sign-in-de-dark-360");
  },

  async "a token opens the page that was asked for, and a wrong one none"(stage) {
    stage.allow(401);
    const page = await stage.open({ who: null, at: "/orgs/acme/activity" });
    await page.getByLabel("Token").fill("ts_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("not known").waitFor();
    await page.getByLabel("Token").fill(settings.tokens.reader);
    await page.keyboard.press("Enter");
    await isAt(page, "Activity");
    await page.reload();
    await isAt(page, "Activity");
    await page.getByText("Rita Reader").waitFor();
    const cookies = await page.context().cookies();
    assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [["teamsync_session", true, "Strict"]]);
    assert.equal(await page.evaluate(() => document.cookie), "");
  },

  async "a link opens the page once, and its secret does not stay in the address"(stage) {
    stage.allow(401);
    const url = await linkFor("Lina Link");
    const page = await stage.open({ who: null });
    await page.goto(url);
    await isAt(page, "Team");
    await page.getByText("Lina Link").waitFor();
    assert.equal(new URL(page.url()).hash, "#/orgs/acme/team");
    const second = await stage.open({ who: null });
    await second.goto(url);
    await second.getByRole("alert").getByText("used already").waitFor();
    assert.ok(!second.url().includes("login="));
    assert.equal(await page.evaluate(() => history.length <= 3), true); // no step back leads to the secret
  },

  async "whoever signs out is out, and their session is over"(stage) {
    stage.allow(401);
    const page = await stage.open();
    await isAt(page, "Team");
    const cookies = await page.context().cookies();
    await page.getByRole("button", { name: "Sign out" }).click();
    await isAt(page, "Sign in");
    await page.reload();
    await isAt(page, "Sign in");
    const reply = await fetch(`${settings.url}/api/v1/session`, { headers: { Cookie: `${cookies[0].name}=${cookies[0].value}` } });
    assert.equal(reply.status, 401);
  },

  async "whoever could not be signed out sees that they are still there"(stage) {
    stage.allow(503);
    const page = await stage.open({ who: "reader" });
    await isAt(page, "Team");
    await page.route("**/api/v1/session", (route) => (route.request().method() === "DELETE"
      ? route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" }) : route.continue()));
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("status").getByText("does not answer").or(page.locator("#said .problem")).first().waitFor();
    await isAt(page, "Team");
    await page.unroute("**/api/v1/session");
    await page.getByRole("button", { name: "Sign out" }).click();
    await isAt(page, "Sign in");
  },

  async "a tab shows who has signed in beside it, or that nobody is any more"(stage) {
    stage.allow(401);
    const page = await stage.open({ who: "operator", at: "/orgs/acme/team" });
    await page.getByRole("link", { name: "Operations" }).waitFor();
    await signIn(page.context(), "reader"); // the cookie is the browser's
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    await page.getByText("Rita Reader").waitFor();
    await page.getByRole("link", { name: "Operations" }).waitFor({ state: "detached" });
    await page.context().clearCookies();
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    await isAt(page, "Sign in");
  },

  async "a session that ends while somebody only looks on leads back to the way in"(stage) {
    stage.allow(401);
    const page = await stage.open({ who: "reader", at: "/orgs/acme/settings" });
    await isAt(page, "Settings");
    await until(() => page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/hold")).length === 3),
      "what the stream begins with");
    await page.context().clearCookies();
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))); // another stream, as there is every few minutes
    await isAt(page, "Sign in");
  },

  async "a question that is open when its page is left is answered by nobody"(stage) {
    const page = await stage.open({ at: "/orgs/acme/activity" });
    await page.getByRole("link", { name: "Team" }).click();
    await isAt(page, "Team");
    await page.getByRole("button", { name: "Add a member" }).click();
    await page.getByRole("dialog").waitFor();
    await page.goBack();
    await isAt(page, "Activity");
    assert.equal(await page.getByRole("dialog").count(), 0);
  },

  async "what is answered late tells nothing of how things stand, and nothing on another page"(stage) {
    const page = await stage.open({ who: null });
    const late = [];
    await page.route("**/orgs/acme/connection", (route) => (route.request().method() === "DELETE" || late.length === 0
      ? late.push(route) : route.continue()));
    await signIn(page.context(), "operator");
    await page.goto(`${settings.url}/?#/orgs/acme/settings/integration`);
    await page.getByRole("button", { name: "Disconnect" }).waitFor(); // when the events began it was asked again
    const old = page.waitForResponse((reply) => reply.url().endsWith("/connection") && reply.request() === late[0].request());
    await late[0].fulfill({ status: 200, contentType: "application/json", body: JSON.stringify({ state: "disconnected" }) });
    await (await old).finished();
    await page.evaluate(() => fetch("/api/v1/session").then(() => new Promise(requestAnimationFrame)));
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await until(() => late.length === 2, "the request");
    await page.getByRole("link", { name: "Organisations" }).click();
    await isAt(page, "Organisations");
    await late[1].fulfill({ status: 204 });
    await page.locator("#said .done").waitFor();
    await isAt(page, "Organisations");
  },

  async "a session that has ended elsewhere leads back to the way in"(stage) {
    stage.allow(401);
    const page = await stage.open({ who: "operator" });
    await isAt(page, "Organisations");
    const sessions = (await api("GET", "/tokens", undefined, "operator")).items.filter(({ kind }) => kind === "session");
    await Promise.all(sessions.map(({ id }) => api("DELETE", `/tokens/${id}`, undefined, "operator")));
    await page.goto(`${settings.url}/#/orgs/acme/activity`);
    await page.getByRole("alert").getByText("signed out").waitFor();
    await isAt(page, "Sign in");
    await page.getByLabel("Token").fill(settings.tokens.manager);
    await page.keyboard.press("Enter");
    await isAt(page, "Activity");
  },

  async "a chosen language stays"(stage) {
    const page = await stage.open({ at: "/orgs/acme/settings" });
    await page.getByLabel("Language").selectOption("Deutsch");
    await isAt(page, "Einstellungen");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
    await page.reload();
    await isAt(page, "Einstellungen");
  },

  async "the ways through the page are those that one may go, also by keyboard"(stage) {
    const ways = (page) => page.getByRole("navigation").getByRole("link").allInnerTexts();
    const reader = await stage.open({ who: "reader", at: "/orgs/acme/team" }); // nothing has the focus yet
    await isAt(reader, "Team");
    assert.deepEqual(await ways(reader), ["Team", "Approvals", "Activity", "Settings"]);
    await reader.keyboard.press("Tab");
    assert.equal(await reader.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await reader.getByRole("link", { name: "Activity" }).focus();
    await reader.keyboard.press("Enter");
    await isAt(reader, "Activity");
    await reader.waitForFunction(() => document.activeElement.tagName === "H1");
    const operator = await stage.open({ who: "operator", at: "/orgs/acme/team" });
    await isAt(operator, "Team");
    assert.deepEqual(await ways(operator), ["Team", "Invite", "Approvals", "Activity", "Settings", "Organisations", "Operations"]);
    const nowhere = await stage.open({ at: "/orgs/acme/nothing" });
    await isAt(nowhere, "There is no such page");
    await stage.axe(nowhere);
  },
});
