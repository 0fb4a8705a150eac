// SPDX-License-Identifier: MIT
// A list of the API that comes in parts, each with a cursor to the next. A part may be short, even empty, and yet not
// the last: parts are asked for until there is something to look at.
import * as api from "./api.js";

const LEAST = 20;

// All of it at once, as far as so many: {items, isMore}.
export async function readAll(path, { limit, most = Infinity, signal }) {
  const items = [];
  let cursor = null;
  do {
    const part = await api.get(path, { query: { limit, cursor }, signal });
    items.push(...part.items);
    cursor = part.next_cursor;
  } while (cursor && items.length < most);
  return { items, isMore: cursor !== null };
}

// As far as somebody looks. `changed()` is called when there is something else to see: items (null: none have come
// yet), isMore, isLoading, problem. Where the parts are large, only so many more are shown at once as `step` says.
export function listing(path, changed, step = Infinity) {
  let query = {};
  let cursor = null;
  let behind = []; // have come, and are not shown yet
  let request = null;
  const list = { items: null, isMore: false, isLoading: false, problem: null, begin, more, close };

  function show(before, come) {
    list.items = [...before, ...come.slice(0, step)];
    behind = come.slice(step);
    list.isMore = behind.length > 0 || cursor !== null;
    changed();
  }

  async function gather(before, signal) {
    const come = [];
    do {
      const page = await api.get(path, { query: { ...query, cursor }, signal });
      cursor = page.next_cursor;
      come.push(...page.items);
      show(before, come);
    } while (come.length < LEAST && cursor);
  }

  async function load(before) {
    request?.abort();
    const own = new AbortController();
    request = own;
    Object.assign(list, { isLoading: true, problem: null });
    changed();
    try {
      await gather(before, own.signal);
    } catch (problem) {
      if (problem.name === "AbortError") return; // another request took its place
      list.problem = problem;
    }
    list.isLoading = false;
    changed();
  }

  // What was there before stays until something has come.
  async function begin(wanted) {
    query = wanted;
    cursor = null;
    await load([]);
  }

  async function more() {
    if (behind.length > 0) {
      show(list.items, behind);
      return;
    }
    await load(list.items);
    if (list.problem?.status === 409) await begin(query); // such a cursor is not kept for ever
  }

  function close() {
    request?.abort();
  }

  return list;
}
