// SPDX-License-Identifier: MIT
// scripts/bench page: when the first member is painted, and what it took to get there.
import { settings, signIn, withBrowser } from "./browser.mjs";

const QUIET_MS = 500; // nothing more comes

// In the page: the time of the frame that shows the first member, counted from the navigation.
function watch() {
  const observer = new MutationObserver(() => {
    if (!document.querySelector("main [data-member]")) return;
    observer.disconnect();
    requestAnimationFrame(() => { setTimeout(() => { window.firstMember = performance.now(); }); });
  });
  observer.observe(document, { childList: true, subtree: true });
}

async function visit(page) {
  const wire = await page.context().newCDPSession(page);
  const seen = { requests: 0, bytes: 0 };
  await wire.send("Network.enable");
  wire.on("Network.requestWillBeSent", () => { seen.requests++; });
  wire.on("Network.responseReceived", ({ response }) => { if (response.mimeType === "text/event-stream") seen.bytes += response.encodedDataLength; });
  wire.on("Network.loadingFinished", ({ encodedDataLength }) => { seen.bytes += encodedDataLength; });
  await page.goto(`${settings.url}/#/orgs/acme/team`);
  await page.waitForFunction(() => window.firstMember);
  const times = await page.evaluate(() => ({ member: window.firstMember, paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime }));
  const atFirst = { ...seen };
  for (let before = -1; before !== seen.bytes;) {
    before = seen.bytes;
    await page.waitForTimeout(QUIET_MS);
  }
  await wire.detach();
  return { ...times, ...atFirst, allRequests: seen.requests, allBytes: seen.bytes };
}

const median = (values) => [...values].sort((one, other) => one - other)[values.length >> 1];

function print(what, visits) {
  const of = (name) => median(visits.map((one) => one[name]));
  const times = visits.map(({ member }) => member);
  console.log(`${String(settings.people).padStart(8)} members, ${what} cache: first member seen after ${of("member").toFixed(0)} ms `
    + `(${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms, ${visits.length} visits), first paint after ${of("paint").toFixed(0)} ms; `
    + `${of("requests")} requests and ${(of("bytes") / 1024).toFixed(1)} KiB until then, ${of("allRequests")} and ${(of("allBytes") / 1024).toFixed(1)} KiB in all`);
}

await withBrowser(async (browser) => {
  const cold = [];
  const warm = [];
  for (let run = 0; run < settings.runs; run++) {
    const context = await browser.newContext({ locale: "en", viewport: { width: 1280, height: 860 } });
    await context.addInitScript(watch);
    await signIn(context, "manager");
    const page = await context.newPage();
    cold.push(await visit(page));
    await page.goto("about:blank");
    warm.push(await visit(page));
    await context.close();
  }
  print("cold", cold);
  print("warm", warm);
});
