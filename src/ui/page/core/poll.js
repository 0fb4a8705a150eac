// SPDX-License-Identifier: MIT
// Looking again and again at what tells nobody when it changes: only while somebody looks at the page.

// Calls look(signal) at once, and `pauseMs` after each end. `signal` says when nobody waits for it any more.
// Returns {again(), stop()}: look now; never again.
export function poll(pauseMs, look) {
  let turn = null;
  let timer = null;

  async function begin() {
    end();
    const mine = new AbortController();
    turn = mine;
    try {
      await look(mine.signal);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
    if (turn === mine) timer = setTimeout(begin, pauseMs);
  }

  function end() {
    clearTimeout(timer);
    turn?.abort();
    turn = null;
  }

  const onVisibility = () => (document.hidden ? end() : begin());

  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) begin();
  return {
    again: begin,
    stop() {
      document.removeEventListener("visibilitychange", onVisibility);
      end();
    },
  };
}
