// SPDX-License-Identifier: MIT
// Who is at the page, and what they may do. The secret of it is in a cookie that no script can read.
import * as api from "./api.js";

let session = null;

export const current = () => session;

export const may = (...permissions) => permissions.every((one) => session?.permissions.includes(one));

export const seesAllOrgs = () => session?.org === "*";

// Whether somebody is signed in.
export async function load() {
  session = await api.get("/session");
  return session !== null;
}

// Looks whether somebody who is signed in still is; a browser's tabs share one cookie. True: it is somebody else, or
// nobody, now.
export async function look() {
  const before = session;
  if (!before) return false;
  const now = await api.get("/session").catch((problem) => (problem.status === 401 ? null : before));
  if (session !== before || JSON.stringify(now) === JSON.stringify(before)) return false;
  session = now;
  return true;
}

// With {token} or {link}.
export async function signIn(credential) {
  session = await api.post("/session", credential);
}

export async function signOut() {
  await api.remove("/session").catch((problem) => { if (problem.status !== 401) throw problem; });
  session = null;
}

// It has ended by itself.
export const forget = () => { session = null; };
