// SPDX-License-Identifier: MIT
// The page's life: who is there, which view is open, and the frame around it.
//
// A view is a module with open(page) → {title, draw, hear?, close?}:
//   title     its name, for the window and the heading
//   draw()    what is to be seen, a tree of h(…); asked again after page.redraw()
//   hear(name, data)  an event of the org: "member", "run", "hold", "connection", or "reset": look again
//   close()   it is left: nothing of it may go on
// and `page` is {org, params, query, may(…permissions), redraw(), go(hash), replaceQuery({…}), connection(), hold(),
// managers(), refresh()}: the last four are of the org, as the frame knows them (null: not known yet), and how to look
// again.
import * as api from "./api.js";
import { closeAny } from "./dialog.js";
import { render } from "./dom.js";
import { draw as drawFrame } from "./frame.js";
import { listen } from "./live.js";
import { queryOf } from "./query.js";
import { find, SIGN_IN } from "./routes.js";
import { sayProblem } from "./say.js";
import * as session from "./session.js";
import { choose, speak, t } from "./text.js";

let open = null; // {route, view, org}
let org = null; // {id, name, connection, hold, managers, stop}: the one that is looked at
let isAwaited = false;

// --- drawing ---

function redraw() {
  if (isAwaited) return;
  isAwaited = true;
  queueMicrotask(() => {
    isAwaited = false;
    const { view, route } = open;
    document.title = `${view.title()} · teamsync`;
    render(document.getElementById("app"), drawFrame({ view, route, org, actions }));
  });
}

const actions = {
  async language(wanted) {
    await choose(wanted);
    redraw();
  },
  async signOut() {
    try {
      await session.signOut();
    } catch (problem) {
      sayProblem(problem); // they are still signed in, and see it
      return;
    }
    leave();
    location.hash = "";
    navigate();
  },
};

// --- the org ---

async function refresh() {
  const looked = org;
  const path = `/orgs/${looked.id}`;
  const [about, connection, hold] = await Promise.all([api.get(path), api.get(`${path}/connection`),
    api.get(`${path}/hold`)]);
  Object.assign(looked, { name: about.name, connection, hold });
  redraw();
}

// Whom to ask for what whoever looks may not do.
async function learnManagers() {
  const looked = org;
  if (session.may("members:manage", "integrations:manage")) return;
  looked.managers = (await api.get(`/orgs/${looked.id}/managers`)).items;
  redraw();
}

function hear(name, data) {
  if (name !== "member") refresh().catch(sayProblem);
  open.view.hear?.(name, data);
}

function enter(id) {
  if (org?.id === id) return;
  org?.stop();
  org = id ? { id, name: id, connection: null, hold: null, managers: null } : null;
  if (!org) return;
  org.stop = listen(id, hear);
  refresh().catch(sayProblem);
  learnManagers().catch(sayProblem);
}

// --- views ---

function pageOf(route) {
  return {
    org: route.params.org,
    params: route.params,
    query: route.query,
    may: session.may,
    redraw,
    go: (hash) => { location.hash = hash; },
    replaceQuery(values) {
      history.replaceState(null, "", `#/${route.path}${queryOf(values)}`);
    },
    connection: () => org.connection,
    hold: () => org.hold,
    managers: () => org.managers,
    signedIn: navigate,
    refresh: () => refresh().catch(sayProblem),
  };
}

function show(route) {
  closeAny();
  open?.view.close?.();
  open = { route, view: route.view.open(pageOf(route)) };
  redraw();
}

function leave() {
  session.forget();
  enter(null);
}

function home() {
  return session.seesAllOrgs() ? "#/orgs" : `#/orgs/${session.current().org}/team`;
}

// A one-time link's secret is taken out of the address before anything else.
async function useLink() {
  const secret = /^#login=(.+)$/.exec(location.hash)?.[1];
  if (!secret) return;
  history.replaceState(null, "", "#/");
  await session.signIn({ link: secret }).catch(SIGN_IN.view.tell);
}

function navigate() {
  if (!session.current()) {
    show(SIGN_IN);
    return;
  }
  if (/^#?\/?$/.test(location.hash)) {
    location.replace(home());
    return;
  }
  const route = find(location.hash);
  enter(route.params.org ?? null);
  show(route);
}

async function onHash() {
  if (location.hash.startsWith("#login=")) await useLink();
  navigate();
  queueMicrotask(() => document.querySelector("h1")?.focus());
}

export async function start() {
  await speak();
  await useLink();
  if (!session.current()) await session.load().catch(sayProblem);
  api.whenSignedOut(() => {
    leave();
    SIGN_IN.view.tell({ status: 401 }, t("sign_in.ended"));
    navigate();
  });
  addEventListener("hashchange", onHash);
  navigate();
}
