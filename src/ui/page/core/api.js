// SPDX-License-Identifier: MIT
// The API, as everybody may use it. The session's cookie goes along by itself.
import { queryOf } from "./query.js";

// What the service answers when it does not do what was asked (RFC 9457); status 0: there was no answer.
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail ?? body.title ?? String(status));
    this.status = status;
    this.detail = body.detail ?? null;
    this.code = body.code ?? null;
    this.mend = body.mend ?? null;
  }
}

let onSignedOut = () => {};

// Whom to tell when the session has ended.
export const whenSignedOut = (tell) => { onSignedOut = tell; };

async function problemOf(reply) {
  const body = await reply.json().catch(() => ({}));
  return new Problem(reply.status, body);
}

const unanswered = (error) => { throw error.name === "AbortError" ? error : new Problem(0); };

async function ask(method, path, { body, query, signal } = {}) {
  const headers = { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
  const sent = body && JSON.stringify(body);
  const reply = await fetch(`/api/v1${path}${queryOf(query ?? {})}`, { method, headers, signal, body: sent })
    .catch(unanswered);
  if (reply.ok) return reply.status === 204 ? null : reply.json().catch(unanswered);
  const problem = await problemOf(reply);
  if (reply.status === 401 && path !== "/session") onSignedOut();
  throw problem;
}

// Paths are below /api/v1. Options: `query`, an object, and `signal`, of an AbortController.
export const get = (path, options) => ask("GET", path, options);
export const post = (path, body, options) => ask("POST", path, { ...options, body });
export const put = (path, body, options) => ask("PUT", path, { ...options, body });
export const patch = (path, body, options) => ask("PATCH", path, { ...options, body });
export const remove = (path, options) => ask("DELETE", path, options);
