// SPDX-License-Identifier: MIT
// Adding a member by hand.
import * as api from "../core/api.js";
import { copyable } from "../core/copy.js";
import { show } from "../core/dialog.js";
import { h } from "../core/dom.js";
import { dialogForm, field } from "../core/form.js";
import { say, words } from "../core/say.js";
import { dateTime, t } from "../core/text.js";

const ROLES = ["member", "admin"];

// What was filled in; what was left empty is not said.
function bodyOf(form) {
  const given = [...new FormData(form)].map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(given.filter(([, value]) => value !== ""));
}

function choiceOfStatus(status, checked) {
  return h("label", { class: "choice" }, h("input", { type: "radio", name: "status", value: status, checked }),
    h("span", null, h("strong", null, t(`team.add.as.${status}.title`)),
      h("span", { class: "hint" }, t(`team.add.as.${status}.text`))));
}

function input(id, name, props) {
  return h("input", { id, name, autocomplete: "off", maxlength: "100", ...props });
}

const fields = ({ teams, isSynced }) => [
  field("add-email", t("team.add.email"),
    input("add-email", "email",
      { type: "email", required: true, maxlength: "254", "aria-describedby": "add-email-hint" }),
    t(isSynced ? "team.add.email_hint" : "team.add.email_plain_hint")),
  field("add-name", t("team.add.name"), input("add-name", "name")),
  h("div", { class: "pair" },
    field("add-role", t("team.add.role"), h("select", { id: "add-role", name: "role" },
      ROLES.map((role) => h("option", { value: role }, t(`team.add.roles.${role}`))))),
    field("add-team", t("team.add.team"), [
      input("add-team", "team", { list: "add-teams", "aria-describedby": isSynced ? "add-team-hint" : null }),
      h("datalist", { id: "add-teams" }, teams.map(({ team }) => h("option", { value: team }))),
    ], isSynced && t("team.add.team_hint"))),
  h("fieldset", null, h("legend", null, t("team.add.as.label")),
    choiceOfStatus("invited", true), choiceOfStatus("active", false)),
];

// Where no mail is set up, there is a link to be passed on.
const passOn = ({ email, link }, close) => h("div", { key: "link" },
  h("div", { class: "body" },
    h("p", null, t("team.add.pass_on", { email, date: dateTime(link.expires_at) })),
    field("add-link", t("team.add.link"), copyable("add-link", t("team.add.link"), link.url,
      { ref: (element) => queueMicrotask(() => element.focus()) }))),
  h("footer", null, h("button", { class: "primary", type: "button", onclick: close }, t("team.add.close"))));

// `teams` are those that there are; `isSynced`: the directory's word counts more.
export function askForMember({ org, teams, isSynced }) {
  let wrong = null;
  let isBusy = false;
  let added = null; // {email, link}
  let dialog = null;

  async function add(body) {
    const member = await api.post(`/orgs/${org}/members`, body);
    if (member.status === "invited" && !member.mailed) {
      added = { email: member.email, link: await api.post(`/orgs/${org}/members/${member.id}/invitation`) };
      return;
    }
    say(t(member.mailed ? "team.add.mailed" : "team.add.done", { email: member.email }));
    dialog.close(member);
  }

  async function submit(form) {
    const body = bodyOf(form);
    [isBusy, wrong] = [true, null];
    dialog.redraw();
    try {
      await add(body);
    } catch (problem) {
      wrong = words(problem);
    }
    isBusy = false;
    if (!dialog.isClosed) dialog.redraw();
  }

  return show({
    title: t("team.add.title"),
    draw(given) {
      dialog = given;
      return added ? passOn(added, () => dialog.close())
        : dialogForm(dialog, { go: t("team.add.go"), submit, wrong, isBusy }, fields({ teams, isSynced }));
    },
  });
}
