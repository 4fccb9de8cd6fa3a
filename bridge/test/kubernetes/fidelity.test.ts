import { afterEach, describe, expect, it } from 'vitest';
import { at, isObject, type Json, type JsonObject, listAt, textAt } from '../../src/kubernetes/json.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from './api-server.ts';
import { newCluster } from './cluster.ts';
import { readContinue } from './paging.ts';
import { type Recording, recording } from './recordings.ts';

/** When the tables were recorded. */
const RECORDED_AT = new Date('2026-11-22T12:35:46Z');
const running: ApiServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

/** A server that holds these objects. */
async function serve(objects: readonly JsonObject[], options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = await startApiServer(newCluster().add(...objects), { now: RECORDED_AT, ...options });
  running.push(server);
  return server;
}

/** What the server says to a recorded request. */
async function ask(server: ApiServer, { path, accept }: Pick<Recording, 'path' | 'accept'>, headers = {}) {
  const init = { headers: { ...(accept === undefined ? {} : { accept }), ...headers } };
  const response = await fetch(`${server.url}${path}`, init);
  const text = await response.text();
  return { status: response.status, contentType: response.headers.get('content-type'), text };
}

/** The items of a recorded list, or the one object, as they were created. */
function objectsOf({ body }: Recording, apiVersion = 'v1'): JsonObject[] {
  if (!isObject(body)) return [];
  if (body.items === undefined) return [body];
  const kind = (textAt(body, 'kind') ?? '').replace(/List$/, '');
  return listAt(body, 'items').flatMap((item) => (isObject(item) ? [{ apiVersion, kind, ...item }] : []));
}

/** Revisions are each server's own. */
function withoutRevisions(document: Json): Json {
  return JSON.parse(JSON.stringify(document, (key, value) => (key === 'resourceVersion' ? undefined : value)));
}

describe('refusals are those of the recorded server, byte for byte', () => {
  it.each<[string, ApiServerOptions]>([
    ['pod-not-found', {}],
    ['pods-bad-field', {}],
    ['pods-bad-label', {}],
    ['forbidden-secrets', { denied: [{ verb: 'list', resource: 'secrets' }] }],
    ['unauthorized', { token: 'of somebody else' }],
    ['kind-not-found', {}],
    ['metrics-absent', {}],
  ])('%s', async (name, options) => {
    const recorded = recording(name);
    const { status, contentType, text } = await ask(await serve([], options), recorded);
    const { body } = recorded;
    const expected = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
    expect({ status, contentType, text }).toEqual({
      status: recorded.status,
      contentType: recorded.contentType,
      text: expected,
    });
  });
});

describe('documents are those of the recorded server', () => {
  it.each(['discovery-api', 'discovery-apis', 'version', 'configmap-get', 'secret-get', 'node-get', 'namespaces-list'])(
    '%s',
    async (name) => {
      const recorded = recording(name);
      const isObjects = textAt(recorded.body, 'metadata', 'name') !== undefined || name === 'namespaces-list';
      const server = await serve(isObjects ? objectsOf(recorded) : []);
      const { status, contentType, text } = await ask(server, recorded);
      expect({ status, contentType }).toEqual({ status: 200, contentType: recorded.contentType });
      expect(withoutRevisions(JSON.parse(text))).toEqual(withoutRevisions(recorded.body));
    },
  );

  it('readyz-verbose', async () => {
    const recorded = recording('readyz-verbose');
    expect((await ask(await serve([]), recorded)).text).toBe(recorded.body);
  });
});

