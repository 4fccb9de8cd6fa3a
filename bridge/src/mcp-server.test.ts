import { Client, ResourceNotFoundError, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCursors } from './cursor.ts';
import { createBridgeHttp } from './http.ts';
import { createMcpServerFactory } from './mcp-server.ts';
import type { ResourceKind, ResourceOutcome } from './resource.ts';

const OUTCOMES: Readonly<Record<string, ResourceOutcome>> = {
  'res://fruit/apple': { kind: 'text', mimeType: 'text/plain', text: 'an apple' },
  'res://fruit/aple': { kind: 'unknown', message: 'no resource "res://fruit/aple"; near it: res://fruit/apple' },
  'res://fruit/pear?size=x': { kind: 'failed', code: 'invalid_argument', text: 'invalid_argument: size: no number' },
  'res://fruit/plum': { kind: 'failed', code: 'unreachable', text: 'unreachable (tree): cut\nhint: Wait.' },
};
const readers: { names: string; aborted: boolean }[] = [];
const listed = (name: string) => ({
  uri: `res://fruit/${name}`,
  name,
  title: name,
  description: name,
  mimeType: 'text/plain',
});
const fruit: ResourceKind = {
  list: async () => [listed('apple')],
  templates: async () => [],
  read: async (uri, { names, signal }) => {
    readers.push({ names, aborted: signal.aborted });
    return OUTCOMES[uri] ?? null;
  },
};
const other: ResourceKind = {
  list: async () => [{ ...listed('nail'), uri: 'res://things/nail' }],
  templates: async () => [
    { uriTemplate: 'res://things/{name}', name: 'thing', title: 't', description: 'd', mimeType: 'text/plain' },
  ],
  read: async (uri) => (uri === 'res://things/nail' ? { kind: 'text', mimeType: 'text/plain', text: 'a nail' } : null),
};

let app: FastifyInstance;
let url: URL;
beforeAll(async () => {
  const factory = createMcpServerFactory({
    tools: [],
    resources: [fruit, other],
    runtime: {
      upstreams: { prometheus: null, loki: null, alertmanager: null, agents: null, kubernetes: null },
      cursors: createCursors(Buffer.alloc(32)),
      deadlineMs: 5000,
      budget: 24_000,
      onBug: () => undefined,
    },
    version: '0.1.0',
    names: 'underscore',
    results: 'both',
  });
  const names = ['localhost', '127.0.0.1'];
  app = createBridgeHttp({
    factory,
    allowedHosts: names,
    allowedOrigins: names,
    schema: async () => ({}),
    readiness: { look: async () => [] },
    version: '0.1.0',
    onError: () => undefined,
  });
  url = new URL(`${await app.listen({ host: '127.0.0.1', port: 0 })}/mcp`);
});
afterAll(() => app.close());

const clients = {
  'v2 legacy': async () => {
    const client = new Client({ name: 'test', version: '0' });
    await client.connect(new StreamableHTTPClientTransport(url));
    return client;
  },
  'v2 pinned to 2026-07-28': async () => {
    const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(new StreamableHTTPClientTransport(url));
    return client;
  },
  v1: async () => {
    const client = new V1Client({ name: 'test', version: '0' });
    // The v1 declarations predate exactOptionalPropertyTypes; the transport is the v1 package's own.
    await client.connect(new V1Transport(url) as Parameters<V1Client['connect']>[0]);
    return client;
  },
};

describe.each(Object.entries(clients))('resources for the client %s', (_, connect) => {
  let client: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.close());

  it('lists those of all kinds, and their templates', async () => {
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual([
      'res://fruit/apple',
      'res://things/nail',
    ]);
    expect((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'res://things/{name}',
    ]);
  });

  it('reads each from the kind that has it', async () => {
    expect((await client.readResource({ uri: 'res://fruit/apple' })).contents).toEqual([
      { uri: 'res://fruit/apple', mimeType: 'text/plain', text: 'an apple' },
    ]);
    expect((await client.readResource({ uri: 'res://things/nail' })).contents).toMatchObject([{ text: 'a nail' }]);
    expect(readers.at(-1)).toEqual({ names: 'underscore', aborted: false });
  });

  it.each([
    ['res://fruit/aple', 'near it: res://fruit/apple'],
    ['res://trees/oak', 'no resource "res://trees/oak"; resources/list has those there are'],
    [`res://trees/${'x'.repeat(5000)}`, '…"; resources/list has those there are'],
  ])('says that there is no %s', async (uri, message) => {
    const error = await client.readResource({ uri }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: -32_602, message: expect.stringContaining(message), data: { uri } });
    expect(ResourceNotFoundError.isInstance(error)).toBe(client instanceof Client);
  });

  it.each([
    ['res://fruit/pear?size=x', -32_602, 'invalid_argument: size: no number'],
    ['res://fruit/plum', -32_603, 'unreachable (tree): cut\nhint: Wait.'],
  ])('says why %s cannot be read', async (uri, code, message) => {
    await expect(client.readResource({ uri })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
