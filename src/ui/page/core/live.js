// SPDX-License-Identifier: MIT
// What happens in an org, as it happens (server-sent events). While nobody looks at the page it does not listen:
// browsers have few connections to a service, and many tabs. Whoever comes back hears "reset", and looks again.

const NAMES = ["member", "run", "hold", "connection", "reset"];
const AGAIN_MS = 3000;

// `hear(name, data)` is called for each event. Returns how to end it.
export function listen(org, hear) {
  let source = null;
  let timer = null;

  function begin() {
    source = new EventSource(`/api/v1/orgs/${org}/events`);
    for (const name of NAMES) {
      source.addEventListener(name, (event) => hear(name, event.data ? JSON.parse(event.data) : {}));
    }
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return; // it comes back by itself
      end();
      timer = setTimeout(begin, AGAIN_MS);
    };
  }

  function end() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function onVisibility() {
    end();
    if (document.hidden) return;
    begin();
    hear("reset", {});
  }

  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) begin();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    end();
  };
}
