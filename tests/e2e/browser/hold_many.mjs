// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { api, tell } from "./browser.mjs";

await tell({
  async "a list of a thousand is searched, and decided on whole, with what else waits"(stage) {
    const page = await stage.open({ at: "/orgs/acme/hold", width: 360, height: 780, language: "de" });
    const rows = page.getByRole("table").getByRole("row").filter({ has: page.getByRole("rowheader") });
    await page.getByRole("heading", { name: /^1\.000 Sperrungen warten .* · Bei 8 Personen/ }).waitFor();
    assert.equal(await rows.count(), 1000);
    await page.getByLabel("Liste durchsuchen").fill("person nº 77");
    await page.getByText("11 von 1.000").waitFor(); // 77, and 770 to 779
    assert.equal(await rows.count(), 11);
    await page.getByLabel("Liste durchsuchen").fill("nobody");
    await page.getByText("Niemand auf der Liste hat einen solchen Namen").waitFor();
    await stage.fits(page);
    await stage.axe(page);
    await page.getByLabel("Liste durchsuchen").fill("");
    const button = page.getByRole("button", { name: "1.000 Personen behalten und nichts leeren" });
    assert.ok(await button.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }), "what decides stays in sight");
    await button.click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Das Feld „Team“ bleibt bei allen 8 Personen").waitFor();
    await dialog.getByRole("button", { name: "1.000 Personen behalten und nichts leeren" }).click();
    await page.getByText(/^Abgelehnt: 1\.000 Personen bleiben.* Abgelehnt: Das Feld „Team“ bleibt/).waitFor();
    assert.equal((await api("GET", "/orgs/acme/hold")).open, false);
  },
});
