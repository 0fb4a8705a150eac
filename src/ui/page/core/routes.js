// SPDX-License-Identifier: MIT
// Which address shows which page. Addresses are behind the "#": the service never sees them.
import * as activity from "../views/activity.js";
import * as hold from "../views/hold.js";
import * as integration from "../views/integration.js";
import * as invite from "../views/invite.js";
import * as member from "../views/member.js";
import * as missing from "../views/missing.js";
import * as operations from "../views/operations.js";
import * as orgs from "../views/orgs.js";
import * as settings from "../views/settings.js";
import * as signIn from "../views/sign_in.js";
import * as team from "../views/team.js";

// `name` is the view's: that of its files, and of its class. `part`, where it is another one, is the place in the
// navigation that is marked.
const ROUTES = [
  ["orgs", { view: orgs, name: "orgs" }],
  ["operations", { view: operations, name: "operations" }],
  ["orgs/{org}/team", { view: team, name: "team" }],
  ["orgs/{org}/members/{id}", { view: member, name: "member", part: "team" }],
  ["orgs/{org}/invite", { view: invite, name: "invite" }],
  ["orgs/{org}/hold", { view: hold, name: "hold" }],
  ["orgs/{org}/activity", { view: activity, name: "activity" }],
  ["orgs/{org}/settings", { view: settings, name: "settings" }],
  ["orgs/{org}/settings/integration", { view: integration, name: "integration", part: "settings" }],
];

// Those that have no address.
const nowhere = (view, name) => ({ view, name, part: null, path: "", params: {}, query: new URLSearchParams() });
const MISSING = nowhere(missing, "missing");
export const SIGN_IN = nowhere(signIn, "sign_in");
// What the service gives out as an id. Anything else would lead a request to another place than it says.
const ID = /^[\w-]+$/;

function match(pattern, path) {
  const names = pattern.split("/");
  const words = path.split("/");
  const params = {};
  const fits = names.length === words.length && names.every((name, place) => {
    if (!name.startsWith("{")) return name === words[place];
    params[name.slice(1, -1)] = words[place];
    return ID.test(words[place]);
  });
  return fits ? params : null;
}

// "#/orgs/acme/team?status=active" → {view, name, part, path, params, query}.
export function find(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  for (const [pattern, route] of ROUTES) {
    const params = match(pattern, path);
    if (params) return { part: route.name, ...route, path, params, query: new URLSearchParams(query) };
  }
  return MISSING;
}
