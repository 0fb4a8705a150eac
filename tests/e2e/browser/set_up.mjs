// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { settings, speech, tell } from "./browser.mjs";

const { language, link } = settings;
const say = speech(language);
const saySandbox = speech(language, "sandbox");
const READER = { who: null, language, isDark: language === "de" };

// --- where things are ---

const button = (page, key, values) => page.getByRole("button", { name: say(key, values), exact: true });
const heading = (page, text) => page.getByRole("heading", { name: text, exact: true });
const go = (page, key) => page.getByRole("navigation").getByRole("link", { name: say(key) }).click();
const row = (page, name) => page.getByRole("row").filter({ has: page.getByRole("rowheader").filter({ hasText: name }) });

// A sentence in which something is not known beforehand.
function around(key, name) {
  const [before, after] = say(key, { [name]: "…" }).split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`${before}.+${after}`);
}

// --- Google's side ---

async function edit(directory, name, values) {
  await directory.getByRole("button", { name: `${saySandbox("people.edit")} ${name}`, exact: true }).click();
  const form = directory.getByRole("dialog");
  for (const [key, value] of Object.entries(values)) await form.getByLabel(saySandbox(`person.${key}`), { exact: true }).fill(value);
  await form.getByRole("button", { name: saySandbox("common.save") }).click();
}

const press = (directory, key, name) => directory.getByRole("button", { name: `${saySandbox(`people.${key}`)} ${name}`, exact: true }).click();

const told = (directory, key, name) =>
  directory.getByText(`${saySandbox(`told.${key}`, { name })} ${saySandbox("told.sent", { n: 1 })}`, { exact: true }).waitFor();

// --- teamsync's side ---

async function look(stage, page, name) {
  await stage.axe(page);
  await stage.shot(page, `set-up-${language}-${name}`);
}

async function follow(stage) {
  const page = await stage.open({ ...READER, at: link.split("#")[1] });
  await heading(page, say("team.title")).waitFor();
  assert.ok(!page.url().includes("login"), "the secret stays in the address");
  await row(page, "Ada Marlowe").getByText("Set by hand").waitFor();
  return page;
}

async function connect(stage, page) {
  await go(page, "nav.settings");
  await page.getByRole("link", { name: say("settings.integration_open") }).click();
  await heading(page, say("integration.title")).waitFor();
  await button(page, "integration.way.key_go").click();
  await page.getByLabel(say("integration.key_choose")).setInputFiles(settings.key);
  await page.getByLabel(say("integration.subject"), { exact: true }).fill("admin@acme.example");
  await look(stage, page, "1-connect");
  await button(page, "integration.connect").click();
  await page.getByText(say("integration.connected"), { exact: true }).waitFor();
}

// Whoever leaves in the middle is led back.
async function comeBack(page) {
  await go(page, "nav.team");
  await page.getByText(say("banner.unfinished")).waitFor();
  await page.getByRole("link", { name: say("banner.unfinished_go") }).click();
  await heading(page, say("integration.title")).waitFor();
}

// First what will change, then that edits are overwritten, then the button.
async function enable(stage, page) {
  const notice = page.getByText(say("integration.notice_text"));
  const enabling = button(page, "integration.enable");
  await button(page, "integration.look_go").waitFor();
  assert.deepEqual([await notice.count(), await enabling.count()], [0, 0], "it can be enabled unseen");
  await button(page, "integration.look_go").click();
  const edited = page.getByRole("table", { name: say("integration.list.edited", { n: 1 }) });
  await edited.getByText("Set by hand").waitFor();
  const places = await Promise.all([edited, notice, enabling].map(async (one) => (await one.boundingBox()).y));
  assert.deepEqual(places, [...places].sort((one, other) => one - other), "not in this order");
  await look(stage, page, "2-preview");
  await enabling.click();
  await page.getByText(say("connection.is.active")).waitFor();
  await go(page, "nav.team");
  await row(page, "Ada Marlowe").getByText("Engineering").waitFor();
  await row(page, "Ada Marlowe").getByText(say("sync_state.synced"), { exact: true }).waitFor();
}

async function invite(stage, page) {
  await go(page, "nav.invite");
  await page.getByLabel(say("invite.search"), { exact: true }).fill("Linus");
  await page.getByRole("checkbox", { name: /Linus Lindqvist/ }).check();
  await button(page, "invite.go", { n: 1 }).click();
  await page.getByRole("dialog").getByRole("button", { name: say("invite.go", { n: 1 }) }).click();
  await heading(page, say("invite.results")).waitFor();
  await look(stage, page, "3-invited");
  await go(page, "nav.team");
  await row(page, "Linus Lindqvist").getByText(say("status.invited"), { exact: true }).waitFor();
}

async function seeItMove(stage, page, directory) {
  await edit(directory, "Ada Marlowe", { department: "Research", manager: "admin@acme.example" });
  await told(directory, "changed", "Ada Marlowe");
  await row(page, "Ada Marlowe").getByText("Research").waitFor();
  await row(page, "Ada Marlowe").getByText("Avery Admin").waitFor();
  const { height } = await row(page, "Ada Marlowe").boundingBox();
  assert.ok(height < 120, `a row of the team is ${height} pixels high`);
  await stage.shot(directory, `set-up-${language}-4-directory`);
  await look(stage, page, "4-team");
}

async function seeThemLeave(stage, page, directory) {
  await press(directory, "suspend", "Grace Okafor");
  await told(directory, "suspend", "Grace Okafor");
  await row(page, "Grace Okafor").getByText(say("status.suspended"), { exact: true }).waitFor();
  await row(page, "Grace Okafor").getByRole("link", { name: "Grace Okafor" }).click();
  await heading(page, "Grace Okafor").waitFor();
  await page.getByText(around("member.suspension.suspended", "since")).waitFor();
  await page.getByText(say("member.suspension.ends_itself")).waitFor();
  await look(stage, page, "5-profile");
  await press(directory, "unsuspend", "Grace Okafor");
  await page.getByText(around("member.suspension.suspended", "since")).waitFor({ state: "detached" });
  await page.getByText(say("status.active"), { exact: true }).waitFor();
}

async function leave(stage, page) {
  await button(page, "nav.sign_out").click();
  await heading(page, say("sign_in.title")).waitFor();
  stage.allow(401);
  await page.goto(link);
  await page.getByText(say("sign_in.link_used")).waitFor();
}

await tell({
  async [`from an empty Redis to a team that follows its directory (${language})`](stage) {
    const page = await follow(stage);
    await connect(stage, page);
    await comeBack(page);
    await enable(stage, page);
    await invite(stage, page);
    const directory = await stage.open({ ...READER, site: settings.sandbox });
    await seeItMove(stage, page, directory);
    await seeThemLeave(stage, page, directory);
    await leave(stage, page);
  },
});
