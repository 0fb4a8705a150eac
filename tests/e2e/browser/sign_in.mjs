// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { settings, tell } from "./browser.mjs";

await tell({
  async "whoever is not signed in sees nothing but the way in"(stage) {
    const page = await stage.open({ who: null, at: "/orgs/acme/team" });
    assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "Sign in");
    await stage.axe(page);
    await stage.shot(page, "sign-in");
  },
});
