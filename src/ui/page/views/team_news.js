// SPDX-License-Identifier: MIT
// What is told of an org, and what that means for a list of its members.
import * as api from "../core/api.js";

const MANY = 10; // whom to ask about one by one

// Whether somebody who is not in the list may belong there since.
function matters({ field, after }, { q, status, sync, team, sort }) {
  return Boolean((field === "member" && after) || sync || (status && field === "status") ||
    (field === "team" && (team || sort === "team")) || (field === "name" && (q || sort === "name")));
}

async function memberOf(org, id) {
  try {
    return await api.get(`/orgs/${org}/members/${id}`);
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

// Makes the list true again, given entries of the history; null: anything may be otherwise.
export async function learn(org, list, heard) {
  await list.rests(); // what is just being read may be older than what was told
  const ids = [...new Set(heard.map((entry) => entry?.member).filter(Boolean))];
  const known = ids.filter(list.has);
  const isInDoubt = heard.some((entry) => !entry || (!list.has(entry.member) && matters(entry, list.filters)));
  if (isInDoubt || known.length > MANY) {
    await list.again(ids);
    return;
  }
  await Promise.all(known.map(async (id) => {
    try {
      list.take(await memberOf(org, id), id);
    } catch {
      await list.again([id]); // a problem is shown where the list is
    }
  }));
}

// Tells an event that is news from one that tells how things stand already: the stream begins with those. Returns an
// entry of the history, null for anything, undefined for nothing. The first look at the list was before the stream's
// beginning; so that, too, is news once.
export function newsIn() {
  const told = new Map();
  return (name, data) => {
    if (name === "member") return data.member ? data : undefined;
    if (name === "reset") return null;
    if (data.state === "running") return undefined; // a resync
    const [key, text] = [`${name} ${data.id ?? ""}`, JSON.stringify(data)];
    if (told.get(key) === text) return undefined;
    told.set(key, text);
    return null;
  };
}
