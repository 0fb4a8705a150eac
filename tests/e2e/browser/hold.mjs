// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { api, sandbox, settings, tell, until } from "./browser.mjs";
import { tabTo } from "./keys.mjs";
import { looks } from "./looks.mjs";

const AT = "/orgs/acme/hold";
const people = [...settings.people];

const leave = (emails) => Promise.all(emails.map((email) => sandbox("POST", `/users/${email}/suspend`)));
const comeBack = (emails) => Promise.all(emails.map((email) => sandbox("POST", `/users/${email}/unsuspend`)));
const hold = () => api("GET", "/orgs/acme/hold");
const holds = (count) => until(async () => (await hold()).items.length === count, `${count} on the list`);
const members = async () =>
  new Map((await api("GET", "/orgs/acme/members?limit=100")).items.map((one) => [one.email, one]));
const suspended = async (emails) => {
  const all = await members();
  return emails.every((email) => all.get(email).status === "suspended");
};

const rows = (page) => page.getByRole("table").getByRole("row").filter({ has: page.getByRole("rowheader") });
const outcome = (page) => page.locator("#outcome");
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const confirm = (page, name) => page.getByRole("dialog").getByRole("button", { name, exact: true }).click();

await tell({
  async "where nothing waits, it says what would, and why"(stage) {
    const page = await stage.open({ at: AT });
    await page.getByText("0 of 2 suspensions in the last 24 hours").waitFor();
    await page.getByText("the 31 members who are matched").waitFor();
    await looks(stage, page, "hold-calm");
    await leave(people.slice(0, 1)); // the guard lets them go
    await until(() => suspended(people.slice(0, 1)), "the first one's suspension");
    await page.reload();
    await page.getByText("1 of 2 suspensions in the last 24 hours").waitFor();
  },

  async "what is stopped appears by itself, and what comes later does not push in"(stage) {
    const page = await stage.open({ at: AT });
    await page.getByRole("heading", { name: "Nothing waits for approval" }).waitFor();
    await leave(people.slice(1, 6)); // one goes, four are held
    await holds(4);
    const newer = page.getByRole("button", { name: "Show how it is now" });
    await page.getByRole("heading", { name: /suspensions? waits? for a decision/ }).waitFor();
    if (await newer.isVisible()) await newer.click(); // it was seen while it grew
    await until(async () => (await rows(page).count()) === 4, "four rows");
    await page.getByText("no more than 2 of the 31 matched members").waitFor();
    await page.getByRole("button", { name: "Suspend 4 people", exact: true }).waitFor();

    await leave(people.slice(6, 7));
    await newer.waitFor();
    assert.equal(await rows(page).count(), 4, "the list is not swapped under the reader's hands");
    await stage.axe(page);
    await newer.click();
    await until(async () => (await rows(page).count()) === 5, "five rows");
    assert.match(await outcome(page).textContent(), /^New on the list: 1\.$/);
    assert.match(await rows(page).first().textContent(), /New/, "what is new stands first, and says so");
    assert.equal(await page.getByText("New", { exact: true }).count(), 1);
    await looks(stage, page, "hold-open");
  },

  async "whoever may not decide sees whom to ask"(stage) {
    const page = await stage.open({ who: "reader", at: AT });
    await page.getByText("You can ask Mia Manager.").waitFor();
    assert.equal(await rows(page).count(), 5);
    assert.equal(await page.getByRole("button", { name: /^(Suspend|Keep)/ }).count(), 0);
    await stage.axe(page);
    await stage.shot(page, "hold-reader");
  },

  async "a list that changes between seeing and approving is not approved"(stage) {
    stage.allow(409);
    const page = await stage.open({ at: AT });
    await press(page, "Suspend 5 people");
    await page.getByRole("dialog").getByText("5 people lose their access").waitFor();
    await stage.axe(page);
    await stage.shot(page, "hold-dialog");
    const back = (await hold()).items[0].email;
    await comeBack([back]);
    await holds(4);
    await leave(people.slice(7, 9));
    await holds(6);
    await page.getByText("The list has changed since you opened it.").waitFor();
    await page.locator("nav .count", { hasText: "6" }).waitFor(); // the page knows the new list, but does not show it
    await confirm(page, "Suspend 5 people");
    await outcome(page).waitFor();
    assert.match(await outcome(page).textContent(), /^Nothing was done, .* New on the list: 2\. No longer on it: 1\.$/);
    assert.equal(await rows(page).count(), 6);
    assert.equal((await hold()).items.length, 6, "nobody was decided about");
    await stage.shot(page, "hold-changed");
  },

  async "of two who decide at once one does, and the other is told"(stage) {
    stage.allow(404);
    const [one, other] = await Promise.all([stage.open({ at: AT }), stage.open({ who: "operator", at: AT })]);
    const list = (await hold()).items.map((held) => held.email);
    await Promise.all([one, other].map((page) => press(page, "Suspend 6 people")));
    await confirm(one, "Suspend 6 people");
    await outcome(one).getByText("Approved: 6 people are looked up once more, and suspended.").waitFor();
    await one.getByRole("heading", { name: "Nothing waits for approval" }).waitFor();
    await confirm(other, "Suspend 6 people");
    await outcome(other).getByText("Nothing was done: somebody else has decided").waitFor();
    await other.getByRole("heading", { name: "Nothing waits for approval" }).waitFor();
    await until(() => suspended(list), "exactly these to be suspended");
    await stage.axe(one);
    await stage.shot(one, "hold-approved");
  },

  async "somebody rejects without a mouse, and nobody is asked about again"(stage) {
    await leave(people.slice(10, 12));
    await holds(2);
    const page = await stage.open({ at: AT });
    await tabTo(page, page.getByRole("button", { name: "Keep 2 people", exact: true }));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("2 people stay, with their access").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.equal((await hold()).items.length, 2, "Escape decides nothing");
    await page.keyboard.press("Enter"); // the focus is where it was
    await tabTo(page, dialog.getByRole("button", { name: "Keep 2 people", exact: true }));
    await page.keyboard.press("Enter");
    await outcome(page).getByText("Rejected: 2 people stay").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "outcome", "the outcome is read out");
    await api("POST", "/orgs/acme/resync", { mode: "apply" });
    await until(async () => (await api("GET", "/orgs/acme/resyncs")).items[0].state === "done", "the next resync");
    assert.equal((await hold()).open, false);
    const all = await members();
    assert.ok(people.slice(10, 12).every((email) => all.get(email).status === "active"));
  },

  async "a field that would be emptied waits, too"(stage) {
    const emptied = people.slice(15, 25);
    for (const email of emptied) await sandbox("PATCH", `/users/${email}`, { department: "", notify: false });
    const held = async () => {
      await api("POST", "/orgs/acme/resync", { mode: "apply" });
      await until(async () => (await hold()).open, "the loss to be held");
    };
    await held();
    const page = await stage.open({ at: AT });
    await page.getByRole("heading", { name: "10 people would lose their team" }).waitFor();
    await page.getByText("A full resync would clear the team of 10 out of").waitFor();
    await looks(stage, page, "hold-loss");
    await press(page, "Clear nothing");
    await page.getByRole("dialog").getByText("The team of all 10 people stays as it is for now.").waitFor();
    await confirm(page, "Clear nothing");
    await outcome(page).getByText("Rejected: the team of 10 people stays as it is.").waitFor();
    await held();
    await press(page, "Clear the team of 10 people");
    await stage.shot(page, "hold-loss-dialog");
    await confirm(page, "Clear the team of 10 people");
    await outcome(page).getByText("Approved: a full resync now clears the team").waitFor();
    await until(async () => {
      const all = await members();
      return emptied.every((email) => all.get(email).team === null);
    }, "the approved resync");
  },
});
