// SPDX-License-Identifier: MIT
// The directory's control API. Whoever is at this page may do everything: nobody's people are in it.

// What the directory answers when it does not do what was asked; status 0: there was no answer.
class Refusal extends Error {
  constructor(status, detail = "") {
    super(detail || String(status));
    this.status = status;
    this.detail = detail;
  }
}

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const reply = await fetch(`/control${path}`, { method, headers, body: body && JSON.stringify(body) })
    .catch(() => { throw new Refusal(0); });
  const answer = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Refusal(reply.status, answer.detail);
  return answer;
}

// {q, after, limit, deleted}: the ones that are found, by address.
export async function find(wanted) {
  const { users } = await ask("GET", `/users?${new URLSearchParams(wanted)}`);
  return users;
}

export const read = (id) => ask("GET", `/users/${id}`);
export const channels = async () => (await ask("GET", "/channels")).channels;
// The last attempts to deliver a notification, newest first.
export const sent = async (limit) => (await ask("GET", `/deliveries?limit=${limit}`)).deliveries.reverse();

// Each of these promises the person as they are now, with `channelsTold`: how many channels were notified.
export const hire = (fields) => ask("POST", "/users", fields);
export const change = (id, fields) => ask("PATCH", `/users/${id}`, fields);
export const act = (id, action, body) => ask("POST", `/users/${id}/${action}`, body);

export const nameOf = (person) => person.name?.fullName || person.primaryEmail;
export const departmentOf = (person) => person.organizations?.[0]?.department ?? "";
export const managerOf = (person) => person.relations?.find(({ type }) => type === "manager")?.value ?? "";
