// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { api, sandbox, settings, tell, until } from "./browser.mjs";
import { everyEntry, sentencesOf } from "./member_entries.mjs";

const ORG = "/orgs/acme";
const address = (name) => `${name.toLowerCase()}@acme.example`;
const ids = {};

// --- who is there ---

async function member(name) {
  return api("GET", `${ORG}/members/${ids[name]}`);
}

async function add(name, more = {}) {
  const made = await api("POST", `${ORG}/members`, { email: address(name), name, status: "active", ...more });
  ids[name] = made.id;
}

const hire = (name, more = {}) =>
  sandbox("POST", "/users", { primaryEmail: address(name), department: "Sales", ...more });
const change = (name, more) => sandbox("PATCH", `/users/${address(name)}`, more);
const at = (name, action) => sandbox("POST", `/users/${address(name)}/${action}`);
const becomes = (name, what, condition) => until(async () => condition(await member(name)), `${name} to be ${what}`);
const inState = (name, state) => becomes(name, state, ({ sync }) => sync.state === state);

async function join(name, more = {}) {
  await hire(name, more);
  await add(name);
}

// Each state of the sync, made as it comes about.
async function settle() {
  await join("Grace");
  await join("Ada", { department: "Sales", manager: address("Grace") });
  await hire("Olga");
  await add("Olga", { role: "owner" });
  await hire("Petra");
  await add("Petra", { protected: true });
  await add("Carla"); // a contractor: the directory does not know her
  await join("Paul", { manager: address("Nora") });
  await hire("Nora"); // no member
  for (const name of ["Dora", "Rick", "Hilda", "Mara", "Iris"]) await join(name);
  const all = ["Grace", "Ada", "Olga", "Petra", "Dora", "Rick", "Hilda", "Mara", "Iris"];
  for (const name of all) await inState(name, "synced");
  await inState("Paul", "pending");
  await at("Rick", "delete");
  await becomes("Rick", "suspended", ({ status }) => status === "suspended");
  await hire("Rick", { department: "Elsewhere" }); // his address is somebody else's now
  await inState("Rick", "conflict");
  await at("Dora", "archive");
  await becomes("Dora", "suspended", ({ status }) => status === "suspended");
  await at("Hilda", "suspend");
  await inState("Hilda", "held");
  await at("Petra", "suspend");
  await inState("Petra", "error");
  await at("Olga", "suspend");
  await inState("Olga", "error");
  await api("POST", `${ORG}/members/${ids.Mara}/suspend`);
  await change("Iris", { manager: address("Iris") });
  await inState("Iris", "error");
}

// --- the page ---

const open = (stage, name, more = {}) => stage.open({ at: `${ORG}/members/${ids[name]}`, ...more });

async function shows(page, text) {
  await page.getByText(text).first().waitFor();
}

async function goTo(page, name) {
  await page.goto(`${settings.url}/#${ORG}/members/${ids[name]}`);
  await page.getByRole("heading", { level: 1, name }).waitFor();
  await page.locator(".stand").waitFor();
  await page.locator(".timeline").first().waitFor();
}

const STATES = {
  Ada: ["In step with the directory", null],
  Carla: [/no account was found/, ["Search the directory", "#/orgs/acme/invite?q=Carla"]],
  Paul: [/the manager is missing/, ["Invite the manager", "#/orgs/acme/invite?q=nora%40acme.example"]],
  Rick: [/the address belongs to somebody else/, null],
  Dora: ["In step with the directory", null],
  Hilda: ["Waits for approval", ["Decide under Approvals", "#/orgs/acme/hold"]],
  Petra: [/but protected/, null],
  Olga: [/but the owner/, ["Choose somebody from the team", "#/orgs/acme/team"]],
  Mara: ["In step with the directory", null],
  Iris: ["Not everything could be taken over", null],
};

await settle();

