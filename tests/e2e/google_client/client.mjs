// SPDX-License-Identifier: MIT
// Google's own Node client against the sandbox: get, list over several pages, watch, a real
// notification, stop, and the two ways of being gone.
//   node client.mjs <sandbox url> <key file>
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { admin, auth as google } from '@googleapis/admin';

const [, , url, keyFile] = process.argv;
const key = JSON.parse(fs.readFileSync(keyFile, 'utf8'));

const auth = new google.JWT({
  email: key.client_email,
  key: key.private_key,
  scopes: ['https://www.googleapis.com/auth/admin.directory.user.readonly'],
  subject: 'admin@acme.example',
});
// The library knows one token endpoint only; it is led to the sandbox's.
auth.transporter.defaults.fetchImplementation = (target, options) =>
  fetch(String(target).replace('https://oauth2.googleapis.com', url), options);

const directory = admin({ version: 'directory_v1', auth, rootUrl: `${url}/` });

const control = async (method, path, body) => {
  const reply = await fetch(`${url}/control${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${await reply.clone().text()}`);
  return reply.status === 204 ? null : reply.json();
};

const rejectsWith = async (status, call) => {
  await assert.rejects(call, (error) => Number(error.response?.status ?? error.status) === status);
};

// get
const ada = (await directory.users.get({ userKey: 'ada@acme.example', projection: 'full' })).data;
assert.equal(ada.primaryEmail, 'ada@acme.example');
assert.match(ada.id, /^\d{21}$/);
assert.equal(ada.suspended, false);
const byId = (await directory.users.get({ userKey: ada.id, fields: 'id,primaryEmail' })).data;
assert.deepEqual(byId, { id: ada.id, primaryEmail: 'ada@acme.example' });
await rejectsWith(404, () => directory.users.get({ userKey: 'nobody@acme.example' }));
console.log('get');

// list, with paging
const seen = new Set();
let pages = 0;
let pageToken;
do {
  const page = (await directory.users.list({
    customer: 'my_customer', maxResults: 20, pageToken,
    fields: 'nextPageToken,users(id,primaryEmail,suspended,organizations/department)',
  })).data;
  for (const user of page.users ?? []) seen.add(user.primaryEmail);
  pageToken = page.nextPageToken;
  pages += 1;
} while (pageToken);
assert.equal(seen.size, 61);
assert.equal(pages, 4);
await rejectsWith(400, () => directory.users.list({ maxResults: 1 }));
console.log(`list: ${seen.size} users on ${pages} pages`);

// watch and notifications
const messages = [];
const waiting = [];
const receiver = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    messages.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(204).end();
    while (waiting.length) waiting.shift()();
  });
});
await new Promise((ready) => receiver.listen(0, '127.0.0.1', ready));
const arrival = async (isIt) => {
  for (;;) {
    const found = messages.find(isIt);
    if (found) return found;
    await new Promise((wake, fail) => {
      waiting.push(wake);
      setTimeout(() => fail(new Error('no notification in ten seconds')), 10000).unref();
    });
  }
};
const channel = (await directory.users.watch({
  customer: 'my_customer',
  requestBody: {
    id: 'node-client-channel', type: 'web_hook', token: 'a-token',
    address: `http://127.0.0.1:${receiver.address().port}/hook?tenant=42`,
    expiration: String(Date.now() + 3600000),
  },
})).data;
assert.equal(channel.kind, 'api#channel');
assert.ok(Number(channel.expiration) > Date.now());
const sync = await arrival((m) => m.headers['x-goog-resource-state'] === 'sync');
assert.equal(sync.headers['x-goog-message-number'], '1');
assert.equal(sync.body, '');
await control('PATCH', `/users/${ada.id}`, { department: 'Changed' });
const change = await arrival((m) => m.headers['x-goog-resource-state'] === 'update');
assert.equal(change.headers['x-goog-channel-token'], 'a-token');
assert.deepEqual(Object.keys(JSON.parse(change.body)).sort(), ['etag', 'id', 'kind', 'primaryEmail']);
assert.equal(JSON.parse(change.body).id, ada.id);
await rejectsWith(400, () => directory.users.watch({
  customer: 'my_customer',
  requestBody: { id: 'node-client-channel', type: 'web_hook', address: 'https://x.example/' },
}));
console.log('watch, sync, notification');

// stop
await directory.channels.stop({
  requestBody: { id: channel.id, resourceId: channel.resourceId } });
await rejectsWith(404, () => directory.channels.stop({
  requestBody: { id: channel.id, resourceId: channel.resourceId } }));
console.log('stop');

// gone
await control('POST', `/users/${ada.id}/delete`);
await rejectsWith(412, () => directory.users.get({ userKey: ada.id }));
await rejectsWith(404, () => directory.users.get({ userKey: 'ada@acme.example' }));
console.log('412 for a deleted id, 404 for its address');
receiver.close();
