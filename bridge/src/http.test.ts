import { connect } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createCursors } from './cursor.ts';
import { createBridgeHttp } from './http.ts';
import { createMcpServerFactory } from './mcp-server.ts';
import { defineTool } from './tool.ts';

const greet = defineTool({
  name: 'test.greet',
  title: 'Greet',
  description: 'Greets.',
  paged: false,
  input: z.strictObject({ name: z.string().max(20, 'must be 20 characters at most') }),
  run: async ({ name }) => ({
    title: 'greeting',
    source: 'test',
    asOf: new Date('2026-11-22T13:00:00Z'),
    summary: `hello ${name}`,
    tables: [{ columns: ['name'], rows: [[name]] }],
  }),
});

let aborted: Promise<void>;
const wait = defineTool({
  name: 'test.wait',
  title: 'Wait',
  description: 'Waits.',
  paged: false,
  input: z.strictObject({}),
  run: (_, { signal }) => {
    aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    started.resolve();
    return new Promise(() => undefined);
  },
});
const started = Promise.withResolvers<void>();

let app: FastifyInstance;
let url: URL;

beforeAll(async () => {
  const factory = createMcpServerFactory({
    tools: [greet, wait],
    resources: [],
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
    schema: async () => ({ name: 'telemcp' }),
    readiness: {
      look: async () => [
        { name: 'prometheus', address: 'http://x', reachable: false, detail: 'unreachable', hint: null, cautions: [] },
      ],
    },
    version: '0.1.0',
    onError: () => undefined,
  });
  url = new URL(`${await app.listen({ host: '127.0.0.1', port: 0 })}/mcp`);
});

afterAll(() => app.close());

function v2(mode: ConstructorParameters<typeof Client>[1]) {
  const client = new Client({ name: 'test', version: '0' }, mode);
  return client.connect(new StreamableHTTPClientTransport(url)).then(() => client);
}

describe('MCP over HTTP', () => {
  const clients = {
    'v2 legacy': () => v2({}),
    'v2 auto': () => v2({ versionNegotiation: { mode: 'auto' } }),
    'v2 pinned to 2026-07-28': () => v2({ versionNegotiation: { mode: { pin: '2026-07-28' } } }),
    v1: async () => {
      const client = new V1Client({ name: 'test', version: '0' });
      // The v1 declarations predate exactOptionalPropertyTypes; the transport is the v1 package's own.
      await client.connect(new V1Transport(url) as Parameters<V1Client['connect']>[0]);
      return client;
    },
  };

  it.each(Object.keys(clients) as (keyof typeof clients)[])('serves the client %s', async (name) => {
    const client = await clients[name]();
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(['test_greet', 'test_wait']);
    expect(tools[0]?.annotations).toMatchObject({ readOnlyHint: true });
    for (const spelling of ['test_greet', 'test.greet']) {
      const result = await client.callTool({ name: spelling, arguments: { name: 'you' } });
      expect(result.content).toEqual([
        { type: 'text', text: 'greeting · as of 2026-11-22T13:00:00Z · from test · hello you\nname\nyou' },
      ]);
      expect(result.structuredContent).toMatchObject({
        summary: 'hello you',
        tables: [{ columns: ['name'], rows: [['you']] }],
      });
    }
    const bad = await client.callTool({ name: 'test_greet', arguments: { nam: 'you' } });
    expect(bad).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('nam: no such argument\nhint: test.greet takes name.') }],
    });
    await expect(client.callTool({ name: 'test_gone', arguments: {} })).rejects.toThrow(
      /no tool "test_gone"; there are test_greet, test_wait/,
    );
    await client.close();
  });

  it('lists dotted names where the URL asks for them', async () => {
    const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${url}?tool-names=dotted`)));
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(['test.greet', 'test.wait']);
    await client.close();
  });

  it('aborts a call whose client is gone', async () => {
    const gone = new AbortController();
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'test_wait', arguments: {} },
    });
    const request = fetch(url, { method: 'POST', body, headers, signal: gone.signal });
    await started.promise;
    gone.abort();
    await expect(request).rejects.toThrow();
    await aborted;
  });
});

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

describe('HTTP around MCP', () => {
  it.each([
    ['not JSON', '{"jsonrpc":', 400, -32_700],
    ['an empty body', '', 400, -32_700],
    ['an empty batch', '[]', 400, -32_600],
    ['nesting a thousand times as deep as any call', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 400, -32_600],
    ['a key that would change every object', '{"jsonrpc":"2.0","id":1,"__proto__":{"x":1}}', 400, -32_700],
    ['what is JSON but no message', '{"hello":1}', 400, -32_600],
    ['a body over the limit', JSON.stringify({ x: 'y'.repeat(300_000) }), 413, -32_600],
    [
      'a huge batch',
      JSON.stringify(Array.from({ length: 50 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'tools/list' }))),
      413,
      -32_600,
    ],
  ])('answers %s as JSON-RPC', async (_, body, status, code) => {
    const response = await fetch(url, { method: 'POST', body, headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code } });
  });

  it.each([
    [{ host: 'evil.example' }, 403],
    [{ host: 'localhost@evil.example' }, 403],
    [{ host: 'localhost.evil.example:8090' }, 403],
    [{ host: 'a b/..' }, 403],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'mcp-protocol-version': '1900-01-01' }, 400],
    [{ origin: 'http://localhost:3000' }, 200],
  ])('with the headers %j answers %i', async (extra, status) => {
    const payload = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
    const response = await app.inject({
      method: 'POST',
      url: '/mcp',
      payload,
      headers: { ...headers, host: 'localhost', ...extra },
    });
    expect(response.statusCode).toBe(status);
  });

  it.each([
    ['HTTP/1.0 without a host', 'GET /healthz HTTP/1.0\r\n\r\n', 403],
    ['HTTP/1.1 without a host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['two hosts', 'GET /healthz HTTP/1.1\r\nhost: evil.example\r\nhost: localhost\r\nconnection: close\r\n\r\n', 403],
    ['no HTTP at all', '\u0000\u0001hello\r\n\r\n', 400],
    ['a URL of 20 kB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`, 431],
  ])('answers %s and goes on serving', async (_, request, status) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.setEncoding('utf8').end(request);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await fetch(new URL('/healthz', url))).status).toBe(200);
  });

  it('keeps the headers that hooks have set', async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    await response.text();
  });

  it('is ready while an upstream is down, and says which', async () => {
    const response = await app.inject({ url: '/readyz', headers: { host: 'localhost' } });
    expect(response.statusCode).toBe(200);
    expect(response.json().upstreams[0]).toMatchObject({ name: 'prometheus', reachable: false });
  });

  it.each([
    ['GET', '/healthz', 200],
    ['GET', '/mcp/schema', 200],
    ['POST', '/healthz', 405],
    ['PUT', '/mcp', 405],
    ['GET', '/', 404],
    ['GET', '/../../etc/passwd', 404],
    ['GET', '/%2e%2e/%2e%2e/etc/passwd', 404],
    ['GET', '/%00', 404],
    ['GET', '/%zz', 400],
  ] as const)('%s %s answers %i', async (method, path, status) => {
    expect((await app.inject({ method, url: path, headers: { host: 'localhost' } })).statusCode).toBe(status);
  });
});
