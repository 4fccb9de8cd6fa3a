import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolError } from '../bridge/src/errors.ts';
import { type Rendered, renderAnswer } from '../bridge/src/render-answer.ts';
import { parseArguments } from '../bridge/src/tool-arguments.ts';
import { promqlQuery } from '../bridge/src/tools/promql-query.ts';
import { createPrometheus, type Prometheus } from '../bridge/src/upstreams/prometheus.ts';
import type { RunningServer } from './real/exporter.ts';
import { freePort } from './real/program.ts';
import {
  MANY_SERIES,
  type PrometheusServer,
  prometheusUnavailable,
  startNodeExporter,
  startPrometheus,
  startTestMetrics,
} from './real/prometheus-server.ts';

const reason = prometheusUnavailable();
const skip = reason !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

describe.skipIf(skip)(`promql.query on the real Prometheus${reason === null ? '' : ` (${reason})`}`, () => {
  let server: PrometheusServer;
  let nodeExporter: RunningServer;
  let metrics: RunningServer;
  let prometheus: Prometheus;

  beforeAll(async () => {
    if (reason !== null) throw new Error(reason);
    [nodeExporter, metrics] = await Promise.all([startNodeExporter(), startTestMetrics()]);
    server = await startPrometheus({
      scrape: [
        { job: 'node', targets: [nodeExporter.address] },
        { job: 'test', targets: [metrics.address] },
        { job: 'gone', targets: [`127.0.0.1:${await freePort()}`] },
      ],
    });
    prometheus = createPrometheus({ url: new URL(server.url) });
    await server.waitFor('count_over_time(telemcp_scrapes_total[1m])', (samples) => samples >= 4);
    await server.waitFor('count(up)', (targets) => targets === 3);
    await server.waitFor('node_load1');
  });

  afterAll(async () => {
    await prometheus?.close();
    await server?.remove();
    await nodeExporter?.stop();
    await metrics?.stop();
  });

  async function ask(args: Record<string, unknown>, of = prometheus): Promise<Rendered> {
    const answer = await promqlQuery.run(promqlQuery.input.parse(parseArguments(promqlQuery, args)), {
      upstreams: { prometheus: of, loki: null, alertmanager: null, agents: null, kubernetes: null },
      signal: new AbortController().signal,
      now: new Date(),
    });
    return renderAnswer(answer, { budget: 24_000, from: null, toolName: (name) => name, continueAt: () => null });
  }

  /** An answer without what differs from run to run. */
  async function golden(args: Record<string, unknown>): Promise<string> {
    const { text } = await ask(args);
    return `${text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>').replace(/127\.0\.0\.1:\d+/g, '<target>')}\n`;
  }

  /** The expression of the call that an answer proposes. */
  function proposed(text: string): string {
    const [, quoted = ''] = /^(?:next: )?promql\.query\(expr=("(?:[^"\\]|\\.)*")/m.exec(text) ?? [];
    return String(JSON.parse(quoted));
  }

  /** The query at the end of a refusal's hint. */
  async function wayOut(refused: Promise<unknown>): Promise<string> {
    const hint = await refused.then(
      () => '',
      (error: ToolError) => error.hint ?? '',
    );
    return /[a-z]+\(.*\)$/.exec(hint)?.[0] ?? '';
  }

  it('answers for one moment', async () => {
    await server.waitFor('min(up{job!="gone"})', (up) => up === 1);
    const { text } = await ask({ expr: 'up' });
    expect(text).toMatch(
      /^up · as of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ · from prometheus · instant · 3 series, values 0 to 1\n/,
    );
    expect(text).toContain(`\n${nodeExporter.address} node 1`);
    expect(text).toContain(`\n${metrics.address} test 1`);
    expect(text.split('\n').at(-1)).toMatch(/ gone 0$/);
  });

  it('knows the host through the real node_exporter', async () => {
    const { structured } = await ask({ expr: 'sum by (mode) (node_cpu_seconds_total)', limit: 3 });
    expect(structured.tables[0]).toMatchObject({ columns: ['mode', 'value'], total: 8, shown: 3 });
  });

  it('shows NaN and infinities as what they are', async () => {
    await expect(await golden({ expr: 'telemcp_odd' })).toMatchFileSnapshot('golden/promql-odd-values.txt');
  });

  it('cuts 5,000 series to the highest, with the total and a query that runs', async () => {
    expect(await golden({ expr: 'telemcp_many', limit: 5 })).toContain(`shown 5 of ${MANY_SERIES}`);
    await expect(await golden({ expr: 'telemcp_many', limit: 5 })).toMatchFileSnapshot('golden/promql-5000-series.txt');
    const { text } = await ask({ expr: 'telemcp_many # all of it', limit: 10 });
    expect(proposed(text)).toBe('max by (group) (telemcp_many)');
    await expect(await golden({ expr: proposed(text) })).toMatchFileSnapshot('golden/promql-grouped.txt');
  });

  it('answers for a range, says which, and has the values of its ends', async () => {
    const hosts = ['a', 'b'].map(
      (host, index) => `label_replace(vector(${index}) + time() % 3600, "host", "${host}", "", "")`,
    );
    const args = { expr: hosts.join(' or '), range: '1h', time: '2026-01-01T01:00:00Z', points: 5 };
    await expect(await golden(args)).toMatchFileSnapshot('golden/promql-range.txt');
    const { text } = await ask({ ...args, time: '2026-01-01T01:00:00Z' });
    expect(text).toContain('as of 2026-01-01T01:00:00Z · from prometheus · range 1h, step 15m · 2 series');
    expect(text).toMatch(/\nb 1 1 2701 .* 1,901,1801,2701,1$/m);
  });

  it('says since when a series is there', async () => {
    const { text } = await ask({ expr: 'rate(telemcp_scrapes_total[5s])', range: '1h', step: '1s' });
    expect(text).toContain('range 1h, step 1s');
    expect(text).toMatch(/ seen="\d+\/3601 from \d\d:\d\d:\d\dZ"/);
    const [, last = ''] = /\nlast min max avg trend\n([\d.]+) /.exec(text) ?? [];
    // Prometheus scrapes once a second; a busy machine may miss some.
    expect(Number(last)).toBeGreaterThan(0.3);
    expect(Number(last)).toBeLessThan(2);
  });

  it('raises a step that Prometheus would refuse', async () => {
    const { text } = await ask({ expr: 'up', range: '7d', step: '1s' });
    expect(text).toContain('range 7d, step 1m');
    expect(text).toContain('note: step raised from 1s to 1m');
  });

  it('leads from the buckets of a classic histogram to a quantile that runs', async () => {
    const { text } = await ask({ expr: 'telemcp_latency_seconds_bucket' });
    expect(text).toMatch(/\nle value\n\+Inf \d+\n1 \d+\n0\.1 \d+\n/);
    expect(proposed(text)).toBe('histogram_quantile(0.95, sum by (le) (rate(telemcp_latency_seconds_bucket[5m])))');
    const { structured } = await ask({ expr: proposed(text) });
    // 50 % are below 0.1, 95 % below 1: the quantile is the bucket's upper bound.
    expect(structured.tables[0]).toMatchObject({ rows: [[1]] });
  });

  it('takes scalars, strings, raw samples and very long queries', async () => {
    expect((await ask({ expr: '6 * 7' })).text).toMatch(/scalar 42$/);
    expect((await ask({ expr: '"text"' })).text).toMatch(/string "text"$/);
    const raw = await ask({ expr: 'telemcp_many{i="7"}[10s]', points: 2 });
    expect(raw.text).toMatch(/\nsamples last min max avg trend points\n\d+ 7 7 7 7 \S+ 7,7\n/);
    const long = await ask({ expr: `count(telemcp_many{i=~"${Array.from({ length: 900 }, (_, i) => i).join('|')}"})` });
    expect(long.structured.tables[0]).toMatchObject({ rows: [[900]] });
  });

  it.each([
    ['up{', '1:4: parse error: unexpected end of input inside braces'],
    ['foo(up)', '1:1: parse error: unknown function with name "foo"'],
    ['rate(up)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['up + on(job) group_left node_load1 + on(job) up{job="x"} or up * on() up', 'found duplicate series'],
  ])('explains what is wrong with %s in the words of Prometheus', async (expr, words) => {
    await expect(ask({ expr })).rejects.toMatchObject({
      code: 'bad_query',
      upstream: 'prometheus',
      message: expect.stringContaining(words),
    });
  });

  it('says why an answer may be empty', async () => {
    const hintsOf = async (expr: string) => (await ask({ expr })).text.split('\n').slice(1).join('\n');
    expect(await hintsOf('node_cpu_secons_total')).toMatch(
      /^note: no metric node_cpu_secons_total among \d+; near it: node_cpu_seconds_total\.\nnote: 1 scrape target is down \(up == 0\): 1 of job gone\.$/,
    );
    expect(await hintsOf('rate(telemcp_many{group="g11", i=~"4.*"}[5m])')).toBe(
      'note: telemcp_many has 5000 series, but none with group="g11"; group there: g1 (of 10).',
    );
    expect(await hintsOf('telemcp_many{i="4",group="g1"}')).toBe(
      'note: telemcp_many has 5000 series, but none that meets all conditions; without i="4": 500, without group="g1": 1.',
    );
    expect(await hintsOf('{job="nodes"}')).toBe('note: no series with job="nodes"; job there: node (of 3).');
    expect(await hintsOf('up > 7')).toContain('up selects 3 series; so a comparison');
    expect(await hintsOf('telemcp_many offset 1d')).toContain('telemcp_many offset 1d is known, but has no sample');
  });

  it('knows when a series was last seen', async () => {
    const inAnHour = await ask({ expr: 'telemcp_scrapes_total', time: '+1h' });
    expect(inAnHour.text).toMatch(
      /telemcp_scrapes_total was last seen at \S+Z, (?:1h|59m\d+s) before that time, from job test\./,
    );
    expect(inAnHour.text).toContain('time lies 1h in the future');
  });

  it('refuses to read everything, with a query that runs instead', async () => {
    const refused = ask({ expr: 'count({__name__=~".+"})' });
    await expect(refused).rejects.toMatchObject({ code: 'too_large', hint: expect.stringContaining('topk(20,') });
    const { structured } = await ask({ expr: await wayOut(refused) });
    expect(structured.tables[0]).toMatchObject({ rows: { length: 3 } });
  });

  it('refuses work out of all proportion, with a query that runs instead', async () => {
    const refused = ask({ expr: 'count(sum_over_time(telemcp_many[1h:20ms]))' });
    await expect(refused).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('telemcp_many selects 5000 series'),
    });
    expect(await wayOut(refused)).toBe('count(sum_over_time(telemcp_many[30m:20ms]))');
    expect((await ask({ expr: await wayOut(refused) })).text).toContain('1 series');
  });

  it('proposes queries that run, for one moment, for a range and for raw samples', async () => {
    const asked = [{ expr: 'telemcp_many' }, { expr: 'telemcp_many', range: '1m' }, { expr: 'telemcp_many[5s]' }];
    for (const args of asked) {
      const { structured } = await ask({ ...args, limit: 5 });
      expect(structured.next).toHaveLength(2);
      const [grouped = '', top = ''] = (structured.next ?? []).map(proposed);
      expect((await ask({ ...args, expr: grouped })).text).toContain('10 series, values ');
      expect((await ask({ ...args, expr: top })).text).toContain('5 series, values 4995 to 4999');
    }
  });

  it('gives up on an answer that is too large, with a query that runs instead', async () => {
    const small = createPrometheus({ url: new URL(server.url), maxBytes: 50_000 });
    const refused = ask({ expr: 'telemcp_many' }, small);
    await expect(refused).rejects.toMatchObject({ code: 'too_large', message: expect.stringContaining('50000 bytes') });
    const { text } = await ask({ expr: await wayOut(refused) }, small);
    expect(text).toContain('20 series, values 4980 to 4999');
    await small.close();
  });

  it('ends a query that takes too long', async () => {
    const hurried = createPrometheus({ url: new URL(server.url), timeoutMs: 400 });
    const slow = 'count(sum_over_time(telemcp_many[1h:100ms]))';
    await expect(ask({ expr: slow }, hurried)).rejects.toMatchObject({ code: 'timeout', upstream: 'prometheus' });
    await hurried.close();
  });

  // Last: it takes the server away.
  it('says at once that Prometheus is gone, and answers again when it is back', async () => {
    await server.stop();
    const start = performance.now();
    await expect(ask({ expr: 'up' })).rejects.toMatchObject({
      code: 'unreachable',
      upstream: 'prometheus',
      message: `${server.url}: connection refused`,
    });
    expect(performance.now() - start).toBeLessThan(1000);
    await server.restart();
    await server.waitFor('up{job="test"}', (up) => up === 1);
    expect((await ask({ expr: 'up{job="test"}' })).text).toContain('1 series');
  });
});
