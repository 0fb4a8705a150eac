// SPDX-License-Identifier: MIT
// Members that fit some filters, in an order: read part by part as far as somebody looks, and kept true while members
// change. What is read once stays; a part is shown as one <tbody>, or, far from what is seen, as a gap of its height.
import * as api from "../core/api.js";

const PART = 100;
const LARGEST = 500; // that the service gives at once
const MARKED_MS = 4000;

let nextKey = 0; // of a list, or a part: whatever the document shows of another one is not taken for it

// What of a member is seen in the list.
const seen = (member) => JSON.stringify([member.name, member.email, member.status, member.team, member.manager,
  member.sync.state, member.sync.pending_manager]);

// `filters` are those of GET …/members. `onChange()` is called when there is something else to be shown,
// `onMarked(members)` when somebody has changed before one's eyes. Of the list:
//   parts      [{key, members, isNear, height}]; the last two are the view's
//   count      how many members that are
//   isComplete nobody follows; hasBegun: something was read; isBusy: something is being read
//   isSearching  what was read last came short: few fit, and it takes a while to find them
//   problem    why it could not go on
export function openList({ org, filters, onChange, onMarked }) {
  const path = `/orgs/${org}/members`;
  const places = new Map(); // id → the part they are in
  const marks = new Set(); // who has just changed
  const list = { key: nextKey++, filters, parts: [], count: 0, isComplete: false, hasBegun: false, isBusy: false,
    isSearching: false, problem: null, reads: 0 };
  let aborter = new AbortController();
  let cursor = null;
  let tell = onChange;
  let tellMarked = onMarked;
  let work = Promise.resolve();
  let old = null; // what is to be read again, as soon as that is possible

  // --- what is there ---

  function drop(id) {
    const part = places.get(id);
    if (!part) return;
    part.members = part.members.filter((one) => one.id !== id);
    places.delete(id);
    list.count -= 1;
    if (part.members.length === 0) list.parts = list.parts.filter((one) => one !== part);
  }

  function partFor(count) {
    const last = list.parts.at(-1);
    if (last && last.members.length + count <= PART) return last;
    list.parts.push({ key: nextKey++, members: [], isNear: true, height: 0 });
    return list.parts.at(-1);
  }

  // Whoever moved while the list was read stands where they were read last.
  function append(members) {
    members.forEach(({ id }) => drop(id));
    if (members.length === 0) return;
    const part = partFor(members.length);
    part.members = [...part.members, ...members];
    members.forEach(({ id }) => places.set(id, part));
    list.count += members.length;
  }

  function mark(changed) {
    if (changed.length === 0) return;
    changed.forEach(({ id }) => marks.add(id));
    setTimeout(() => {
      changed.forEach(({ id }) => marks.delete(id));
      tell();
    }, MARKED_MS);
    tellMarked(changed);
  }

  const members = () => list.parts.flatMap((part) => part.members);

  // All of them anew. Those who look the same stay the same; the others, and whoever of `heard` has come, are marked.
  function replace(fresh, heard) {
    const before = new Map(members().map((member) => [member.id, member]));
    const isSame = (member) => before.has(member.id) && seen(before.get(member.id)) === seen(member);
    const now = [...new Map(fresh.map((member) => [member.id, member])).values()];
    mark(now.filter((member) => (before.has(member.id) ? !isSame(member) : heard.has(member.id))));
    places.clear();
    list.count = now.length;
    list.parts.length = Math.min(list.parts.length, Math.ceil(now.length / PART));
    for (let from = 0; from < now.length; from += PART) {
      const part = list.parts[from / PART] ?? partFor(PART);
      part.members = now.slice(from, from + PART).map((member) => (isSame(member) ? before.get(member.id) : member));
      part.members.forEach(({ id }) => places.set(id, part));
    }
  }

  // How many have to be there, so that what is seen stays in its place.
  function wanted() {
    const last = list.parts.findLastIndex((part) => part.isNear);
    return list.parts.slice(0, last + 1).reduce((sum, part) => sum + part.members.length, 0);
  }

  // --- reading: one thing at a time ---

  const read = (from, limit) =>
    api.get(path, { query: { ...filters, cursor: from, limit }, signal: aborter.signal });

  async function attempt(action) {
    list.isBusy = true;
    list.problem = null;
    tell();
    try {
      await action();
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (problem.status === undefined) throw problem; // a mistake of ours
      list.problem = problem;
    }
    list.isBusy = false;
    tell();
  }

  function begin(action) {
    work = attempt(action).then(() => (old && !list.problem && !aborter.signal.aborted ? again([]) : null));
    return work;
  }

  function goOn(next) {
    cursor = next;
    list.isComplete = cursor === null;
    list.hasBegun = true;
    list.reads += 1;
  }

  async function readPart() {
    const found = await read(cursor, PART);
    append(found.items);
    goOn(found.next_cursor);
    list.isSearching = !list.isComplete && found.items.length < PART;
  }

  async function readAgain(heard) {
    const fresh = [];
    const count = wanted();
    let from = null;
    do {
      const found = await read(from, Math.min(LARGEST, Math.max(PART, count - fresh.length)));
      fresh.push(...found.items);
      from = found.next_cursor;
    } while (from && fresh.length < count);
    replace(fresh, heard);
    goOn(from);
  }

  function again(ids) {
    old = new Set([...(old ?? []), ...ids]);
    if (list.isBusy) return work;
    return begin(async () => {
      const heard = old;
      await readAgain(heard);
      if (old === heard) old = null;
    });
  }

  return Object.assign(list, {
    members,
    has: (id) => places.has(id),
    isMarked: (id) => marks.has(id),
    rests: () => work,

    // The next part.
    more() {
      if (list.isBusy || list.isComplete) return work;
      return begin(readPart);
    },

    // Reads anew as far as anybody looks; `ids` are those of whom something was heard.
    again,

    // After a problem.
    retry: () => (old ? again([]) : list.more()),

    // How a member of the list is now; null: gone.
    take(member, id) {
      const part = places.get(id);
      if (!part) return;
      if (!member || !fits(member, filters)) {
        drop(id);
      } else {
        const before = part.members.find((one) => one.id === id);
        if (seen(before) === seen(member)) return;
        if (isMoved(before, member, filters)) {
          again([id]);
          return;
        }
        part.members = part.members.map((one) => (one.id === id ? member : one));
        mark([member]);
      }
      tell();
    },

    // Nothing goes on; what is there can be shown again later.
    close() {
      aborter.abort();
      list.isBusy = false;
      tell = () => {};
    },
    reopen(next) {
      aborter = new AbortController();
      tell = next.onChange;
      tellMarked = next.onMarked;
      return again([]);
    },
  });
}

const fits = (member, { status, sync, team }) =>
  (!status || member.status === status) && (!sync || member.sync.state === sync) && (!team || member.team === team);

// Only the service knows who comes after whom, and who is found.
const isMoved = (before, member, { sort, q }) =>
  ((sort === "name" || q) && before.name !== member.name) || (sort === "team" && before.team !== member.team);
