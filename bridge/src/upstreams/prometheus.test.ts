import { describe, expect, it, onTestFinished } from 'vitest';
import { cannedServer, type Reply } from '../../test/canned-server.ts';
import type { HttpApiSettings } from './http-api.ts';
import { createPrometheus } from './prometheus.ts';

const { signal } = new AbortController();

async function prometheusSaying(reply: Reply, settings: Partial<HttpApiSettings> = {}) {
  const { url, seen } = await cannedServer(reply);
  const prometheus = createPrometheus({ url: new URL('/prom', url), ...settings });
  onTestFinished(() => prometheus.close());
  return { prometheus, seen, ask: () => prometheus.query('up', {}, signal) };
}

const refusal = (errorType: string, error: string) => ({ status: 'error', errorType, error });
const empty = { status: 'success', data: { resultType: 'vector', result: [] } };

describe('a question', () => {
  it('is asked with its time and a timeout below our own', async () => {
    const { prometheus, seen } = await prometheusSaying({ body: empty }, { timeoutMs: 10_000 });
    await prometheus.query('up', { time: 1_700_000_000.1234 }, signal);
    await prometheus.query('up', {}, signal);
    expect(seen).toMatchObject([
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

describe('what only some servers have', () => {
  const absent: [string, Reply][] = [
    ['Mimir or Thanos', { status: 404, type: 'text/plain', body: '404 page not found' }],
    ['VictoriaMetrics', { status: 400, type: 'text/plain', body: 'unsupported path requested: "/api/v1/status/x"' }],
    ['Prometheus as an agent', { status: 422, body: refusal('execution', 'unavailable with Prometheus Agent') }],
  ];

  it.each(absent)('is null, not empty, at %s', async (_, reply) => {
    const { prometheus } = await prometheusSaying(reply);
    expect(await prometheus.rules({}, signal)).toBeNull();
    expect(await prometheus.targets({}, signal)).toBeNull();
    expect(await prometheus.metadata({}, signal)).toBeNull();
    expect(await prometheus.seriesStatistics({}, signal)).toBeNull();
    expect(await prometheus.buildInfo(signal)).toBeNull();
  });

  it('is asked for by its parameters', async () => {
    const { prometheus, seen } = await prometheusSaying({ body: { status: 'success', data: { groups: [] } } });
    await prometheus.rules({ type: 'alert' }, signal);
    await prometheus.metadata({ metric: 'up', limit: 3 }, signal).catch(() => null);
    await prometheus.targets({ scrapePool: 'pods' }, signal).catch(() => null);
    await prometheus.seriesStatistics({ limit: 5 }, signal).catch(() => null);
    expect(seen.map(({ path, parameters }) => [path.replace('/prom/api/v1', ''), parameters])).toEqual([
      ['/rules', { type: 'alert' }],
      ['/metadata', { metric: 'up', limit: '3' }],
      ['/targets', { state: 'active', scrapePool: 'pods' }],
      ['/status/tsdb', { limit: '5', topN: '5' }],
    ]);
  });

  it('in another form is no answer of Prometheus', async () => {
    const { prometheus } = await prometheusSaying({ body: { status: 'success', data: 'soon' } });
    const refused = { code: 'bad_response', message: expect.stringContaining('not in the form of Prometheus') };
    await expect(prometheus.rules({}, signal)).rejects.toMatchObject(refused);
    await expect(prometheus.targets({}, signal)).rejects.toMatchObject(refused);
    await expect(prometheus.metadata({}, signal)).rejects.toMatchObject(refused);
    await expect(prometheus.seriesStatistics({}, signal)).rejects.toMatchObject(refused);
  });

  it('as the product, is asked for once it answered only once', async () => {
    const { prometheus, seen } = await prometheusSaying({ body: { status: 'success', data: { version: '2.24.0' } } });
    expect(await prometheus.buildInfo(signal)).toEqual({ product: 'VictoriaMetrics', version: null });
    expect(await prometheus.buildInfo(signal)).toEqual({ product: 'VictoriaMetrics', version: null });
    expect(seen).toHaveLength(1);
  });
});

describe('series and label names', () => {
  it('are those of a selector, in a window, no more than wanted', async () => {
    const series = await prometheusSaying({ body: { status: 'success', data: [{ __name__: 'up', job: 'a' }] } });
    expect(await series.prometheus.series('up', { start: 1, end: 2.5, limit: 9 }, signal)).toEqual([
      { __name__: 'up', job: 'a' },
    ]);
    const labels = await prometheusSaying({ body: { status: 'success', data: ['__name__', 'job'] } });
    expect(await labels.prometheus.labels({ match: 'up' }, signal)).toEqual(['__name__', 'job']);
    expect([...series.seen, ...labels.seen].map(({ path, parameters }) => [path, parameters])).toEqual([
      ['/prom/api/v1/series', { 'match[]': 'up', start: '1', end: '2.5', limit: '9' }],
      ['/prom/api/v1/labels', { 'match[]': 'up' }],
    ]);
  });

  it('that are none are refused', async () => {
    const { prometheus } = await prometheusSaying({ body: { status: 'success', data: ['up'] } });
    await expect(prometheus.series('up', {}, signal)).rejects.toMatchObject({ code: 'bad_response' });
  });
});
