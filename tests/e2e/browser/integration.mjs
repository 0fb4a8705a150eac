// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { api, sandbox, settings, tell, until } from "./browser.mjs";

const ORG = "/orgs/acme";
const HERE = `${ORG}/settings/integration`;
const ADMIN = "admin@acme.example";
const FORBIDDEN = { on: "users.list", kind: "status", status: 403, reason: "insufficientPermissions" };

// --- what the chapters have in common ---

const button = (page, name) => page.getByRole("button", { name, exact: true });
const heading = (page, name) => page.getByRole("heading", { name, exact: true });
const connection = () => api("GET", `${ORG}/connection`);

// As it is in German, in the dark, on a telephone; and as it is here.
async function lookAt(stage, page, name, at = HERE) {
  await stage.axe(page);
  await stage.shot(page, `integration-${name}`);
  if (!at) return;
  const small = await stage.open({ at, language: "de", width: 360, height: 800, isDark: true });
  await small.locator("main .card").first().waitFor();
  await stage.axe(small);
  await stage.fits(small);
  await stage.shot(small, `integration-${name}-de-dark-360`);
  await small.close();
}

async function fault(kind, then) {
  await sandbox("POST", "/faults", kind);
  await then();
  await sandbox("DELETE", "/faults");
}

const file = (content, name = "key.json") => ({ name, mimeType: "application/json",
  buffer: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)) });

const chooseFile = (page, content) => page.getByLabel(/^Choose (key|another) file$/).setInputFiles(file(content));

// What is dropped onto a page.
const held = (page, content) => page.evaluateHandle((text) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], "key.json", { type: "application/json" }));
  return transfer;
}, JSON.stringify(content));

async function connectWithKey(page, subject) {
  await page.getByLabel("Admin’s address").fill(subject);
  await button(page, "Connect").click();
}

const connect = () => api("PUT", `${ORG}/connection`, { provider: "google-workspace",
  credentials: { type: "service_account", subject: ADMIN, key: settings.key } });

async function enable() {
  await connect();
  await api("PUT", `${ORG}/connection/auto-sync`, { enabled: true });
}

const isAtRest = async () => (await api("GET", `${ORG}/resyncs`)).items.every((run) => run.state !== "running")
  && (await connection()).last_resync_at;

const text = (locator) => locator.evaluateAll((found) => found.map((one) => one.textContent));

// --- the story ---

