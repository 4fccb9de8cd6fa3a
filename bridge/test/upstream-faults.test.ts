import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ToolError } from '../src/errors.ts';
import type { Tool, Upstreams } from '../src/tool.ts';
import { alertsList } from '../src/tools/alerts-list.ts';
import { lokiLabels } from '../src/tools/loki-labels.ts';
import { lokiQuery } from '../src/tools/loki-query.ts';
import { promqlQuery } from '../src/tools/promql-query.ts';
import { promqlSearch } from '../src/tools/promql-search.ts';
import { createAlertmanager } from '../src/upstreams/alertmanager-client.ts';
import type { HttpApiSettings } from '../src/upstreams/http-api.ts';
import { createLoki } from '../src/upstreams/loki-client.ts';
import { createPrometheus } from '../src/upstreams/prometheus.ts';
import { askTool } from './ask-tool.ts';

const SECRET = 'hunter2-of-the-address';

/** Every upstream with a question that its tools ask it. */
const QUESTIONS: readonly [string, Tool, Record<string, unknown>][] = [
  ['prometheus', { ...promqlQuery }, { expr: 'up' }],
  ['prometheus', { ...promqlQuery }, { expr: 'up', range: '1h' }],
  ['prometheus', { ...promqlSearch }, {}],
  ['prometheus', { ...promqlSearch }, { text: 'cpu' }],
  ['prometheus', { ...alertsList }, {}],
  ['loki', { ...lokiQuery }, { logql: '{app="cart"} |= "error"' }],
  ['loki', { ...lokiQuery }, { logql: 'sum(rate({app="cart"}[5m]))' }],
  ['loki', { ...lokiLabels }, {}],
  ['alertmanager', { ...alertsList }, {}],
];

const says =
  (status: number, type: string, body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  };
const PAGE = '<!doctype html><html><body>Sign in</body></html>';
const cutInTheMiddle: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"status":"success","data":{');
  setImmediate(() => response.socket?.destroy());
};
const neverEnds: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"status":');
};
const huge: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(`["${'x'.repeat(200_000)}"]`);
};

const FAULTS: readonly [string, RequestListener, string, RegExp][] = [
  ['a page of HTML in place of JSON', says(200, 'text/html', PAGE), 'bad_response', /HTTP 200 \(text\/html\)/],
  ['a page that says it is JSON', says(200, 'application/json', PAGE), 'bad_response', /HTTP 200|not /],
  ['JSON of something else', says(200, 'application/json', '{"hello":"world"}'), 'bad_response', /HTTP 200|not /],
  ['half of JSON', says(200, 'application/json', '{"status":"success","data":{"resu'), 'bad_response', /HTTP 200/],
  ['nothing', says(200, 'application/json', ''), 'bad_response', /HTTP 200/],
  ['no content', says(204, 'application/json', ''), 'bad_response', /HTTP 204/],
  ['HTTP 500 with a page', says(500, 'text/html', PAGE), 'bad_response', /HTTP 500/],
  ['HTTP 500 without a word', says(500, 'text/plain', ''), 'bad_response', /HTTP 500/],
  ['HTTP 502 of a proxy', says(502, 'text/plain', 'Bad Gateway'), 'bad_response', /HTTP 502/],
  ['HTTP 503 with words', says(503, 'text/plain', 'compactor is down'), 'bad_response', /HTTP 503|compactor is down/],
  ['HTTP 504 of a proxy', says(504, 'text/html', PAGE), 'timeout', /HTTP 504/],
  ['a redirect', says(302, 'text/html', PAGE, { location: 'https://login.example/' }), 'bad_response', /a redirect/],
  ['HTTP 401', says(401, 'text/plain', `no: ${SECRET}`), 'denied', /HTTP 401/],
  ['HTTP 403 with a page', says(403, 'text/html', PAGE), 'denied', /HTTP 403/],
  ['a missing tenant', says(401, 'text/plain', 'no org id'), 'denied', /no org id/],
  ['an answer that breaks off', cutInTheMiddle, 'unreachable', /the connection was cut/],
  ['an answer that never ends', neverEnds, 'timeout', /no answer within/],
  ['an answer that never begins', () => undefined, 'timeout', /no answer within/],
  ['a connection that is closed', (request) => request.socket.destroy(), 'unreachable', /cut|reset|closed/],
  ['more than is read', huge, 'too_large', /more than 100000 bytes/],
  [
    'what is not gzip, though said so',
    says(200, 'application/json', 'garbage', { 'content-encoding': 'gzip' }),
    'bad_response',
    /not a valid HTTP answer/,
  ],
  [
    'a bomb',
    says(200, 'application/json', gzipSync(Buffer.alloc(10_000_000, 32)), { 'content-encoding': 'gzip' }),
    'too_large',
    /more than 100000 bytes/,
  ],
];

