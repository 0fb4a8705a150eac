// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { sandbox, settings, speech, tell } from "./browser.mjs";

const say = speech("en", "sandbox");
const HERE = { who: null, site: settings.sandbox };

const row = (page, text) => page.getByRole("row").filter({ has: page.getByRole("rowheader").filter({ hasText: text }) });
const press = (page, key, name) => page.getByRole("button", { name: `${say(`people.${key}`)} ${name}`, exact: true }).click();
const told = (page, key, name) => page.getByRole("status").getByText(`${say(`told.${key}`, { name })} ${say("told.sent", { n: 1 })}`).waitFor();

async function fill(page, values) {
  const form = page.getByRole("dialog");
  for (const [key, value] of Object.entries(values)) await form.getByLabel(say(`person.${key}`), { exact: true }).fill(value);
  await form.getByRole("button", { name: say("common.save") }).or(form.getByRole("button", { name: say("person.hire") })).click();
}

const person = (address) => sandbox("GET", `/users/${address}`);

await tell({
  async "it says that it is Google's side, and lists the directory's people page by page"(stage) {
    const page = await stage.open(HERE);
    assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), say("band.title"));
    await page.getByText(say("band.sign")).waitFor();
    await row(page, "ada@acme.example").waitFor();
    assert.equal(await page.getByRole("row").count(), 26);
    await page.getByRole("button", { name: say("people.next") }).click();
    await row(page, "ada@acme.example").waitFor({ state: "detached" });
    await page.getByRole("button", { name: say("people.next") }).click();
    await page.getByRole("button", { name: say("people.next"), disabled: true }).waitFor();
    assert.equal(await page.getByRole("row").count(), 11);
    await page.getByRole("button", { name: say("people.previous") }).click();
    await page.getByRole("button", { name: say("people.previous") }).click();
    await row(page, "ada@acme.example").waitFor();
    await page.getByLabel(say("people.search")).fill("OKAF");
    await row(page, "grace@acme.example").waitFor();
    await row(page, "ada@acme.example").waitFor({ state: "detached" });
    await page.getByLabel(say("people.search")).fill("nobody at all");
    await page.getByText(say("people.not_found")).waitFor();
  },

  async "whoever is hired, edited or renamed is so over there, and teamsync is told"(stage) {
    stage.allow(400);
    const page = await stage.open(HERE);
    await page.getByRole("button", { name: say("people.hire") }).click();
    await stage.axe(page);
    await fill(page, { given_name: "Nora", family_name: "New", address: "ada@acme.example" });
    await page.getByRole("alert").getByText(say("problem.address")).waitFor();
    await fill(page, { address: "a.nora@acme.example", department: "Sales", manager: "ada@acme.example" });
    await told(page, "hired", "Nora New");
    const hired = await person("a.nora@acme.example");
    assert.deepEqual([hired.organizations[0].department, hired.relations[0].value, hired.isAdmin], ["Sales", "ada@acme.example", false]);
    await page.getByRole("list", { name: say("wire.sent") }).getByText(say("event.add", { name: "Nora New" })).waitFor();

    await press(page, "edit", "Nora New");
    await fill(page, { department: "Research", manager: "" });
    await told(page, "changed", "Nora New");
    await row(page, "Nora New").getByText("Research").waitFor();
    const edited = await person(hired.id);
    assert.deepEqual([edited.organizations[0].department, edited.relations], ["Research", undefined]);

    await press(page, "edit", "Nora New");
    await fill(page, { address: "a.nora.newer@acme.example" });
    await told(page, "changed", "Nora New");
    await row(page, "a.nora.newer@acme.example").waitFor();
    assert.deepEqual((await person(hired.id)).aliases, ["a.nora@acme.example"]);
  },

  async "rights and the archive are ticks in the form"(stage) {
    const page = await stage.open(HERE);
    await press(page, "edit", "Ada Marlowe");
    await page.getByLabel(say("person.is_admin")).check();
    await page.getByLabel(say("person.is_archived")).check();
    await fill(page, {});
    await row(page, "ada@acme.example").getByText(say("state.archived")).waitFor();
    await row(page, "ada@acme.example").getByText(say("state.admin"), { exact: true }).waitFor();
    await press(page, "edit", "Ada Marlowe");
    await page.getByLabel(say("person.is_admin")).uncheck();
    await page.getByLabel(say("person.is_archived")).uncheck();
    await fill(page, {});
    await row(page, "ada@acme.example").getByText(say("state.archived")).waitFor({ state: "detached" });
    const ada = await person("ada@acme.example");
    assert.deepEqual([ada.isAdmin, ada.archived], [false, false]);
  },

  async "whoever is suspended, or deleted, comes back"(stage) {
    const page = await stage.open(HERE);
    await press(page, "suspend", "Alan Nguyen");
    await told(page, "suspend", "Alan Nguyen");
    await row(page, "alan@acme.example").getByText(say("state.suspended")).waitFor();
    assert.equal((await person("alan@acme.example")).suspended, true);
    await press(page, "unsuspend", "Alan Nguyen");
    await told(page, "unsuspend", "Alan Nguyen");
    await press(page, "delete", "Alan Nguyen");
    await told(page, "delete", "Alan Nguyen");
    await row(page, "alan@acme.example").waitFor({ state: "detached" });
    await page.locator("[aria-label]:focus").and(page.getByLabel(say("people.title"))).waitFor();
    await page.getByRole("button", { name: say("people.deleted") }).click();
    await stage.axe(page);
    await press(page, "undelete", "alan@acme.example");
    await told(page, "undelete", "Alan Nguyen");
    await page.getByText(say("people.none_deleted")).waitFor();
    assert.equal((await person("alan@acme.example")).suspended, false);
  },

  async "what somebody else changes is seen without a reload, and what is lost on the way, too"(stage) {
    const page = await stage.open(HERE);
    await row(page, "ada@acme.example").waitFor();
    await sandbox("POST", "/faults", { on: "notification", kind: "wrong_token", count: 1 });
    await sandbox("PATCH", "/users/ada@acme.example", { department: "Elsewhere" });
    await row(page, "Ada Marlowe").getByText("Elsewhere").waitFor();
    await page.getByText(say("outcome.lost", { status: 403 })).waitFor();
  },

  async "it is as good narrow, in the dark, and in German"(stage) {
    const light = await stage.open(HERE);
    await row(light, "ada@acme.example").waitFor();
    await stage.axe(light);
    await press(light, "suspend", "Alan Nguyen");
    await told(light, "suspend", "Alan Nguyen");
    await stage.shot(light, "sandbox-light");
    for (const [name, options] of Object.entries({ "narrow": { width: 360 }, "dark-narrow-german": { width: 360, isDark: true, language: "de" } })) {
      const page = await stage.open({ ...HERE, ...options });
      await row(page, "ada@acme.example").waitFor();
      await stage.axe(page);
      await stage.fits(page);
      await stage.shot(page, `sandbox-${name}`);
    }
    const dark = await stage.open({ ...HERE, isDark: true, language: "de-AT" });
    assert.equal(await dark.getByRole("heading", { level: 1 }).textContent(), speech("de", "sandbox")("band.title"));
    await row(dark, "ada@acme.example").waitFor();
    await stage.axe(dark);
    await stage.shot(dark, "sandbox-dark-german");
    await dark.getByRole("button", { name: /Ada Marlowe/ }).first().click();
    await dark.getByRole("dialog").waitFor();
    await stage.axe(dark);
    await stage.shot(dark, "sandbox-form");
    await dark.keyboard.press("Escape");
    await dark.getByLabel("Sprache").selectOption("en");
    await dark.getByText(say("band.sign")).waitFor();
  },
});
