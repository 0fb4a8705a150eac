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
import { draw as drawFrame, toHeading } from "./frame.js";
import { listen } from "./live.js";
import { queryOf } from "./query.js";
import { find, SIGN_IN } from "./routes.js";
import { sayProblem } from "./say.js";
import * as session from "./session.js";
import { choose, speak, t } from "./text.js";

let open = null; // {route, view, isUnfolded}: where there is little room, the ways are folded until asked for
let org = null; // {id, name, connection, hold, managers, asked, told, stop}: the one that is looked at
let isAwaited = false;

// --- drawing ---

function redraw() {
  if (isAwaited) return;
  isAwaited = true;
  queueMicrotask(() => {
    isAwaited = false;
    const { view, route } = open;
    document.title = `${view.title()} · teamsync`;
    render(document.getElementById("app"), drawFrame({ view, route, org, isUnfolded: open.isUnfolded, actions }));
  });
}

const actions = {
  fold(isWanted) {
    open.isUnfolded = !isWanted;
    redraw();
  },
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

// What was asked earlier, and is answered later, tells nothing.
async function refresh(looked) {
  const turn = ++looked.asked;
  const path = `/orgs/${looked.id}`;
  const [about, connection, hold] = await Promise.all([api.get(path), api.get(`${path}/connection`),
    api.get(`${path}/hold`)]);
  if (turn < looked.told) return;
  Object.assign(looked, { name: about.name, connection, hold, told: turn });
  redraw();
}

// Whom to ask for what whoever looks may not do.
async function learnManagers(looked) {
  if (session.may("members:manage", "integrations:manage")) return;
  looked.managers = (await api.get(`/orgs/${looked.id}/managers`)).items;
  redraw();
}

function hear(name, data) {
  if (name !== "member") refresh(org).catch(sayProblem);
  if (name === "reset") learnManagers(org).catch(sayProblem);
  open.view.hear?.(name, data);
}

function enter(id) {
  if (org?.id === id) return;
  org?.stop();
  org = id ? { id, name: id, connection: null, hold: null, managers: null, asked: 0, told: 0 } : null;
  if (!org) return;
  org.stop = listen(id, hear);
  refresh(org).catch(sayProblem);
  learnManagers(org).catch(sayProblem);
}

// --- views ---

// A view that was left, and still waits for something, has the org that it was opened for.
function pageOf(route) {
  const mine = org;
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
    connection: () => mine.connection,
    hold: () => mine.hold,
    managers: () => mine.managers,
    signedIn: navigate,
    refresh: () => refresh(mine).catch(sayProblem),
  };
}

function show(route) {
  closeAny();
  open?.view.close?.();
  open = { route, view: route.view.open(pageOf(route)), isUnfolded: false };
  redraw();
}

function leave() {
  session.forget();
  enter(null);
}

function home() {
  return session.seesAllOrgs() ? "#/orgs" : `#/orgs/${session.current().org}/team`;
}

// A one-time link's secret is taken out of the address before anything else; null: there is none.
function takeLink() {
  const link = /^#login=(.+)$/.exec(location.hash)?.[1] ?? null;
  if (link) history.replaceState(null, "", "#/");
  return link;
}

const follow = (link) => session.signIn({ link }).catch((problem) => SIGN_IN.view.tell(problem));

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
  const link = takeLink();
  if (link) await follow(link);
  navigate();
  queueMicrotask(() => toHeading());
}

function onSignedOut() {
  leave();
  SIGN_IN.view.tell({ status: 401 }, t("sign_in.ended"));
  navigate();
}

// Whoever comes back from another tab is whoever has signed in there.
async function onFocus() {
  if (!await session.look()) return;
  if (session.current()) {
    enter(null);
    navigate();
  } else {
    onSignedOut();
  }
}

export async function start() {
  const link = takeLink();
  await speak();
  if (link) await follow(link);
  if (!session.current()) await session.load().catch(sayProblem);
  api.whenSignedOut(onSignedOut);
  addEventListener("hashchange", onHash);
  addEventListener("focus", onFocus);
  navigate();
}
