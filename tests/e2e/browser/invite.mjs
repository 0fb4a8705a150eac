// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { api, sandbox, tell, until } from "./browser.mjs";
import { tabTo } from "./keys.mjs";
import { looks } from "./looks.mjs";

const AT = "/orgs/acme/invite";

const rows = (page) => page.getByRole("table", { name: "People who are not in the team yet" }).getByRole("row")
  .filter({ has: page.getByRole("rowheader") });
const results = (page) => page.getByRole("table", { name: "What came of it" }).getByRole("row")
  .filter({ has: page.getByRole("rowheader") });
const resultOf = (page, email) => results(page).filter({ hasText: email });
const choose = (page, email) => page.getByRole("checkbox", { name: email }).check();
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const confirm = (page, name) => page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
const member = async (email) => (await api("GET", `/orgs/acme/members?email=${email}`)).items[0];

// Until as many people are on screen.
const shows = (page, count) => until(async () => (await rows(page).count()) === count, `${count} people on screen`);

async function search(page, text, count) {
  await page.getByLabel("Search the directory").fill(text);
  await shows(page, count);
}

await tell({
  async "while auto-sync is off it says so, and leads to it"(stage) {
    await api("PUT", "/orgs/acme/connection/auto-sync", { enabled: false });
    const page = await stage.open({ at: AT });
    await page.getByText("Auto-sync is not on yet").waitFor();
    await stage.axe(page);
    await stage.shot(page, "invite-off");
    await api("PUT", "/orgs/acme/connection/auto-sync", { enabled: true });
    await shows(page, 100); // it hears of it
    await api("PUT", "/orgs/acme/connection/auto-sync", { enabled: false });
    await page.locator(".view").getByRole("link", { name: "Finish setup" }).click();
    await page.getByRole("heading", { level: 1, name: "HR integration" }).waitFor();
    await api("PUT", "/orgs/acme/connection/auto-sync", { enabled: true });
  },

  async "whoever may not invite sees whom to ask"(stage) {
    const page = await stage.open({ who: "reader", at: AT });
    await page.getByText("You can ask Mia Manager.").waitFor();
    await stage.axe(page);
  },

  async "people are searched, chosen by keyboard, and invited with a role; links are copied"(stage) {
    await sandbox("POST", "/users/grace@acme.example/suspend");
    await sandbox("POST", "/users/linus@acme.example/archive");
    const page = await stage.open({ at: AT });
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await shows(page, 100);
    await press(page, "Show more");
    await shows(page, 200);
    await search(page, "grac", 10);
    await page.getByRole("checkbox", { name: /^Grace .* grace.1@/ }).check();
    await looks(stage, page, "invite-list");
    await press(page, "Clear selection");

    await search(page, "grace@", 1);
    await rows(page).getByText("Suspended").waitFor();
    assert.ok(await page.getByRole("checkbox", { name: "grace@acme.example" }).isDisabled());
    await search(page, "linus@", 1);
    assert.ok(await page.getByRole("checkbox", { name: "linus@acme.example" }).isDisabled());
    await search(page, "nobody is called that", 0);
    await page.getByText("Nobody found").waitFor();

    await search(page, "hedy@", 1);
    await tabTo(page, page.getByRole("checkbox", { name: "hedy@acme.example" }));
    await page.keyboard.press("Space");
    await search(page, "ada", 10);
    await choose(page, "ada@acme.example"); // hedy is still chosen
    const go = page.getByRole("button", { name: "Invite 2 people", exact: true });
    await tabTo(page, go);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Role").selectOption("other");
    await dialog.getByLabel("Name of the role").fill("owner");
    await confirm(page, "Invite 2 people");
    assert.ok(await dialog.isVisible(), "nobody is invited as the owner");
    await dialog.getByLabel("Name of the role").fill("Engineer");
    await stage.axe(page);
    await stage.shot(page, "invite-dialog");
    await sandbox("POST", "/users/hedy@acme.example/suspend"); // since she was seen
    await page.keyboard.press("Enter");

    await resultOf(page, "ada@acme.example").getByText("Invited", { exact: true }).waitFor();
    await resultOf(page, "hedy@acme.example").getByText("Not active", { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "results", "the results are read out");
    await page.getByRole("button", { name: "Invite 1 person" }).waitFor(); // hedy, once more, if somebody likes
    const ada = await member("ada@acme.example");
    assert.deepEqual([ada.role, ada.status], ["Engineer", "invited"]);
    await page.getByRole("checkbox", { name: "ada@acme.example" }).waitFor({ state: "detached" }); // a member now

    await press(page, "Make the link");
    await looks(stage, page, "invite-links");
    const link = await page.getByRole("textbox", { name: "Link for" }).inputValue();
    await resultOf(page, "ada@acme.example").getByRole("button", { name: "Copy" }).click();
    await page.getByText("Copied.").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
    await press(page, "Copy with the address");
    await until(async () => (await page.evaluate(() => navigator.clipboard.readText())) === `ada@acme.example\t${link}`,
      "the address and the link on the clipboard");
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    assert.equal((await fetch(link, { method: "POST", headers })).status, 200);
    assert.equal((await member("ada@acme.example")).status, "active");
  },

  async "more than fit into one request are invited, and whoever was quicker is no harm"(stage) {
    const page = await stage.open({ at: AT });
    await shows(page, 100);
    await press(page, "Show more");
    await shows(page, 200);
    const all = page.getByRole("checkbox", { name: /on screen/ });
    await all.check();
    const person = await rows(page).nth(3).locator(".soft").first().textContent();
    await page.getByRole("checkbox", { name: person }).uncheck();
    assert.ok(await all.evaluate((element) => element.indeterminate), "not all of them any more");
    await page.getByRole("checkbox", { name: person }).check();
    const go = await page.getByRole("button", { name: /^Invite/ }).textContent();
    const count = Number(/Invite (\d+) people/.exec(go)[1]);
    assert.ok(count > 150, count);
    const { items } = await api("GET", `/orgs/acme/directory-users?q=${person}`);
    await api("POST", "/orgs/acme/invitations", { directory_user_ids: [items[0].id] });
    const requests = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/invitations")) requests.push(request.postDataJSON().directory_user_ids.length);
    });
    await press(page, `Invite ${count} people`);
    await confirm(page, `Invite ${count} people`);
    await resultOf(page, person).getByText("Already in the team").waitFor();
    await page.getByText(`${count - 1} invited`, { exact: true }).waitFor();
    assert.deepEqual(requests, [100, count - 100]);
    await stage.fits(page);
    await stage.axe(page);
  },
});
