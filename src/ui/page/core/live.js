// SPDX-License-Identifier: MIT
// What happens in an org, as it happens (server-sent events). While nobody looks at the page it does not listen:
// browsers have few connections to a service, and many tabs. A stream that does not go on where the one before ended
// begins with "reset": look again. So does one that is refused, which a browser does not try again: whoever looks then
// learns why, that the session is over, say.

const NAMES = ["member", "run", "hold", "connection", "reset"];
const AGAIN_MS = 3000;
const AGAIN_MAX_MS = 60000;

// `hear(name, data)` is called for each event. Returns how to end it.
export function listen(org, hear) {
  let source = null;
  let timer = null;
  let pauseMs = AGAIN_MS;
  let isBehind = false; // something may have happened since the last stream

  // A stream begins with how the connection stands: whatever happens from then on is told.
  function tell(name, data) {
    pauseMs = AGAIN_MS;
    if (isBehind && name === "connection") {
      isBehind = false;
      hear("reset", {});
    }
    hear(name, data);
  }

  function begin() {
    source = new EventSource(`/api/v1/orgs/${org}/events`);
    for (const name of NAMES) {
      source.addEventListener(name, (event) => tell(name, event.data ? JSON.parse(event.data) : {}));
    }
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) onRefused(); // else it comes back by itself
    };
  }

  function end() {
    clearTimeout(timer);
    source?.close();
    source = null;
    isBehind = true;
  }

  function onRefused() {
    end();
    timer = setTimeout(begin, pauseMs);
    pauseMs = Math.min(2 * pauseMs, AGAIN_MAX_MS);
    hear("reset", {});
  }

  function onVisibility() {
    end();
    if (!document.hidden) begin();
  }

  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) begin();
  else isBehind = true;
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    end();
  };
}
