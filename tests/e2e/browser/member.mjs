// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { api, sandbox, settings, tell, until } from "./browser.mjs";

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

const hire = (name, more = {}) => sandbox("POST", "/users", { primaryEmail: address(name), department: "Sales", ...more });
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
  for (const name of ["Grace", "Ada", "Olga", "Petra", "Dora", "Rick", "Hilda", "Mara", "Iris"]) await inState(name, "synced");
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
  Carla: [/no account was found/, null],
  Paul: [/the manager is missing/, ["Invite the manager", "#/orgs/acme/invite"]],
  Rick: [/the address has another owner/, null],
  Dora: ["In step with the directory", null],
  Hilda: ["Waits for approval", ["Decide under Approvals", "#/orgs/acme/hold"]],
  Petra: [/but is protected/, null],
  Olga: [/but is the owner/, ["Choose somebody from the team", "#/orgs/acme/team"]],
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
  },
});
