import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cannedServer, lokiRecording, type Reply } from '../../test/canned-server.ts';
import type { HttpApiSettings } from './http-api.ts';
import { createHttpCredentials } from './http-credentials.ts';
import { createLoki } from './loki-client.ts';

const { signal } = new AbortController();
const NANOSECONDS = 1_795_350_946_511_000_001n;
const WINDOW = { start: NANOSECONDS - 700_000_000_000n, end: NANOSECONDS };

async function lokiSaying(reply: Reply, settings: Partial<HttpApiSettings> = {}) {
  const { url, seen } = await cannedServer(reply);
  const loki = createLoki({ url: new URL('/logs', url), ...settings });
  onTestFinished(() => loki.close());
  return { loki, seen, ask: () => loki.queryRange('{app="cart"}', WINDOW, signal) };
}

describe('a question', () => {
  it('keeps every nanosecond, and asks for stream labels apart from others', async () => {
    const { loki, seen } = await lokiSaying(lokiRecording('query-range-streams'));
    await loki.queryRange('{app="cart"}', { ...WINDOW, limit: 10, direction: 'forward' }, signal);
    await loki.queryRange('rate({app="cart"}[1m])', { ...WINDOW, step: 60 }, signal);
    await loki.query('rate({app="cart"}[1m])', { time: NANOSECONDS }, signal);
    const window = { start: '1795350246511000001', end: '1795350946511000001' };
    expect(seen.map(({ path, parameters }) => [path, parameters])).toEqual([
      ['/logs/loki/api/v1/query_range', { query: '{app="cart"}', ...window, limit: '10', direction: 'forward' }],
      [
        '/logs/loki/api/v1/query_range',
        { query: 'rate({app="cart"}[1m])', ...window, direction: 'backward', step: '60' },
      ],
      ['/logs/loki/api/v1/query', { query: 'rate({app="cart"}[1m])', time: '1795350946511000001' }],
    ]);
    expect(seen[0]?.headers['x-loki-response-encoding-flags']).toBe('categorize-labels');
  });

  it('too long for a URL is sent as a form', async () => {
    const { loki, seen } = await lokiSaying(lokiRecording('query-range-streams'));
    const long = `{app=~"${'x|'.repeat(1000)}"}`;
    await loki.queryRange(long, WINDOW, signal);
    expect(seen[0]).toMatchObject({ method: 'POST', parameters: { query: long } });
  });

  it('names its tenant', async () => {
    const credentials = createHttpCredentials({
      tenant: 'team-a',
      bearer: null,
      basic: null,
      onProblem: () => undefined,
    });
    const { ask, seen } = await lokiSaying(lokiRecording('query-empty'), { credentials });
    await ask();
    expect(seen[0]?.headers['x-scope-orgid']).toBe('team-a');
  });
});

