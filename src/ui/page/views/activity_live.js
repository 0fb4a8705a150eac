// SPDX-License-Identifier: MIT
// What is added to the history while somebody reads it.
import * as api from "../core/api.js";

const NEAR_TOP = 80; // pixels: who has scrolled no further sees the newest

const place = ({ id }) => id.split("-").map(Number);

function newestFirst(one, other) {
  const [ms, count] = place(one);
  const [otherMs, otherCount] = place(other);
  return otherMs - ms || otherCount - count;
}

export function newcomers({ page, list, path, query, filters, begin }) {
  let shown = []; // have come since the list was read
  let hidden = []; // likewise, and wait until somebody wants to see them
  let isGap = false; // more have come than are known here

  const isAtTop = () => scrollY < NEAR_TOP;
  const listed = () => new Set((list.items ?? []).map((entry) => entry.id));

  function arrive(entries) {
    const known = new Set([...listed(), ...shown.map(({ id }) => id), ...hidden.map(({ id }) => id)]);
    const fresh = entries.filter((entry) => !known.has(entry.id) && filters.fits(entry));
    if (isAtTop() && hidden.length === 0) shown = [...fresh, ...shown].sort(newestFirst);
    else hidden = [...fresh, ...hidden].sort(newestFirst);
    if (fresh.length > 0) page.redraw();
  }

  function miss() {
    if (isAtTop()) {
      begin();
      return;
    }
    isGap = true;
    page.redraw();
  }

  // Events may have been missed: those that are newer than what is here are fetched.
  async function catchUp() {
    if (!list.items || !filters.isKnown()) return;
    const { items } = await api.get(path, { query: query() });
    const known = listed();
    const isWhole = known.size === 0 || items.some((entry) => known.has(entry.id));
    if (isWhole) arrive(items);
    else if (items.length > 0) miss();
  }

  return {
    // All that is to be seen, newest first.
    entries() {
      const known = listed();
      return [...shown.filter((entry) => !known.has(entry.id)), ...(list.items ?? [])];
    },
    waiting: () => ({ count: hidden.length, isGap }),
    forget() {
      shown = [];
      hidden = [];
      isGap = false;
    },
    show() {
      const wasGap = isGap;
      shown = [...hidden, ...shown];
      hidden = [];
      if (wasGap) begin();
      page.redraw();
      scrollTo({ top: 0 });
      document.querySelector("h1").focus({ preventScroll: true });
    },
    hear(name, data) {
      if (name === "member") arrive([data]);
      if (name === "reset" || name === "connection") catchUp().catch(() => {}); // the stream has begun (anew)
    },
  };
}
