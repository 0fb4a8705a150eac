// SPDX-License-Identifier: MIT
// What whoever manages members may decide about one. Each says beforehand what it does; what cannot be taken back asks.
import * as api from "../core/api.js";
import { copyable } from "../core/copy.js";
import { ask, show } from "../core/dialog.js";
import { h } from "../core/dom.js";
import { field } from "../core/form.js";
import { icon } from "../core/icons.js";
import { nameOf } from "../core/pieces.js";
import { say, sayProblem } from "../core/say.js";
import { dateTime, t } from "../core/text.js";

const told = (name, member) => t(`member.decide.${name}`, { name: nameOf(member) });

async function decide(profile, name, request) {
  const { member } = profile;
  if (await profile.decide(request)) say(told(`${name}_done`, member));
}

async function askFirst(profile, name, request) {
  const { member } = profile;
  const isWanted = await ask({ title: told(`${name}_ask`, member), body: told(`${name}_means`, member),
    confirm: told(`${name}_go`, member), isDangerous: true });
  if (isWanted) await decide(profile, name, request);
}

const unsuspend = (profile) => decide(profile, "unsuspend", () => api.post(`${profile.path}/unsuspend`));
const protect = (profile) => decide(profile, "protect", () => api.patch(profile.path, { protected: true }));
const askSuspension = (profile) => askFirst(profile, "suspend", () => api.post(`${profile.path}/suspend`));
const askOwnership = (profile) => askFirst(profile, "own", () => api.patch(profile.path, { role: "owner" }));
export const askUnprotection = (profile) =>
  askFirst(profile, "unprotect", () => api.patch(profile.path, { protected: false }));

export async function askRemoval(profile) {
  const { member, page } = profile;
  const body = h("ul", { class: "effects" },
    ["access", "history", "directory", "again"].map((what) => h("li", null, told(`remove_${what}`, member))));
  const confirm = t("member.decide.remove_go");
  if (!await ask({ title: told("remove_ask", member), body, confirm, isDangerous: true })) return;
  try {
    await api.remove(profile.path);
    say(told("remove_done", member));
    page.go(`#/orgs/${page.org}/team`);
  } catch (problem) {
    sayProblem(problem);
  }
}

// --- the invitation ---

// Without mail the link is for whoever asked to pass on.
const showLink = ({ member }, { url, expires_at: until }) => show({
  title: told("invite_link", member),
  draw: (dialog) => [
    h("div", { class: "body" }, h("p", null, t("member.decide.invite_pass_on", { until: dateTime(until) })),
      field("url", t("member.decide.invite_url"), copyable("url", t("member.decide.invite_url"), url))),
    h("footer", null,
      h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, t("common.close"))),
  ],
});

async function inviteAgain(profile) {
  profile.isBusy = true; // a second link would end the first
  profile.page.redraw();
  try {
    const reply = await api.post(`${profile.path}/invitation`);
    if (reply.url) await showLink(profile, reply);
    else say(told("invite_done", profile.member));
  } catch (problem) {
    sayProblem(problem);
  } finally {
    profile.isBusy = false;
    profile.page.redraw();
  }
}

// --- the list: on a phone it is folded, for it stands before what happened ---

const NARROW = "(max-width: 40rem)";

// [name, how to do it, whether it is dangerous]: what is possible with this member as they are.
function possible({ member }) {
  const { role, status, suspended, protected: isProtected } = member;
  if (role === "owner") return [];
  return [
    status === "invited" && ["invite", inviteAgain],
    !suspended && ["suspend", askSuspension, true],
    suspended?.by === "manual" && ["unsuspend", unsuspend],
    suspended?.by === "directory" && ["unsuspend_all_the_same", unsuspend],
    suspended?.by === "directory" && ["suspend_for_good", askSuspension, true],
    isProtected ? ["unprotect", askUnprotection] : ["protect", protect],
    status === "active" && ["own", askOwnership],
    ["remove", askRemoval, true],
  ].filter(Boolean);
}

function decision(profile, [name, act, isDangerous]) {
  return h("li", { key: name }, h("p", { id: `means-${name}` }, t(`member.decide.${name}`)),
    h("button", { type: "button", class: isDangerous ? "danger" : null, disabled: profile.isBusy,
      "aria-describedby": `means-${name}`, onclick: () => act(profile) }, t(`member.decide.${name}_button`)));
}

export function decisions(profile) {
  if (!profile.page.may("members:manage")) return null;
  const list = possible(profile);
  const title = h("h2", { id: "decisions" }, t("member.decide.title"));
  const body = list.length > 0 ? h("ul", null, list.map((one) => decision(profile, one)))
    : h("p", null, t("member.decide.owner"));
  return h("section", { class: "card decisions", "aria-labelledby": "decisions", key: "decisions" },
    matchMedia(NARROW).matches ? h("details", null, h("summary", null, title, icon("down")), body) : [title, body]);
}