const CASES = QUESTIONS.flatMap(([upstream, tool, args]) =>
  FAULTS.map(([fault, answering, code, words]) => ({ upstream, tool, args, fault, answering, code, words })),
);

describe('a server that answers with', () => {
  it.each(CASES)('$fault: $upstream, by $tool.name $args', async ({ upstream, tool, args, answering, code, words }) => {
    const error = await failureOf(tool, args, upstream, await listening(answering));
    expect(error).toMatchObject({ code, upstream });
    expect(error.message).toMatch(words);
    expect(`${error.message} ${error.hint}`).not.toContain(SECRET);
    // Who reads it learns what to do, or has words of the server itself.
    expect(error.hint).toEqual(expect.stringMatching(/[a-z]/));
  });

  it.each(QUESTIONS)('another protocol: %s by %o %o', async (upstream, tool, args) => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.9\r\n'));
    const error = await failureOf(tool, args, upstream, await portOf(server));
    expect(error).toMatchObject({ code: 'bad_response', upstream });
  });

  it.each(QUESTIONS)('nothing, for nobody listens: %s by %o %o', async (upstream, tool, args) => {
    const server = createTcpServer();
    const port = await portOf(server);
    server.close();
    await once(server, 'close');
    const error = await failureOf(tool, args, upstream, port);
    expect(error).toMatchObject({ code: 'unreachable', upstream });
    expect(error.message).toContain('connection refused');
    expect(error.hint).toContain('doctor');
  });
});

it.each<[string, Tool, Record<string, unknown>, unknown]>([
  [
    'prometheus',
    { ...promqlQuery },
    { expr: '1' },
    { status: 'success', data: { resultType: 'scalar', result: [1, '7'] } },
  ],
  ['loki', { ...lokiLabels }, { label: 'app' }, { status: 'success', data: ['cart'] }],
  ['alertmanager', { ...alertsList }, {}, []],
])('%s may compress what it answers', async (upstream, tool, args, body) => {
  const compressed = gzipSync(JSON.stringify(body));
  const port = await listening(says(200, 'application/json', compressed, { 'content-encoding': 'gzip' }));
  const { text } = await askTool(tool, args, null, { upstreams: upstreamAt(upstream, port) });
  expect(text).toContain(`from ${upstream}`);
});

function upstreamAt(name: string, port: number): Partial<Upstreams> {
  const settings: HttpApiSettings = {
    url: new URL(`http://reader:${SECRET}@127.0.0.1:${port}`),
    timeoutMs: 400,
    maxBytes: 100_000,
  };
  if (name === 'prometheus') {
    const prometheus = createPrometheus(settings);
    onTestFinished(() => prometheus.close());
    return { prometheus };
  }
  if (name === 'loki') {
    const loki = createLoki(settings);
    onTestFinished(() => loki.close());
    return { loki };
  }
  const alertmanager = createAlertmanager(settings);
  onTestFinished(() => alertmanager.close());
  return { alertmanager };
}

async function failureOf(
  tool: Tool,
  args: Record<string, unknown>,
  upstream: string,
  port: number,
): Promise<ToolError> {
  const outcome = await askTool(tool, args, null, { upstreams: upstreamAt(upstream, port) }).then(
    ({ text }) => new Error(`an answer: ${text}`),
    (error: unknown) => error,
  );
  if (outcome instanceof ToolError) return outcome;
  throw outcome;
}

async function listening(answering: RequestListener): Promise<number> {
  return await portOf(createServer(answering));
}

async function portOf(server: ReturnType<typeof createTcpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
