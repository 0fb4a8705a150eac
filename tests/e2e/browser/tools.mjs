// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { tell } from "./browser.mjs";

// Runs a function in the page; it gets what the named module exports, and `given`.
async function inside(page, module, act, given) {
  return page.evaluate(`(async () => (${act})(await import("/ui/core/${module}.js"), ${JSON.stringify(given)}))()`);
}

await tell({
  async "a list shows what it is asked to, whatever it showed before, and what stays is not made anew"(stage) {
    const page = await stage.open({ who: null });
    const wrong = await inside(page, "dom", ({ h, render }) => {
      const place = document.createElement("ul");
      const random = (() => { let seed = 7; return (below) => { seed = (seed * 16807) % 2147483647; return seed % below; }; })();
      let known = new Map();
      for (let round = 0; round < 500; round++) {
        const ids = [...Array(12).keys()].filter(() => random(3) > 0).sort(() => random(3) - 1);
        const tree = ids.flatMap((id) => [h("li", { key: id, class: random(2) ? "on" : null }, `item ${id}`), random(4) === 0 && h("hr")]);
        render(place, tree, random(2) ? "words" : null);
        const shown = [...place.querySelectorAll("li")];
        if (shown.map((li) => li.textContent).join() !== ids.map((id) => `item ${id}`).join()) return `round ${round}: ${place.innerHTML}`;
        const wanted = tree.filter(Boolean).length;
        if (place.children.length !== wanted) return `round ${round}: ${place.children.length} instead of ${wanted}`;
        const now = new Map(ids.map((id, number) => [id, shown[number]]));
        for (const [id, li] of now) if (known.has(id) && known.get(id) !== li) return `round ${round}: ${id} was made anew`;
        known = now;
      }
      return null;
    });
    assert.equal(wrong, null);
  },

  async "a redraw leaves alone what somebody is typing, and where they are"(stage) {
    const page = await stage.open({ who: null });
    const seen = await inside(page, "dom", ({ h, render }) => {
      const place = document.body.appendChild(document.createElement("div"));
      const draw = (count, value) => render(place, count > 1 && h("p", { key: "p" }, "new"),
        h("input", { key: "i", value, class: `c${count}`, title: count > 2 ? null : "t" }), h("button", { disabled: count > 1 }, "go"));
      draw(1, "as it was");
      const input = place.querySelector("input");
      input.focus();
      input.value = "half a wor";
      draw(2, "as it was");
      const typing = [input.value, document.activeElement === input, input.className, place.querySelector("button").disabled];
      draw(3, "another");
      return [...typing, input.value, input.hasAttribute("title"), place.textContent];
    });
    assert.deepEqual(seen, ["half a wor", true, "c2", true, "another", false, "newgo"]);
  },

  async "a select has its value, a handler is replaced and taken away, and a drawing is one"(stage) {
    const page = await stage.open({ who: null });
    const seen = await inside(page, "dom", ({ h, render }) => {
      const place = document.body.appendChild(document.createElement("div"));
      let said = "";
      const draw = (value, onclick) => render(place,
        h("select", { value }, ["a", "b", "c"].map((one) => h("option", { value: one }, one))),
        h("button", { onclick }, "go"), h("svg", null, h("g", null, h("path", { d: "M0 0" }))));
      draw("b", () => { said += "1"; });
      const first = place.querySelector("select").value;
      place.querySelector("button").click();
      draw("c", () => { said += "2"; });
      place.querySelector("button").click();
      draw("c", null);
      place.querySelector("button").click();
      return [first, place.querySelector("select").value, said, place.querySelector("path").namespaceURI];
    });
    assert.deepEqual(seen, ["b", "c", "12", "http://www.w3.org/2000/svg"]);
  },

  async "texts, numbers and times are said in the reader's language"(stage) {
    const page = await stage.open({ who: null });
    const said = await inside(page, "text", async ({ ago, dateTime, duration, number, parts, speak, t }) => {
      const all = [];
      for (const language of ["en", "de"]) {
        await speak(language);
        all.push([t("status.active"), t("no.such_text"), number(1234567.5), dateTime("2026-03-29T12:30:00Z"),
          ago(new Date(Date.now() - 3 * 3600e3 - 5000).toISOString()), ago(new Date(Date.now() + 50e3).toISOString()).replace(/\d+/, "n"),
          duration(7200), parts("status.active").join("|")]);
      }
      return all;
    });
    assert.deepEqual(said[0].map((text) => text.replace(/\u202f/g, " ")), ["Active", "no.such_text", "1,234,567.5", "Mar 29, 2026, 2:30 PM",
      "3 hours ago", "in n seconds", "2 hours", "Active"]);
    assert.deepEqual(said[1], ["Aktiv", "no.such_text", "1.234.567,5", "29.03.2026, 14:30", "vor 3 Stunden", "in n Sekunden", "2 Stunden", "Aktiv"]);
  },

  async "a name that somebody has thought of is no text, whatever it is"(stage) {
    const page = await stage.open({ who: null });
    const said = await inside(page, "text", ({ has, t }) => ["constructor", "toString", "__proto__", "admin.length"].map((name) =>
      [has(`member.role.${name}`), t(`member.role.${name}`)]));
    assert.deepEqual(said, ["constructor", "toString", "__proto__", "admin.length"].map((name) => [false, `member.role.${name}`]));
  },

  async "a text that nobody has translated is shown as it is, and nobody waits for it"(stage) {
    const page = await stage.open({ who: null, language: "de" });
    const texts = ["a. ".repeat(60).trim(), "google: 400 Nobody has heard of that", "400 Nobody has heard of that"];
    for (const text of texts) {
      const shown = await inside(page, "sentences", ({ said }, given) => said(given), text);
      assert.ok(JSON.stringify(shown).includes(text), JSON.stringify(shown));
    }
  },

  async "a dialog that is closed stays closed, and one that takes its place is its own"(stage) {
    const page = await stage.open({ who: null });
    const seen = await inside(page, "dialog", async ({ closeAny, show }) => {
      const given = [];
      const begin = (title) => show({ title, draw: (dialog) => { given.push(dialog); return "?"; } });
      const titles = () => [...document.querySelectorAll("dialog h2")].map((title) => title.textContent).join();
      const first = begin("first");
      const second = begin("second");
      given[0].redraw(); // what it had asked for comes late
      given[0].close("late");
      const between = titles();
      closeAny();
      given[1].redraw();
      const answers = [first, second].map((answer) => Promise.race([answer, Promise.resolve("none")]));
      return [between, titles(), ...await Promise.all(answers)];
    });
    assert.deepEqual(seen, ["second", "", null, null].map((one) => one ?? undefined));
  },

  async "an answer that breaks off is none"(stage) {
    const page = await stage.open({ who: null });
    await page.route("**/api/v1/queue", (route) => route.fulfill({ status: 200, contentType: "application/json", body: '{"depth": ' }));
    const status = await inside(page, "api", ({ get }) => get("/queue").then(() => "none", (problem) => problem.status));
    assert.equal(status, 0);
  },

  async "an address that names something else than what is given out leads nowhere"(stage) {
    const page = await stage.open({ who: null });
    const found = await inside(page, "routes", ({ find }) => ["#/orgs/acme/members/m_1", "#/orgs/acme/members/..", "#/orgs/acme/members/m_1%2Fsuspend",
      "#/orgs/acme/members/m_1#", "#/orgs/acme\\members\\m_1#/settings/integration", "#/orgs//team"].map((hash) => find(hash).params.id ?? find(hash).name));
    assert.deepEqual(found, ["m_1", "missing", "missing", "missing", "missing", "missing"]);
  },
});
