// SPDX-License-Identifier: MIT
// Which address shows which page. Addresses are behind the "#": the service never sees them.
import * as activity from "../views/activity.js";
import * as hold from "../views/hold.js";
import * as integration from "../views/integration.js";
import * as invite from "../views/invite.js";
import * as member from "../views/member.js";
import * as operations from "../views/operations.js";
import * as orgs from "../views/orgs.js";
import * as settings from "../views/settings.js";
import * as team from "../views/team.js";

// `part` is the place in the navigation that is marked.
const ROUTES = [
  ["orgs", { view: orgs, part: "orgs" }],
  ["operations", { view: operations, part: "operations" }],
  ["orgs/{org}/team", { view: team, part: "team" }],
  ["orgs/{org}/members/{id}", { view: member, part: "team" }],
  ["orgs/{org}/invite", { view: invite, part: "invite" }],
  ["orgs/{org}/hold", { view: hold, part: "hold" }],
  ["orgs/{org}/activity", { view: activity, part: "activity" }],
  ["orgs/{org}/settings", { view: settings, part: "settings" }],
  ["orgs/{org}/settings/integration", { view: integration, part: "settings" }],
];

function match(pattern, path) {
  const names = pattern.split("/");
  const words = path.split("/");
  const params = {};
  const fits = names.length === words.length && names.every((name, place) => {
    if (!name.startsWith("{")) return name === words[place];
    params[name.slice(1, -1)] = words[place];
    return words[place] !== "";
  });
  return fits ? params : null;
}

// "#/orgs/acme/team?status=active" → {view, part, params, query}; null: there is no such page.
export function find(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  for (const [pattern, route] of ROUTES) {
    const params = match(pattern, path);
    if (params) return { ...route, path, params, query: new URLSearchParams(query) };
  }
  return null;
}