await tell({
  async "each state of the sync says what it is, and the next step"(stage) {
    const page = await open(stage, "Ada");
    for (const [name, [title, next]] of Object.entries(STATES)) {
      await goTo(page, name);
      await page.locator(".stand").getByText(title).waitFor();
      if (next) assert.equal(await page.getByRole("link", { name: next[0] }).getAttribute("href"), next[1]);
      await stage.axe(page);
      await stage.shot(page, `member-${name}`);
    }
    await goTo(page, "Ada");
    await shows(page, "Team and manager come from the directory. Edits made here are overwritten by the next sync.");
    assert.equal(await page.getByRole("link", { name: "Grace" }).getAttribute("href"), `#${ORG}/members/${ids.Grace}`);
  },

  async "whoever comes from the team begins at the name"(stage) {
    const page = await stage.open({ at: `${ORG}/team` });
    await page.getByRole("link", { name: "Ada", exact: true }).click();
    await page.locator("h1:focus").getByText("Ada", { exact: true }).waitFor();
  },

  async "in German everything is German, at night on a telephone, too"(stage) {
    const page = await open(stage, "Ada", { language: "de", width: 360, height: 740, isDark: true });
    for (const name of Object.keys(STATES)) {
      await goTo(page, name);
      assert.deepEqual(await page.locator("main [lang]").allTextContents(), [], name);
      await stage.fits(page);
      await stage.axe(page);
      await stage.shot(page, `member-${name}-de`);
    }
    await goTo(page, "Hilda");
    await page.getByRole("button", { name: "Jetzt abgleichen" }).click();
    await shows(page, "Die Sperrung wartet darauf, dass eine Person sie freigibt oder ablehnt.");
    assert.deepEqual(await page.locator("main [lang]").allTextContents(), []);
    await stage.fits(page);
    await stage.shot(page, "member-steps-de");
    const remove = page.getByRole("button", { name: "Entfernen …" });
    assert.ok(!(await remove.isVisible()), "the decisions stand before the history");
    await page.getByText("Was Sie tun können").click();
    await remove.waitFor();
    await stage.fits(page);
    await stage.axe(page);
    await stage.shot(page, "member-decisions-de");
    await page.getByRole("button", { name: "Bearbeiten" }).click();
    await page.getByLabel("Team").fill("Anderes");
    await stage.fits(page);
    await stage.axe(page);
    await stage.shot(page, "member-edit-de");
  },

  async "a change in the directory is seen without a reload, and told in words"(stage) {
    const page = await open(stage, "Ada");
    await change("Ada", { department: "Marketing" });
    const newest = page.locator(".timeline li").first();
    await newest.getByText("Team changed from Sales to Marketing – from the directory, by push notification").waitFor();
    await page.locator(".about").getByText("Marketing").waitFor();
    assert.equal(await newest.getByText("Done by the job").isVisible(), false);
    await newest.getByText("Team changed").click();
    await newest.getByText(/Done by the job \d+-\d+/).waitFor();
  },

  async "whatever happens is told in words, in both languages"(stage) {
    for (const language of ["en", "de"]) {
      const page = await open(stage, "Ada", { language });
      const sentences = await sentencesOf(page, everyEntry());
      const wrong = sentences.filter(({ text, english }) => english > 0 || /history\.|[{}]|undefined|null/.test(text));
      assert.deepEqual(wrong, []);
    }
    const page = await open(stage, "Ada", { language: "de" });
    const [org, member, operator] = await sentencesOf(page, [
      { field: "hold", member: null, before: "1 suspension, 8 of 40 members without team", after: "approved",
        cause: "approved by Mia", job: null },
      { field: "status", member: "m_1", email: "a@b.c", before: "active", after: "suspended (deleted)",
        cause: "push by Mia", job: "1-0" },
      { field: "member", member: "m_1", email: "a@b.c", before: null, after: "a@b.c", cause: "added by admin socket", job: null }]);
    assert.equal(org.text,
      "Freigegeben: 1 Sperrung, 8 von 40 Mitgliedern hätten ihr Team verloren – freigegeben von Mia");
    assert.equal(member.text, "a@b.c: Gesperrt, weil das Konto im Verzeichnis gelöscht wurde – " +
      "aus dem Verzeichnis, per Push-Benachrichtigung; Mia ließ es noch einmal versuchen");
    assert.equal(operator.text, "a@b.c: Zum Team hinzugefügt – von teamsync-Betrieb");
  },

  async "a long history is shown bit by bit"(stage) {
    for (let count = 1; count <= 12; count++) {
      await api("PATCH", `${ORG}/members/${ids.Petra}`, { name: `Petra ${count}`, role: `guest ${count}` });
    }
    const page = await open(stage, "Petra");
    const entries = page.locator(".timeline li");
    await page.getByRole("button", { name: "Show more" }).click();
    await shows(page, "Added to the team");
    assert.ok(await entries.count() > 24, await entries.count());
    await shows(page, "Role changed from guest 11 to guest 12 – by Mia Manager");
    assert.equal(await page.getByRole("button", { name: "Show more" }).count(), 0);
  },

  async "sync now shows its steps"(stage) {
    const page = await open(stage, "Ada");
    await page.getByRole("button", { name: "Sync now" }).click();
    await shows(page, "Nothing to write.");
    assert.deepEqual(await page.locator(".steps b").allTextContents(),
      ["Connection", "Looked up in the directory", "Matched with the member", "Decided", "Written"]);
    await stage.axe(page);
    await stage.shot(page, "member-steps");
    await goTo(page, "Carla");
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.locator(".steps .bad").getByText("The directory has no account with the address carla@acme.example.")
      .waitFor();
    await stage.shot(page, "member-steps-bad");
  },

  async "an edit of what the directory keeps is warned of, before and after"(stage) {
    const page = await open(stage, "Ada");
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Name").fill("Ada L.");
    await page.getByLabel("Team").fill("Poetry");
    await shows(page, "The directory keeps the team.");
    await page.getByLabel("Manager").fill("nobody@acme.example");
    await stage.axe(page);
    await page.getByRole("button", { name: "Save anyway" }).click();
    await shows(page, "Nobody in the team has this address.");
    await page.getByLabel("Manager").fill("carl");
    await page.locator("#manager-list option[value='carla@acme.example']").waitFor({ state: "attached" });
    await stage.shot(page, "member-edit");
    await page.getByLabel("Manager").fill("carla@acme.example");
    await page.getByRole("button", { name: "Save anyway" }).click();
    await page.locator(".notices").getByText(
      "Team is kept by the directory: if that names one, the sync overwrites this edit within seconds").waitFor();
    await page.getByRole("heading", { level: 1, name: "Ada L." }).waitFor();
    await shows(page, "Manager changed from grace@acme.example to carla@acme.example – by Mia Manager");
    await shows(page, "Team changed from Poetry to Marketing – from the directory, after an edit");
    await stage.shot(page, "member-warned");
    await page.getByRole("button", { name: "Understood" }).click();
    assert.equal(await page.locator(".notices").textContent(), "");
  },

  async "who manages members decides about one"(stage) {
    const page = await open(stage, "Carla");
    const button = (name) => page.getByRole("button", { name, exact: true });
    await button("Suspend…").click();
    await stage.axe(page);
    await stage.shot(page, "member-ask");
    await button("Cancel").click();
    assert.equal((await member("Carla")).status, "active");
    await button("Suspend…").click();
    await button("Suspend").click();
    await shows(page, /Suspended by Mia Manager on/);
    await stage.shot(page, "member-suspended");
    await button("Unsuspend").click();
    await shows(page, "Suspension lifted – by Mia Manager");
    await button("Protect").click();
    await button("Unprotect…").click();
    await button("Unprotect").click();
    await shows(page, "No longer protected from suspension by the sync – by Mia Manager");
    await button("Make the owner…").click();
    await button("Hand the ownership over").click();
    await shows(page, "This is the owner: never suspended, and not to be removed.");
    await stage.axe(page);
    assert.equal((await member("Carla")).role, "owner");
  },

  async "the directory's suspension is lifted by a person, who is told what that means"(stage) {
    const page = await open(stage, "Dora");
    await shows(page, "because the account was archived in the directory");
    await page.getByRole("button", { name: "Unsuspend" }).click();
    await shows(page, "Archived in the directory, when that was last asked: " +
      "the sync keeps this member until the directory gives another reason");
    await page.locator(".stand").getByText("In step, and kept by a person").waitFor();
    await stage.shot(page, "member-kept");
  },

  async "an invitation is made again, and its link shown where there is no mail"(stage) {
    await add("Ivy", { status: "invited" });
    const page = await open(stage, "Ivy");
    await page.getByRole("button", { name: "Invite again" }).click();
    assert.match(await page.getByLabel("Link", { exact: true }).inputValue(), /\/invitations\//);
    await stage.axe(page);
    await stage.shot(page, "member-invitation");
  },

  async "whoever is removed leaves the team, not the history"(stage) {
    stage.allow(404);
    const page = await open(stage, "Mara");
    await page.getByRole("button", { name: "Remove from the team…" }).click();
    await stage.shot(page, "member-remove");
    await page.getByRole("button", { name: "Remove from the team", exact: true }).click();
    await page.waitForURL(`**/#${ORG}/team`);
    await page.goto(`${settings.url}/#${ORG}/members/${ids.Mara}`);
    await shows(page, "No longer in the team");
    await stage.axe(page);
    const { width } = await page.locator("main .heading").first().boundingBox();
    assert.ok(width > 600, `the heading has ${width} of the page`);
    await shows(page, "Removed from the team – by Mia Manager");
    await stage.shot(page, "member-gone");
  },

  async "who may only look sees no buttons"(stage) {
    const page = await open(stage, "Hilda", { who: "reader" });
    await page.getByRole("link", { name: "See Approvals" }).waitFor();
    await page.locator(".timeline").first().waitFor();
    assert.deepEqual(await page.locator("main button").allTextContents(), []);
    await stage.axe(page);
    await stage.shot(page, "member-reader");
  },

  async "while the connection is failing it says so, why, and where to look"(stage) {
    const page = await open(stage, "Ada", { language: "de" });
    const refusal = { on: "users.get", kind: "status", status: 403, reason: "insufficientPermissions" };
    await sandbox("POST", "/faults", refusal);
    await page.getByRole("button", { name: "Jetzt abgleichen" }).click();
    await page.locator(".steps .bad").getByText("Das Verzeichnis gab keine Antwort: " +
      "Google: der Bereich admin.directory.user.readonly wurde nicht gewährt").waitFor();
    await page.locator(".stand").getByText("Vielleicht veraltet: Die Verbindung ist gestört").waitFor();
    const next = page.locator("main .sync").getByRole("link", { name: "Ansehen, was zu tun ist" });
    assert.equal(await next.getAttribute("href"), `#${ORG}/settings/integration`);
    assert.deepEqual(await page.locator("main [lang]").allTextContents(), []);
    await stage.axe(page);
    await stage.shot(page, "member-failing-de");
    await sandbox("DELETE", "/faults");
  },

  async "without auto-sync the way to it is shown, without a directory the way to that"(stage) {
    const page = await open(stage, "Ada");
    await api("PUT", `${ORG}/connection/auto-sync`, { enabled: false });
    await shows(page, "Not synced: auto-sync is off");
    const next = page.locator("main .sync").getByRole("link", { name: "Finish setup" });
    assert.equal(await next.getAttribute("href"), `#${ORG}/settings/integration`);
    assert.equal(await page.getByRole("button", { name: "Sync now" }).count(), 0);
    await stage.shot(page, "member-off");
    await api("DELETE", `${ORG}/connection`);
    await shows(page, "Not synced: no directory is connected");
    await stage.shot(page, "member-disconnected");
  },
});
