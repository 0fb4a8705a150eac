// SPDX-License-Identifier: MIT
// Many things to be done, a few at a time.

// Calls each(item) for all of them, so many at a time; after the first that fails none begins.
export async function inTurns(items, atOnce, each) {
  const waiting = [...items];
  const work = async () => {
    while (waiting.length > 0) await each(waiting.shift());
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    waiting.length = 0;
  }
}
