// SPDX-License-Identifier: MIT
// What came of an invitation, person by person, and what happens next.
import { h } from "../core/dom.js";
import { badge, memberPath } from "../core/pieces.js";
import { said } from "../core/sentences.js";
import { table } from "../core/table.js";
import { t } from "../core/text.js";
import { nameAndAddress } from "./invite_list.js";

// In the order in which somebody should look at them.
const KINDS = { failed: "bad", not_found: "bad", not_active: "warn", already_member: "quiet", invited: "good" };
const statuses = Object.keys(KINDS);

// They are a member now.
export const isWell = ({ status }) => status === "invited" || status === "already_member";

const summary = (results) => statuses.map((status) => [status, results.filter((one) => one.status === status).length])
  .filter(([, n]) => n > 0).reverse()
  .map(([status, n]) => badge(KINDS[status], t(`invite.count.${status}`, { n })));

const why = ({ status, detail }) => (status === "failed" && detail ? said(detail) : t(`invite.why.${status}`));

function row(page, result, links) {
  const { member, person } = result;
  return {
    key: result.directory_user_id,
    cells: [
      nameAndAddress(person, member && memberPath(page.org, member.id)),
      h("div", { class: "stack" }, h("span", null, badge(KINDS[result.status], t(`invite.status.${result.status}`))),
        h("span", { class: "soft" }, why(result)), links?.draw(member)),
    ],
  };
}

export function drawResults(page, { results, isMailed, links }) {
  const invited = results.filter((one) => one.status === "invited");
  const sorted = [...results].sort((one, other) => statuses.indexOf(one.status) - statuses.indexOf(other.status));
  const columns = ["person", "result"].map((key) => ({ key, title: t(`invite.column.${key}`) }));
  const rows = sorted.map((result) => row(page, result, isMailed ? null : links));
  const next = t(isMailed ? "invite.next_mail" : "invite.next_link", { n: invited.length });
  return h("section", { class: "card", key: "results" },
    h("h2", { id: "results", tabindex: "-1" }, t("invite.results")),
    h("div", { class: "actions" }, summary(results)),
    invited.length > 0 && h("p", { class: "prose" }, next),
    invited.length > 0 && !isMailed && links.drawAll(invited),
    table({ label: t("invite.results"), columns, rows }));
}