describe('an answer of a real Loki', () => {
  it('of a log query has streams, lines with their exact times, and what it cost', async () => {
    const { ask } = await lokiSaying(lokiRecording('query-range-streams'));
    const { result, statistics } = await ask();
    if (result.type !== 'streams') throw new Error('no streams');
    expect(result.streams.map(({ labels, entries }) => [labels.pod, entries.length])).toEqual([
      ['cart-7d9f-0', 5],
      ['web-7d9f-1', 5],
    ]);
    expect(result.streams[0]?.entries[0]).toEqual({
      time: 1_795_350_936_511_000_000n,
      line: 'level=error msg="upstream timeout" attempt=59 trace_id=72115',
      metadata: {},
      parsed: {},
    });
    expect(statistics).toEqual({
      bytes: 7906,
      lines: 121,
      linesMatched: 19,
      chunks: 3,
      seconds: 0.006637,
      queuedSeconds: 0.000104,
    });
  });

  it('of a metric query is as one of Prometheus', async () => {
    const range = await (await lokiSaying(lokiRecording('query-range-matrix'))).ask();
    if (range.result.type !== 'matrix') throw new Error('no matrix');
    expect(range.result.series.map(({ labels }) => labels.app)).toEqual(['cart', 'ledger', 'node-agent', 'web', 'x']);
    const { loki } = await lokiSaying(lokiRecording('query-vector'));
    const { result } = await loki.query('sum by (namespace) (count_over_time({namespace=~".+"}[15m]))', {}, signal);
    expect(result).toMatchObject({ type: 'vector', samples: [{ value: 60 }, { value: 60 }, { value: 121 }] });
  });

  it('of nothing is empty', async () => {
    expect((await (await lokiSaying(lokiRecording('query-empty'))).ask()).result).toEqual({
      type: 'streams',
      streams: [],
    });
  });

  it('about labels, values and series is what it says', async () => {
    const labels = await lokiSaying(lokiRecording('labels'));
    expect(await labels.loki.labels({ ...WINDOW, match: '{a="b"}' }, signal)).toContain('namespace');
    expect(labels.seen[0]?.parameters.query).toBe('{a="b"}');
    const values = await lokiSaying(lokiRecording('label-values'));
    expect(await values.loki.labelValues('a/b', WINDOW, signal)).toEqual(['cart', 'ledger', 'node-agent', 'web', 'x']);
    expect(values.seen[0]?.path).toBe('/logs/loki/api/v1/label/a%2Fb/values');
    const series = await lokiSaying(lokiRecording('series'));
    expect(await series.loki.series('{namespace="shop"}', WINDOW, signal)).toHaveLength(3);
    expect(series.seen[0]?.parameters['match[]']).toBe('{namespace="shop"}');
  });

  it('about the index has bytes, the largest first', async () => {
    const stats = await lokiSaying(lokiRecording('index-stats'));
    expect(await stats.loki.indexStats('{namespace="shop"}', WINDOW, signal)).toEqual({
      streams: 0,
      chunks: 0,
      bytes: 0,
      entries: 0,
    });
    const volume = await lokiSaying(lokiRecording('index-volume'));
    const of = { ...WINDOW, targetLabels: ['namespace', 'app'], limit: 5 };
    expect(await volume.loki.indexVolume('{namespace=~".+"}', of, signal)).toEqual([
      { labels: { namespace: 'shop' }, bytes: 7979 },
      { labels: { namespace: 'monitoring' }, bytes: 3966 },
      { labels: { namespace: 'payments' }, bytes: 3966 },
    ]);
    expect(volume.seen[0]?.parameters).toMatchObject({ targetLabels: 'namespace,app', limit: '5' });
    const detected = await lokiSaying(lokiRecording('detected-labels'));
    expect(await detected.loki.detectedLabels(WINDOW, signal)).toContainEqual({ label: 'app', values: 5 });
  });
});

describe('what a Loki does not have', () => {
  it.each<[string, Reply]>([
    ['an older one', { status: 404, type: 'text/plain', body: '404 page not found' }],
    ['one with another index', { status: 501, type: 'text/plain', body: 'not implemented' }],
    ['one where it is off', { status: 400, type: 'text/plain', body: 'volume queries are disabled' }],
  ])('is no zero: %s', async (_, reply) => {
    const { loki } = await lokiSaying(reply);
    expect(await loki.indexStats('{a="b"}', WINDOW, signal)).toBeNull();
    expect(await loki.indexVolume('{a="b"}', WINDOW, signal)).toBeNull();
    expect(await loki.detectedLabels(WINDOW, signal)).toBeNull();
  });

  it('is told from a refusal', async () => {
    const { loki } = await lokiSaying(lokiRecording('parse-error'));
    await expect(loki.indexStats('{a="b"', WINDOW, signal)).rejects.toMatchObject({ code: 'bad_query' });
  });
});

