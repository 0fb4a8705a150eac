// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { api, tell } from "./browser.mjs";

const { items } = await api("GET", "/orgs/acme/directory-users?unmatched=true&limit=500");
const free = items.filter((person) => !person.suspended && !person.archived).map((person) => person.email);

// Finds this person, and chooses them.
async function choose(page, email) {
  await page.getByLabel("Search the directory").fill(email);
  await page.getByRole("checkbox", { name: email }).check();
}

async function invite(page) {
  await page.getByRole("button", { name: "Invite 1 person" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Invite 1 person" }).click();
}

await tell({
  async "where mail is sent, nobody is handed a link"(stage) {
    const page = await stage.open({ at: "/orgs/acme/invite" });
    await choose(page, free[0]);
    await invite(page);
    await page.getByText("A mail with the link is on its way.").waitFor();
    assert.equal(await page.getByRole("button", { name: /link/ }).count(), 0);
    await page.getByRole("checkbox", { name: free[1] }).waitFor(); // the search is over
    assert.equal(await page.getByLabel("Search the directory").inputValue(), "");
    await stage.axe(page);
    await stage.shot(page, "invite-mailed");
  },

  async "a request that fails loses nobody who was chosen"(stage) {
    stage.allow(503);
    const page = await stage.open({ at: "/orgs/acme/invite" });
    await choose(page, free[1]);
    const busy = { status: 503, json: { status: 503, title: "Service Unavailable", detail: "try again later" } };
    await page.route("**/invitations", (route) => route.fulfill(busy));
    await invite(page);
    await page.getByText("The service cannot answer just now.").waitFor();
    await page.unroute("**/invitations");
    await invite(page);
    await page.getByText("A mail with the link is on its way.").waitFor();
    assert.equal((await api("GET", `/orgs/acme/members?email=${free[1]}`)).items.length, 1);
  },
});