await tell({
  async "who may only look is told who can connect"(stage) {
    const reader = await stage.open({ who: "reader", at: HERE });
    await reader.getByText("You can ask Ivo Integrator or Mia Manager.").waitFor();
    assert.equal(await button(reader, "Use a key file").count(), 0);
    await lookAt(stage, reader, "reader", null);
  },

  async "a key file is looked at before it is sent"(stage) {
    const page = await stage.open({ at: HERE });
    await heading(page, "How do you want to connect?").waitFor();
    await lookAt(stage, page, "disconnected");
    await button(page, "Use a key file").click();
    await page.getByLabel("Admin’s address").fill(ADMIN);
    await button(page, "Connect").click();
    await page.getByText("Choose the key file first.").waitFor();
    for (const [content, wrong] of [
      ["-----BEGIN PRIVATE KEY-----", "it is not JSON"],
      [{ installed: { client_id: "x" } }, "the file of an OAuth client"],
      [{ ...settings.key, type: "authorized_user" }, "not the key file of a service account"],
      [{ ...settings.key, private_key: "" }, "Something is missing"],
      [JSON.stringify(settings.key) + " ".repeat(70000), "too large"],
    ]) {
      await chooseFile(page, content);
      await page.getByRole("alert").getByText(wrong).waitFor();
    }
    await chooseFile(page, settings.key);
    await page.getByText(settings.key.client_email).waitFor();
    await chooseFile(page, {});
    await page.getByRole("alert").waitFor();
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: await held(page, settings.key) });
    await page.getByText(settings.key.client_email).waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
    assert.equal(await page.getByLabel("Client ID", { exact: true }).inputValue(), settings.key.client_id);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await button(page, "Copy OAuth scope").click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /admin\.directory\.user\.readonly$/);
    await page.getByText("Copied.").waitFor();
    await stage.axe(page);
    await stage.shot(page, "integration-key");
  },

  async "what Google refuses is told, with what to do about it"(stage) {
    stage.allow(422, 503);
    const page = await stage.open({ at: HERE });
    await button(page, "Use a key file").click();
    await chooseFile(page, settings.key);
    const get = { on: "users.get", kind: "status", status: 403 };
    for (const [strikes, what, mend] of [
      [{ on: "token", kind: "unauthorized_client" }, /delegation/i, new RegExp(`${settings.key.client_id} with the`)],
      [{ on: "token", kind: "invalid_grant" }, /key was deleted or replaced/, /make a new JSON key/],
      [{ ...get, reason: "accessNotConfigured" }, /Admin SDK API is not enabled/, /press Enable/],
      [{ ...get, reason: "quotaExceeded" }, /too many requests/, /Try again in a minute/],
      [{ on: "token", kind: "status", status: 503 }, /unavailable/, /Try again in a minute/],
    ]) {
      await fault(strikes, async () => {
        await connectWithKey(page, ADMIN);
        const alert = page.getByRole("alert");
        await alert.getByText(what).first().waitFor();
        await page.locator(".refusal:focus").waitFor(); // read out, and the next Tab is beside it
        await alert.getByText(mend).waitFor();
      });
    }
    await connectWithKey(page, "nobody@acme.example");
    await page.getByRole("alert").getByText(/is not an account of this Workspace/).waitFor();
    await lookAt(stage, page, "refused", null);
    assert.equal((await connection()).state, "disconnected");
  },

  async "who connects as no admin learns that nobody is suspended; and the page keeps no key"(stage) {
    const page = await stage.open({ at: HERE });
    await button(page, "Use a key file").click();
    await chooseFile(page, settings.key);
    await connectWithKey(page, settings.people[35]);
    await page.getByText("Nobody will ever be suspended through this connection.").waitFor();
    const kept = await page.evaluate(() => [document.documentElement.outerHTML,
      ...[...document.querySelectorAll("input")].map((one) => one.value),
      ...[localStorage, sessionStorage].flatMap((storage) =>
        Array.from(storage, (_, place) => storage.getItem(storage.key(place))))].join());
    assert.ok(!kept.includes("PRIVATE KEY") && !kept.includes(settings.key.private_key_id));
    await button(page, "Show what will change").click();
    await heading(page, "Edits by hand will be overwritten").waitFor();
    assert.equal(await page.getByText("Nobody will ever be suspended through this connection.").count(), 2);
    await lookAt(stage, page, "no-admin", null);
  },

  async "an admin consents, or does not, and comes back into the page"(stage) {
    stage.allow(403, 404, 409); // 404: the stand-in for Google has no icon
    const page = await stage.open({ at: HERE });
    await button(page, "Reconnect").click();
    await button(page, "Go to Google").click();
    await page.getByRole("button", { name: "Deny" }).click();
    await heading(page, "Nothing was connected").waitFor();
    await stage.axe(page);
    await page.getByRole("link", { name: "Back to teamsync" }).click();
    await page.getByLabel("What needs attention").getByRole("link", { name: "Finish setup" }).click();
    await button(page, "Reconnect").click();
    await button(page, "Go to Google").click();
    await page.getByLabel("Account").fill(ADMIN);
    await page.getByRole("button", { name: "Allow" }).click();
    await heading(page, "Connected").waitFor();
    await lookAt(stage, page, "consented", null);
    await page.getByRole("link", { name: "Next step: enable auto-sync" }).click();
    await heading(page, "Enable auto-sync").waitFor();
    await page.getByText(ADMIN).waitFor();
    assert.equal(await page.getByText("Nobody will ever be suspended").count(), 0);

    await page.goto(`${settings.without_consent}/#${HERE}`);
    await button(page, "Reconnect").click();
    await button(page, "Go to Google").click();
    await page.getByRole("alert").getByText("Whoever runs teamsync has to register it").waitFor();
    await heading(page, "Choose the key file").waitFor();
    await stage.axe(page);
    await stage.shot(page, "integration-no-consent");
  },

  async "until auto-sync is enabled, every page says so to who can do something about it"(stage) {
    const page = await stage.open({ at: `${ORG}/team` });
    for (const at of ["team", "activity", "hold", "invite", "settings"]) {
      await page.goto(`${settings.url}/#${ORG}/${at}`);
      await page.getByLabel("What needs attention").getByRole("link", { name: "Finish setup" }).waitFor();
    }
    await lookAt(stage, page, "banner", `${ORG}/settings`);
    await page.getByLabel("What needs attention").getByRole("link", { name: "Finish setup" }).click();
    await heading(page, "HR integration").waitFor();
    await page.getByLabel("What needs attention").getByRole("link", { name: "Finish setup" }).waitFor({ state: "detached" });
    const reader = await stage.open({ who: "reader", at: `${ORG}/settings` });
    await reader.getByText("auto-sync is off: nothing moves yet").waitFor();
    assert.equal(await reader.getByRole("status", { name: "What needs attention" }).count(), 0);
  },

  async "without both permissions it says who can enable auto-sync"(stage) {
    const page = await stage.open({ who: "integrator", at: `${ORG}/team` });
    await page.getByText("You can ask Mia Manager.").waitFor();
    await page.getByRole("link", { name: "Look at it" }).click();
    await heading(page, "Enable auto-sync").waitFor();
    await page.getByText("You can ask Mia Manager.").waitFor();
    assert.equal(await button(page, "Show what will change").count(), 0);
    assert.equal(await button(page, "Enable auto-sync").count(), 0);
    await lookAt(stage, page, "integrator", null);
  },

  async "the preview, the notice and the button come in this order"(stage) {
    stage.allow(409, 422, 503);
    const page = await stage.open({ at: HERE });
    const isThere = (name) => heading(page, name).count();
    await lookAt(stage, page, "connected");
    await fault(FORBIDDEN, async () => {
      await button(page, "Show what will change").click();
      await page.getByRole("alert").getByText(/was not granted/).waitFor();
    });
    await page.route("**/preview", (route) => route.fulfill({ status: 503, json: { detail: "google: put off" } }));
    await button(page, "Try again").click();
    await page.getByRole("alert").getByText("The service cannot answer just now").waitFor();
    await page.unroute("**/preview");
    assert.equal(await isThere("Switch it on"), 0);
    await sandbox("PATCH", "/settings", { latency_ms: 700 });
    await button(page, "Try again").click();
    await page.getByRole("progressbar").waitFor();
    await page.getByText(/^For \d second/).waitFor();
    await stage.shot(page, "integration-reading");
    await button(page, "Cancel").click();
    await sandbox("PATCH", "/settings", { latency_ms: 0 });
    assert.equal(await isThere("Edits by hand will be overwritten"), 0);
    assert.equal(await button(page, "Enable auto-sync").count(), 0);
    await button(page, "Show what will change").click();
    await button(page, "Enable auto-sync").waitFor();
    await page.locator(".sum:focus").waitFor(); // what was pressed is gone
    assert.deepEqual(await text(page.locator(".guide h3")),
      ["See what will change", "Edits by hand will be overwritten", "Switch it on"]);
    const lists = await text(page.locator(".preview h4"));
    assert.match(lists[0], /^Manual edits of 2 members will be overwritten$/);
    const first = page.getByRole("table", { name: lists[0] });
    assert.deepEqual((await text(first.getByRole("rowheader"))).sort(), [...settings.edited].sort());
    await first.getByText(/Team: Set by hand → \w/).first().waitFor();
    assert.equal((await connection()).state, "connected");
    await lookAt(stage, page, "preview", null);
    await connect(); // somebody else; what was seen is not what would come
    await button(page, "Enable auto-sync").click();
    await page.getByText("The directory was connected anew meanwhile").waitFor();
    assert.equal((await connection()).state, "connected");
    await button(page, "Show what will change").click();
    await button(page, "Enable auto-sync").click();
    await page.locator("h1:focus").waitFor();
    await heading(page, "Auto-sync is on: changes in Google Workspace reach the team within seconds.").waitFor();
    await page.getByRole("row").getByText("Done", { exact: true }).first().waitFor();
    await page.getByText("Auto-sync enabled, by Mia Manager").waitFor();
    assert.equal((await connection()).state, "active");
  },

  async "a resync is seen as it runs, and its suspensions are undone"(stage) {
    await until(isAtRest, "the first resync to end");
    const [leaver] = settings.people;
    await sandbox("PATCH", `/users/${leaver}`, { suspended: true, notify: false });
    const page = await stage.open({ at: HERE });
    const rows = page.getByRole("table", { name: "Full resyncs" }).getByRole("row");
    await rows.nth(1).waitFor();
    await lookAt(stage, page, "active");
    await button(page, "What would it change?").click();
    await page.getByText("1 is suspended").waitFor();
    await page.getByText("Access: Active → Suspended (suspended in the directory)").waitFor();
    await stage.axe(page);
    await stage.shot(page, "integration-what-would");
    await page.getByRole("button", { name: "Close" }).first().click();
    await sandbox("PATCH", "/settings", { latency_ms: 500 });
    await button(page, "Resync now").click();
    await page.getByRole("progressbar").waitFor();
    assert.equal(await button(page, "Resync now").isDisabled(), true);
    await stage.axe(page);
    await stage.shot(page, "integration-running");
    await sandbox("PATCH", "/settings", { latency_ms: 0 });
    await rows.nth(1).getByText(/1 suspended/).waitFor();
    await rows.nth(1).getByText("Asked for, by Mia Manager").waitFor();
    const reader = await stage.open({ who: "reader", at: HERE });
    await reader.getByText(/1 suspended/).waitFor();
    for (const name of ["Undo suspensions", "Resync now", "Disconnect"]) {
      assert.equal(await button(reader, name).count(), 0);
    }
    await lookAt(stage, reader, "active-reader", null);
    await button(page, "Undo suspensions").click();
    await lookAt(stage, page, "undo", null);
    await page.getByRole("dialog").getByRole("button", { name: "Undo suspensions" }).click();
    await page.getByText("1 member has access again.").waitFor();
    await rows.nth(1).getByText(/1 suspension undone since/).waitFor();
    assert.equal(await button(page, "Undo suspensions").count(), 0);
  },

  async "while it is failing every page says what to do"(stage) {
    const page = await stage.open({ at: HERE });
    await sandbox("POST", "/faults", FORBIDDEN);
    await button(page, "Resync now").click();
    await heading(page, "Auto-sync is on, but changes in Google Workspace do not get through just now.").waitFor();
    await page.getByText(/give the client id .* the scope/).waitFor();
    await page.getByRole("row").getByText("Failed", { exact: true }).waitFor();
    await lookAt(stage, page, "failing");
    await page.getByRole("link", { name: "Team" }).click();
    const banner = page.getByRole("status", { name: "What needs attention" });
    await banner.getByText(/give the client id .* the scope/).waitFor();
    await lookAt(stage, page, "failing-banner", `${ORG}/settings`);
    await banner.getByRole("link", { name: "Look at the connection" }).click();
    await sandbox("DELETE", "/faults");
    await button(page, "Try again now").click();
    await heading(page, "Auto-sync is on: changes in Google Workspace reach the team within seconds.").waitFor();
  },

  async "what waits for a decision is on every page, and one thing at a time"(stage) {
    await until(isAtRest, "the resync to end");
    const leavers = settings.people.slice(10, 18);
    for (const email of leavers) await sandbox("PATCH", `/users/${email}`, { suspended: true, notify: false });
    const page = await stage.open({ at: HERE });
    await button(page, "Resync now").click();
    const banner = page.getByRole("status", { name: "What needs attention" });
    await banner.getByText(/^\d people wait for your approval/).waitFor();
    await page.getByRole("row").getByText(/wait for approval/).waitFor();
    await until(isAtRest, "the resync to end");
    for (const email of settings.people.slice(18, 30)) {
      await sandbox("PATCH", `/users/${email}`, { department: null, notify: false });
    }
    await button(page, "What would it change?").click();
    await page.getByText(/\d+ of \d+ members would lose their team\./).waitFor();
    await stage.axe(page);
    await stage.shot(page, "integration-loss");
    await button(page, "Resync now").click();
    await banner.getByText(/would lose their team in a sync/).waitFor();
    assert.equal(await banner.count(), 1);
    await page.getByRole("row").getByText("Too many members would have lost a field").waitFor();
    await lookAt(stage, page, "held");
    const integrator = await stage.open({ who: "integrator", at: `${ORG}/team` });
    await integrator.getByText("You can ask Mia Manager.").waitFor();
    await banner.getByRole("link", { name: "Decide" }).click();
    await heading(page, "Approvals").waitFor();
    await banner.waitFor({ state: "detached" });
  },

  async "auto-sync is disabled, and the directory disconnected, after a question"(stage) {
    const page = await stage.open({ at: HERE });
    const dialog = page.getByRole("dialog");
    await button(page, "Disable auto-sync").click();
    await dialog.getByText("Whoever leaves the directory keeps their access.").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal((await connection()).state, "active");
    await button(page, "Disable auto-sync").click();
    await dialog.getByRole("button", { name: "Disable auto-sync" }).click();
    await button(page, "Show what will change").waitFor();
    assert.equal((await connection()).state, "connected");
    await button(page, "Disconnect").click();
    await dialog.getByText("The credentials are erased").waitFor();
    await lookAt(stage, page, "disconnect", null);
    await dialog.getByRole("button", { name: "Disconnect" }).click();
    await heading(page, "How do you want to connect?").waitFor();
    assert.equal((await connection()).state, "disconnected");
  },

  async "the settings are changed by who may, and seen by others"(stage) {
    await enable();
    const page = await stage.open({ at: `${ORG}/settings` });
    await page.getByLabel("Name", { exact: true }).fill("Acme & Sons");
    await button(page, "Save name").click();
    await page.getByRole("banner").getByText("Acme & Sons").waitFor();
    await page.getByLabel("A person’s team is").selectOption("a field of your own");
    await page.getByLabel("Name of the field").fill("Company.Squad");
    await page.getByLabel("Empty here what is empty in the directory").check();
    await button(page, "Save sync settings").click();
    await until(async () => (await api("GET", ORG)).sync.team_from === "custom:Company.Squad", "the setting");
    await page.getByLabel("Invite new people automatically").check();
    await page.getByLabel("Their role").selectOption("Another role");
    await page.getByLabel("Name of the role").fill("contractor");
    await button(page, "Save invitations").click();
    const isOn = async () => (await api("GET", ORG)).invitations.auto_invite;
    await until(isOn, "the setting");
    const org = await api("GET", ORG);
    assert.deepEqual([org.name, org.sync.clear_missing, org.invitations.role], ["Acme & Sons", true, "contractor"]);
    await lookAt(stage, page, "settings", `${ORG}/settings`);
    const reader = await stage.open({ who: "reader", at: `${ORG}/settings` });
    await reader.getByText("the field Company.Squad").waitFor();
    await reader.getByText("contractor").waitFor();
    assert.equal(await reader.getByRole("textbox").count(), 0);
    await lookAt(stage, reader, "settings-reader", null);
  },
});