describe('a refusal', () => {
  it.each<[string, Reply, string, string | RegExp, RegExp | null]>([
    [
      'of a query that cannot be read has its place',
      lokiRecording('parse-error'),
      'bad_query',
      'parse error at line 1, col 18: syntax error: unexpected $end, expecting } or ,',
      null,
    ],
    [
      'of matchers that are all empty',
      lokiRecording('empty-matcher-error'),
      'bad_query',
      /at least one regexp or equality matcher/,
      null,
    ],
    ['of too many lines', lokiRecording('limit-too-high'), 'too_large', /100000 > 5000/, /lower limit/],
    ['of too long a time', lokiRecording('range-too-long'), 'too_large', /limit: 30d1h/, /shorter time/],
    [
      'of too many series',
      { status: 400, type: 'text/plain', body: 'maximum number of series (500) reached for a single query' },
      'too_large',
      /500/,
      /sum by/,
    ],
    [
      'of too many bytes, as an object',
      {
        status: 400,
        body: { code: 400, status: 'error', message: 'the query would read too many bytes (query: 1TB)' },
      },
      'too_large',
      'the query would read too many bytes (query: 1TB)',
      /more matchers/,
    ],
    [
      'of a Loki that is busy',
      { status: 429, type: 'text/plain', headers: { 'retry-after': '7' }, body: 'too many outstanding requests\n' },
      'too_large',
      'too many outstanding requests',
      /again in 7 s/,
    ],
    [
      'without a tenant',
      { status: 401, type: 'text/plain', body: 'no org id\n' },
      'denied',
      /: HTTP 40[01]: no org id$/,
      /TELEMCP_LOKI_TENANT/,
    ],
    [
      'without a tenant, by 400',
      { status: 400, type: 'text/plain', body: 'no org id' },
      'denied',
      /: HTTP 40[01]: no org id$/,
      /_TENANT/,
    ],
    [
      'of a query that took too long',
      { status: 504, type: 'text/plain', body: 'request timed out, decrease the duration of the request' },
      'timeout',
      /decrease the duration/,
      /shorter time/,
    ],
    [
      'of a fault inside',
      { status: 500, type: 'text/plain', body: 'empty ring\n' },
      'bad_response',
      'empty ring',
      /its log/,
    ],
    ['of one that starts', lokiRecording('ready'), 'bad_response', /not ready/, /its log/],
    [
      'that is a page',
      { status: 500, type: 'text/html', body: '<html>oh no</html>' },
      'bad_response',
      /HTTP 500 \(text\/html\)$/,
      /in front of Loki/,
    ],
    [
      'of a proxy',
      { status: 502, type: 'text/plain', body: 'Bad Gateway' },
      'bad_response',
      /HTTP 502/,
      /in front of Loki/,
    ],
    [
      'for the path',
      { status: 404, type: 'text/plain', body: '404 page not found' },
      'bad_response',
      /HTTP 404/,
      /path prefix/,
    ],
  ])('%s', async (_, reply, code, message, hint) => {
    const { ask } = await lokiSaying(reply);
    await expect(ask()).rejects.toMatchObject({
      code,
      upstream: 'loki',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
      hint: hint === null ? null : expect.stringMatching(hint),
    });
  });
});

describe('an answer that is none', () => {
  it.each<[string, Reply]>([
    ['a page', { type: 'text/html', body: '<html>log in</html>' }],
    ['JSON of something else', { body: { hello: 'world' } }],
    ['JSON that breaks off', { body: '{"status":"success","data":{"resu' }],
    ['a result of another kind', { body: { status: 'success', data: { resultType: 'tables', result: [] } } }],
    [
      'a time that is none',
      {
        body: { status: 'success', data: { resultType: 'streams', result: [{ stream: {}, values: [['now', 'x']] }] } },
      },
    ],
  ])('is refused: %s', async (_, reply) => {
    const { ask } = await lokiSaying(reply);
    await expect(ask()).rejects.toMatchObject({ code: 'bad_response', upstream: 'loki' });
  });

  it('is refused where a list was asked for', async () => {
    const { loki } = await lokiSaying({ body: { status: 'success', data: [1] } });
    await expect(loki.labels(WINDOW, signal)).rejects.toMatchObject({ code: 'bad_response' });
    await expect(loki.series('{a="b"}', WINDOW, signal)).rejects.toMatchObject({ code: 'bad_response' });
    await expect(loki.indexStats('{a="b"}', WINDOW, signal)).rejects.toMatchObject({ code: 'bad_response' });
    await expect(loki.indexVolume('{a="b"}', WINDOW, signal)).rejects.toMatchObject({ code: 'bad_response' });
  });

  it.each<[string, string, string]>([
    ['never comes', '', 'timeout'],
    ['is cut', 'HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{"status":"succ', 'unreachable'],
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'bad_response'],
  ])('%s: an error within the deadline', async (_, text, code) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        if (text !== '') socket.end(text);
      });
      onTestFinished(() => void socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const loki = createLoki({ url: new URL(`http://127.0.0.1:${address.port}`), timeoutMs: 300 });
    onTestFinished(() => loki.close());
    await expect(loki.labels(WINDOW, signal)).rejects.toMatchObject({ code, upstream: 'loki' });
  });
});
