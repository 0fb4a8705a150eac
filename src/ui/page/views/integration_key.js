// SPDX-License-Identifier: MIT
// A service account's key file. What it holds is looked at, sent, and forgotten: only the file's place is kept.

const MAX_BYTES = 64 << 10;
const NEEDED = ["client_email", "client_id", "private_key", "private_key_id"];

// What is wrong with a file; "wrong" is the end of a text's name.
export class NoKey extends Error {
  constructor(wrong) {
    super(wrong);
    this.wrong = wrong;
  }
}

async function textOf(file) {
  if (file.size > MAX_BYTES) throw new NoKey("large");
  return file.text().catch(() => { throw new NoKey("unreadable"); });
}

function objectOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new NoKey("no_json");
  }
}

// The key as it has to be sent. Throws NoKey.
export async function read(file) {
  const key = objectOf(await textOf(file));
  if (key?.web || key?.installed) throw new NoKey("oauth_client");
  if (key?.type !== "service_account") throw new NoKey("no_service_account");
  if (!NEEDED.every((name) => typeof key[name] === "string" && key[name] !== "")) throw new NoKey("incomplete");
  return key;
}

// What may be shown of it.
export async function look(file) {
  const { client_email: email, client_id: client, project_id: project } = await read(file);
  return { name: file.name, email, client, project };
}