describe('lists are those of the recorded server', () => {
  it.each<[string, string]>([
    ['pods-list-page1', 'v1'],
    ['pods-by-node-field', 'v1'],
    ['nodes-list', 'v1'],
    ['deployments-list', 'apps/v1'],
    ['events-core-list', 'v1'],
    ['pods-metadata-only', 'v1'],
  ])('%s, with the same token where it goes on', async (name, apiVersion) => {
    const recorded = recording(name);
    const kind = textAt(recorded.body, 'kind') === 'PartialObjectMetadataList' ? { kind: 'Pod', apiVersion: 'v1' } : {};
    const objects = objectsOf(recorded, apiVersion).map((object) => ({ ...object, ...kind }));
    const token = readContinue(textAt(recorded.body, 'metadata', 'continue') ?? '');
    const last = objects.at(-1) ?? {};
    const isMore = token !== null;
    const server = await serve(isMore ? [...objects, after(last)] : objects);
    const body: JsonObject = JSON.parse((await ask(server, recorded)).text);
    expect(withoutRevisions(listAt(body, 'items'))).toEqual(withoutRevisions(listAt(recorded.body, 'items')));
    expect([body.kind, body.apiVersion, Object.keys(body)]).toEqual([
      textAt(recorded.body, 'kind'),
      textAt(recorded.body, 'apiVersion'),
      ['kind', 'apiVersion', 'metadata', 'items'],
    ]);
    expect(readContinue(textAt(body, 'metadata', 'continue') ?? '')?.start).toBe(token?.start);
    const hasCount = isObject(recorded.body) && JSON.stringify(recorded.body.metadata).includes('remainingItemCount');
    expect(at(body, 'metadata', 'remainingItemCount')).toBe(hasCount ? 1 : undefined);
  });

  it('events-v1-list: the events of core/v1 in their other shape', async () => {
    const recorded = recording('events-v1-list');
    const server = await serve(oldEvents(recorded));
    const body: JsonObject = JSON.parse((await ask(server, recorded)).text);
    expect(withoutRevisions(listAt(body, 'items'))).toEqual(withoutRevisions(listAt(recorded.body, 'items')));
  });
});

describe('tables are those of the recorded server', () => {
  it.each<[string, () => readonly JsonObject[]]>([
    ['pods-table-page1', () => objectsOf(recording('pods-list-page1'))],
    ['nodes-table', () => objectsOf(recording('nodes-list'))],
    ['events-table', () => oldEvents(recording('events-v1-list'))],
    ['secrets-table', () => objectsOf(recording('secret-get'))],
    ['deployments-table', () => []],
  ])('%s: columns, cells and what comes with a row', async (name, objects) => {
    const recorded = recording(name);
    const created = objects();
    const table: Json = JSON.parse((await ask(await serve(created), recorded)).text);
    const columns = listAt(recorded.body, 'columnDefinitions').map((column) => (isObject(column) ? column : {}));
    expect(at(table, 'columnDefinitions')).toEqual(columns.map((column) => ({ ...column, description: '' })));
    const rows = listAt(table, 'rows');
    expect(rows).toHaveLength(Math.min(created.length, listAt(recorded.body, 'rows').length));
    expect(withoutRevisions(rows)).toEqual(withoutRevisions(listAt(recorded.body, 'rows').slice(0, rows.length)));
  });
});

describe('watches are those of the recorded server', () => {
  it.each(['pods-watch', 'pods-watchlist'])('%s: a line of JSON for each object that is there', async (name) => {
    const recorded = recording(name);
    const lines = String(recorded.body)
      .split('\n')
      .filter((line) => line !== '');
    const events: JsonObject[] = lines.map((line) => JSON.parse(line));
    const objects = events.flatMap(({ object = null }) => (isObject(object) ? [object] : []));
    const { text, contentType } = await ask(await serve(objects), {
      ...recorded,
      path: recorded.path.replace(/timeoutSeconds=\d+/, 'timeoutSeconds=1'),
    });
    expect(contentType).toBe(recorded.contentType);
    const sent: JsonObject[] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(withoutRevisions(sent.slice(0, events.length))).toEqual(withoutRevisions(events));
    expect(sent.at(-1)).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1' } });
  });
});

/** An object that stands after another in the list. */
function after(object: JsonObject): JsonObject {
  const { metadata } = object;
  return { ...object, metadata: { ...(isObject(metadata) ? metadata : {}), name: `${textAt(metadata, 'name')}-z` } };
}

/** Recorded events of events.k8s.io/v1 as core/v1 keeps them. */
function oldEvents(recorded: Recording): JsonObject[] {
  return objectsOf(recorded).map((event) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: event.metadata,
    involvedObject: event.regarding,
    reason: event.reason,
    message: event.note,
    source: event.deprecatedSource,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
    type: event.type,
    eventTime: event.eventTime,
    reportingComponent: '',
    reportingInstance: '',
  }));
}
