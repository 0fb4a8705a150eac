// SPDX-License-Identifier: MIT
// A person without a mouse.
import assert from "node:assert/strict";

const MANY = 200;

// Presses Tab until this has the focus.
export async function tabTo(page, locator, key = "Tab") {
  const isThere = () => locator.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < MANY; presses++) {
    if (await isThere()) return;
    await page.keyboard.press(key);
  }
  assert.fail(`the keyboard does not reach ${locator}`);
}
