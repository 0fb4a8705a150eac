// SPDX-License-Identifier: MIT
// How a page looks: light and dark, wide and narrow, in both languages. Nobody stumbles, and nothing is too wide.

const LOOKS = [
  { name: "light", scheme: "light" },
  { name: "dark", scheme: "dark" },
  { name: "narrow", scheme: "light", size: { width: 360, height: 780 } },
  { name: "narrow-german", scheme: "dark", size: { width: 360, height: 780 }, language: "de" },
  { name: "german", scheme: "light", language: "de" },
];

async function put(page, { scheme, size, language = "en" }, before) {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.setViewportSize(before); // where the ways are not folded, and the choice of language with them
  await page.getByLabel(/^(Language|Sprache)$/).selectOption(language);
  await page.locator(`html[lang=${language}]`).waitFor();
  if (size) await page.setViewportSize(size);
  await page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)); }));
}

export async function looks(stage, page, name) {
  const before = page.viewportSize();
  for (const look of LOOKS) {
    await put(page, look, before);
    await stage.axe(page);
    await stage.fits(page);
    await stage.shot(page, `${name}-${look.name}`);
  }
  await put(page, { scheme: "light" }, before);
}
