// SPDX-License-Identifier: MIT
// The API's description against OpenAPI 3.1, against itself, and against what a daemon was heard to
// take and answer: each exchange must be described, and whatever is described must have been seen.
//   node check.mjs <openapi.json> <exchanges, one JSON object a line>
import fs from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const [, , descriptionFile, exchangesFile] = process.argv;
const description = JSON.parse(fs.readFileSync(descriptionFile, 'utf8'));
const exchanges = fs.readFileSync(exchangesFile, 'utf8').trim().split('\n').map((line) => JSON.parse(line));

const wrong = new Set();
const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const NOT_FOR_EACH = ['500']; // where it can be brought about, it is the same

// --- looking things up ---

const resolved = (thing) => (thing?.$ref
  ? thing.$ref.slice(2).split('/').reduce((at, name) => at[name], description)
  : thing);
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
const isTemplate = (path) => path.includes('{');
const expressions = Object.keys(description.paths)
  .sort((a, b) => isTemplate(a) - isTemplate(b)) // what is spelled out comes first
  .map((path) => [path, new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/{(\w+)}/g, '(?<$1>[^/]+)')}$`)]);

// --- schemas ---

const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });
addFormats(ajv);
// The shared ones as one schema of their own: the rest of the description is none.
const moved = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', '"shared#/$defs/'));
ajv.addSchema({ $id: 'shared', $defs: moved(description.components.schemas) });
const compiled = new Map();
const complaints = (schema, value) => {
  const text = JSON.stringify(schema);
  if (!compiled.has(text)) compiled.set(text, ajv.compile(moved(schema)));
  const validate = compiled.get(text);
  return validate(value) ? '' : ajv.errorsText(validate.errors, { dataVar: '' });
};
const check = (where, schema, value) => {
  const said = complaints(schema, value);
  if (said) wrong.add(`${where}: ${said}: ${JSON.stringify(value)?.slice(0, 200)}`);
};

// --- the description alone ---

const isTyped = (schema) => ['$ref', 'type', 'anyOf', 'oneOf'].some((key) => key in schema);
const checkSchemas = (where, thing) => {
  if (thing === null || typeof thing !== 'object') return;
  for (const [name, property] of Object.entries(thing.properties ?? {}))
    if (!isTyped(property)) wrong.add(`${where}: ${name} has no type`);
  for (const [key, part] of Object.entries(thing)) checkSchemas(`${where}/${key}`, part);
};
// What is answered is closed: a field that nobody described is found.
const checkClosed = (where, thing, seen) => {
  const schema = resolved(thing);
  if (schema === null || typeof schema !== 'object' || seen.has(schema)) return;
  seen.add(schema);
  if (schema.properties && schema.additionalProperties !== false) wrong.add(`${where}: is not closed`);
  for (const [key, part] of Object.entries(schema)) checkClosed(`${where}/${key}`, part, seen);
};

const checkDescription = async () => {
  const verdict = await new Validator().validate(description);
  if (!verdict.valid) wrong.add(`not OpenAPI 3.1: ${JSON.stringify(verdict.errors, null, 1)}`);
  checkSchemas('', description.components);
  const text = JSON.stringify(description);
  for (const kind of ['parameters', 'responses', 'schemas'])
    for (const name of Object.keys(description.components[kind]))
      if (!text.includes(`"#/components/${kind}/${name}"`)) wrong.add(`${kind}: nobody uses ${name}`);
  const ids = new Set(operations.map(({ operation }) => operation.operationId));
  if (ids.size !== operations.length) wrong.add('two operations share an operationId');
  for (const { path, method, operation } of operations) {
    const where = `${method} ${path}`;
    if (!METHODS.includes(method)) wrong.add(`${where}: not a method`);
    for (const media of Object.values(resolved(operation.requestBody)?.content ?? {}))
      check(`${where}: the example of its body`, media.schema, media.example);
    for (const reply of Object.values(operation.responses))
      for (const media of Object.values(resolved(reply).content ?? {})) {
        if ('example' in media) check(`${where}: the example of its reply`, media.schema, media.example);
        checkClosed(`${where}: its reply`, media.schema, new Set());
        for (const [name, schema] of Object.entries(media['x-events'] ?? {}))
          checkClosed(`${where}: its event ${name}`, schema, new Set());
      }
  }
};

// --- the exchanges ---

const seen = new Set();

// What may be left out of a reply has to be left out now and then; else it is required.
const everAbsent = new Map(); // schema → property → whether it was
const noteAbsent = (thing, value) => {
  const schema = resolved(thing);
  for (const choice of schema.anyOf ?? []) if (!complaints(choice, value)) noteAbsent(choice, value);
  if (Array.isArray(value)) value.forEach((item) => noteAbsent(schema.items ?? {}, item));
  if (value === null || typeof value !== 'object') return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (name in value) noteAbsent(property, value[name]);
    if (schema.required?.includes(name)) continue;
    if (!everAbsent.has(schema)) everAbsent.set(schema, new Map());
    everAbsent.get(schema).set(name, everAbsent.get(schema).get(name) || !(name in value));
  }
};

const checkRequest = (where, exchange, operation, params) => {
  const described = (operation.parameters ?? []).map(resolved);
  for (const [name, value] of exchange.query) {
    const parameter = described.find((p) => p.in === 'query' && p.name === name);
    if (!parameter) wrong.add(`${where}: takes ?${name}=, which is not described`);
    else check(`${where}: ?${name}=`, parameter.schema, parameter.schema.type === 'string' ? value : JSON.parse(value));
  }
  for (const [name, value] of Object.entries(params ?? {})) {
    const parameter = described.find((p) => p.in === 'path' && p.name === name);
    if (!parameter) wrong.add(`${where}: {${name}} is not described`);
    else check(`${where}: {${name}}`, parameter.schema, decodeURIComponent(value));
  }
  const body = resolved(operation.requestBody);
  if (exchange.request === null) {
    if (body?.required) wrong.add(`${where}: takes no body, though one is required`);
  } else {
    const media = body?.content['application/json'];
    if (!media) wrong.add(`${where}: takes a body that is not described`);
    else check(`${where}: its body`, media.schema, exchange.request);
  }
};

// Server-sent events: each is one of those described.
const checkEvents = (where, schemas, text) => {
  for (const block of text.split('\n\n').filter((lines) => lines.includes('data: '))) {
    const fields = Object.fromEntries(block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]));
    seen.add(`${where}: event ${fields.event}`);
    if (!schemas[fields.event]) wrong.add(`${where}: the event ${fields.event} is not described`);
    else check(`${where}: event ${fields.event}`, schemas[fields.event], JSON.parse(fields.data));
  }
};

const checkReply = (where, exchange, reply) => {
  for (const [name, header] of Object.entries(reply.headers ?? {})) {
    const value = exchange.headers[name.toLowerCase()];
    if (value === undefined && header.required) wrong.add(`${where}: lacks the header ${name}`);
    if (value !== undefined) check(`${where}: ${name}`, header.schema, header.schema.type === 'string' ? value : JSON.parse(value));
  }
  const type = (exchange.headers['content-type'] ?? '').split(';')[0];
  const media = reply.content?.[type];
  if (!reply.content) {
    if (exchange.reply !== '') wrong.add(`${where}: has a body that is not described`);
  } else if (!media) {
    wrong.add(`${where}: is ${type}, which is not described`);
  } else {
    const value = /[/+]json$/.test(type) ? JSON.parse(exchange.reply) : exchange.reply;
    check(where, media.schema, value);
    noteAbsent(media.schema, value);
    if (media['x-lines'])
      for (const line of value.trim().split('\n')) check(`${where}: a line`, media['x-lines'], JSON.parse(line));
    if (media['x-events']) checkEvents(where, media['x-events'], value);
  }
};

// What no operation stands for is refused in one way.
const checkElsewhere = (where, exchange, path) => {
  if (exchange.status !== (path ? 405 : 404)) wrong.add(`${where}: is not described`);
  else check(where, { $ref: '#/components/schemas/Problem' }, JSON.parse(exchange.reply));
};

const checkExchange = (exchange) => {
  const [plain, query] = exchange.path.split('?');
  const method = exchange.method.toLowerCase();
  const [path, expression] = expressions.find(([, e]) => e.test(plain)) ?? [];
  const operation = description.paths[path]?.[method];
  const where = `${method} ${path ?? plain} -> ${exchange.status}`;
  if (!operation) return checkElsewhere(where, exchange, path);
  const reply = resolved(operation.responses[exchange.status]);
  seen.add(where);
  if (!reply) return wrong.add(`${where}: is not described`);
  if (exchange.status < 400)
    checkRequest(where, { ...exchange, query: new URLSearchParams(query) }, operation, expression.exec(plain).groups);
  return checkReply(where, exchange, reply);
};

const checkCoverage = () => {
  for (const { path, method, operation } of operations)
    for (const name of Object.keys(operation.responses['200']?.content?.['text/event-stream']?.['x-events'] ?? {}))
      if (!seen.has(`${method} ${path} -> 200: event ${name}`)) wrong.add(`${method} ${path}: the event ${name} was never seen`);
  for (const { path, method, operation } of operations)
    for (const status of Object.keys(operation.responses))
      if (!NOT_FOR_EACH.includes(status) && !seen.has(`${method} ${path} -> ${status}`))
        wrong.add(`${method} ${path} -> ${status}: is described, but was never seen`);
  for (const [schema, properties] of everAbsent)
    for (const [name, wasAbsent] of properties)
      if (!wasAbsent) wrong.add(`${name} is always there: it is required, in ${JSON.stringify(schema).slice(0, 100)}`);
};

await checkDescription();
exchanges.forEach(checkExchange);
checkCoverage();
for (const line of wrong) console.log(line);
console.log(`${operations.length} operations, ${exchanges.length} exchanges, ${seen.size} kinds of replies, ${wrong.size} wrong`);
process.exit(wrong.size > 0 ? 1 : 0);
