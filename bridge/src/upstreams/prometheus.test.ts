import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createPrometheus, type PrometheusSettings } from './prometheus.ts';

const cleanups: (() => Promise<unknown>)[] = [];
const signal = new AbortController().signal;

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Reply {
  status?: number;
  type?: string;
  body?: unknown;
}

/** A server that answers everything with `reply`; what it was asked is in `seen`. */
async function prometheusSaying(reply: Reply, settings: Partial<PrometheusSettings> = {}) {
  const seen: { method: string; path: string; parameters: Record<string, string> }[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const body = await bodyOf(request);
    const parameters = Object.fromEntries([...searchParams, ...new URLSearchParams(body)]);
    seen.push({ method: request.method ?? '', path: pathname, parameters });
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    response.writeHead(reply.status ?? 200, { 'content-type': reply.type ?? 'application/json' }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const prometheus = createPrometheus({ url: new URL(`http://127.0.0.1:${address.port}/prom`), ...settings });
  cleanups.push(async () => {
    await prometheus.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { prometheus, seen, ask: () => prometheus.query('up', {}, signal) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const empty = { status: 'success', data: { resultType: 'vector', result: [] } };

describe('a question', () => {
  it('is asked with its time and a timeout below our own', async () => {
    const { prometheus, seen } = await prometheusSaying({ body: empty }, { timeoutMs: 10_000 });
    await prometheus.query('up', { time: 1_700_000_000.1234 }, signal);
    await prometheus.query('up', {}, signal);
    expect(seen).toEqual([
      {
        method: 'GET',
        path: '/prom/api/v1/query',
        parameters: { query: 'up', time: '1700000000.123', timeout: '9.5' },
      },
      { method: 'GET', path: '/prom/api/v1/query', parameters: { query: 'up', timeout: '9.5' } },
    ]);
  });

  it('over a range has start, end and step', async () => {
    const { prometheus, seen } = await prometheusSaying({
      body: { status: 'success', data: { resultType: 'matrix', result: [] } },
    });
    await prometheus.queryRange('up', { start: 0.1 + 0.2, end: 60, step: 15 }, signal);
    expect(seen[0]).toMatchObject({
      path: '/prom/api/v1/query_range',
      parameters: { query: 'up', start: '0.3', end: '60', step: '15' },
    });
  });

  it('too long for a URL is sent as a form', async () => {
    const { prometheus, seen } = await prometheusSaying({ body: empty });
    const long = `up{a=~"${'x|'.repeat(1000)}"}`;
    await prometheus.query(long, { time: 5 }, signal);
    expect(seen[0]).toMatchObject({ method: 'POST', parameters: { query: long, time: '5' } });
  });

  it('about label values may be narrowed', async () => {
    const { prometheus, seen } = await prometheusSaying({ body: { status: 'success', data: ['a', 'b'] } });
    expect(await prometheus.labelValues('a/b', { match: 'up', start: 5 }, signal)).toEqual(['a', 'b']);
    expect(seen[0]).toMatchObject({
      path: '/prom/api/v1/label/a%2Fb/values',
      parameters: { 'match[]': 'up', start: '5' },
    });
  });
});

describe('an answer', () => {
  it('brings the warnings and infos along', async () => {
    const { ask } = await prometheusSaying({ body: { ...empty, warnings: ['w'], infos: ['i'], extra: 1 } });
    expect(await ask()).toEqual({ result: { type: 'vector', samples: [] }, warnings: ['w'], infos: ['i'] });
  });

  const refusal = (errorType: string, error: string) => ({ status: 'error', errorType, error });

  it.each<[string, Reply, string, string]>([
    [
      'a wrong query',
      { status: 400, body: refusal('bad_data', '1:4: parse error: oops') },
      'bad_query',
      '1:4: parse error: oops',
    ],
    [
      'a query that cannot be',
      { status: 422, body: refusal('execution', 'many-to-many matching') },
      'bad_query',
      'many-to-many matching',
    ],
    [
      'a wrong query of VictoriaMetrics',
      { status: 422, body: refusal('422', 'cannot parse') },
      'bad_query',
      'cannot parse',
    ],
    [
      'too much work',
      {
        status: 422,
        body: refusal('execution', 'query processing would load too many samples into memory in query execution'),
      },
      'too_large',
      'too many samples',
    ],
    [
      'a query that took too long',
      { status: 503, body: refusal('timeout', 'query timed out') },
      'timeout',
      'query timed out',
    ],
    [
      'a store that is not ready',
      { status: 503, body: refusal('unavailable', 'TSDB not ready') },
      'bad_response',
      'TSDB not ready',
    ],
    ['a fault inside', { status: 500, body: refusal('internal', 'oh no') }, 'bad_response', 'oh no'],
    ['no credentials', { status: 401, type: 'text/plain', body: 'Unauthorized' }, 'denied', 'HTTP 401'],
    ['wrong credentials', { status: 403, body: refusal('forbidden', 'no such tenant') }, 'denied', 'no such tenant'],
    [
      'a proxy without a Prometheus',
      { status: 502, type: 'text/html; charset=utf-8', body: '<html>' },
      'bad_response',
      'HTTP 502 (text/html)',
    ],
    ['a proxy out of patience', { status: 504, type: 'text/html', body: '<html>' }, 'timeout', 'HTTP 504'],
    ['a redirect', { status: 302, type: 'text/html', body: '' }, 'bad_response', 'a redirect'],
    [
      'a page',
      { type: 'text/html', body: '<html>login</html>' },
      'bad_response',
      'HTTP 200 (text/html), which is not an answer of Prometheus',
    ],
    ['JSON of something else', { body: { hello: 'world' } }, 'bad_response', 'not an answer of Prometheus'],
    [
      'JSON that breaks off',
      { body: '{"status":"success","data":{"resu' },
      'bad_response',
      'not an answer of Prometheus',
    ],
    [
      'a result of another kind',
      { body: { status: 'success', data: { resultType: 'streams', result: [] } } },
      'bad_response',
      'not the result of a query',
    ],
  ])('of %s is told apart', async (_, reply, code, words) => {
    const { ask } = await prometheusSaying(reply);
    await expect(ask()).rejects.toMatchObject({
      code,
      upstream: 'prometheus',
      message: expect.stringContaining(words),
    });
  });

  it('of a page that is not found asks for the path prefix', async () => {
    const { ask, prometheus } = await prometheusSaying({ status: 404, type: 'text/plain', body: '404 page not found' });
    await expect(ask()).rejects.toMatchObject({
      code: 'bad_response',
      message: `${prometheus.address}: answered HTTP 404 (text/plain)`,
      hint: expect.stringContaining('path prefix'),
    });
  });

  it('with label values that are none is refused', async () => {
    const { prometheus } = await prometheusSaying({ body: { status: 'success', data: [1] } });
    await expect(prometheus.labelValues('a', {}, signal)).rejects.toMatchObject({ code: 'bad_response' });
  });
});
