// SPDX-License-Identifier: MIT
// Many things heard at once are one reason to look.

const SOON_MS = 100;
const REST_MS = 1000;
const REST_FACTOR = 4; // how much longer it rests than it has worked

// `settle(heard)`, which may take its time, gets all that was heard since the last one: soon after the first, but
// never without a rest in between. Returns {hear(thing), stop()}.
export function gather(settle) {
  let heard = [];
  let timer = null;
  let isBusy = false;
  let isStopped = false;
  let restUntil = 0;

  async function flush() {
    const [things, begun] = [heard, performance.now()];
    heard = [];
    timer = null;
    isBusy = true;
    try {
      await settle(things);
    } finally {
      isBusy = false;
      restUntil = performance.now() + Math.max(REST_MS, REST_FACTOR * (performance.now() - begun));
      if (heard.length > 0 && !isStopped) wait();
    }
  }

  function wait() {
    timer ??= setTimeout(flush, Math.max(SOON_MS, restUntil - performance.now()));
  }

  return {
    hear(thing) {
      heard.push(thing);
      if (!isBusy && !isStopped) wait();
    },
    stop() {
      clearTimeout(timer);
      isStopped = true;
    },
  };
}
