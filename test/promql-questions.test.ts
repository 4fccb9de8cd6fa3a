import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promqlQuery } from '../bridge/src/tools/promql-query.ts';
import { promqlSearch } from '../bridge/src/tools/promql-search.ts';
import { createPrometheus, type Prometheus } from '../bridge/src/upstreams/prometheus.ts';
import { type Asked, askTool } from '../bridge/test/ask-tool.ts';
import { ITEMS, PODS, startClusterMetrics } from './real/cluster-metrics.ts';
import { type RunningServer, startExporter } from './real/exporter.ts';
import { type PrometheusServer, prometheusUnavailable, startPrometheus } from './real/prometheus-server.ts';

const reason = prometheusUnavailable();
const skip = reason !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

/** What an answer to a common question may cost, in tokens. */
const TOKENS = 800;

describe.skipIf(skip)(`common questions to the real Prometheus${reason === null ? '' : ` (${reason})`}`, () => {
  let server: PrometheusServer;
  let cluster: RunningServer;
  let leaving: RunningServer;
  let prometheus: Prometheus;

  beforeAll(async () => {
    if (reason !== null) throw new Error(reason);
    cluster = await startClusterMetrics(Date.now() / 1000 - 600);
    leaving = await startExporter(() => 'leaving_total{door="front"} 7\n');
    server = await startPrometheus({
      scrape: [
        { job: 'cadvisor', targets: [cluster.address] },
        { job: 'leaving', targets: [leaving.address] },
      ],
    });
    prometheus = createPrometheus({ url: new URL(server.url) });
    // Long enough for looks every 5s to see it.
    await server.waitFor('count_over_time(leaving_total[1m])', (samples) => samples >= 8);
    await leaving.stop();
    await server.waitFor('min(count_over_time(container_cpu_usage_seconds_total[1m]))', (samples) => samples >= 6);
    await server.waitFor('up{job="leaving"}', (up) => up === 0);
  });

  afterAll(async () => {
    await prometheus?.close();
    await server?.remove();
    await cluster?.stop();
  });

  const ask = (args: Record<string, unknown>) => askWith(promqlQuery, args);
  const search = (args: Record<string, unknown>) => askWith(promqlSearch, args);

  function askWith(tool: typeof promqlQuery | typeof promqlSearch, args: Record<string, unknown>): Promise<Asked> {
    return askTool({ ...tool }, args, null, { now: new Date(), upstreams: { prometheus } });
  }

  /** An answer without what differs from run to run. */
  function masked({ text }: Asked): string {
    return `${text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>').replace(/127\.0\.0\.1:\d+/g, '<target>')}\n`;
  }

  const CPU = 'sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{container!=""}[5s]))';
  const MEMORY =
    'container_memory_working_set_bytes{container!=""} / on (namespace, pod, container) group_left () kube_pod_container_resource_limits{resource="memory"}';

  it.each<[string, Record<string, unknown>]>([
    ['top pods by CPU', { expr: `topk(10, ${CPU})` }],
    ['all pods by CPU', { expr: CPU }],
    ['CPU of all pods over a time', { expr: CPU, range: '4s', step: '2s' }],
    ['memory against limit', { expr: MEMORY }],
    ['memory against limit over an hour', { expr: MEMORY, range: '1h', limit: 10 }],
    ['who restarts', { expr: 'kube_pod_container_status_restarts_total > 0' }],
    [
      'a quantile by handler',
      { expr: 'histogram_quantile(0.9, sum by (le, handler) (rate(http_request_duration_seconds_bucket[1m])))' },
    ],
    ['the buckets of histograms', { expr: 'rate(http_request_duration_seconds_bucket[1m])' }],
    ['a metric of 10,000 series', { expr: 'shop_items' }],
    ['10,000 series over a minute', { expr: 'shop_items', range: '1m' }],
    [
      'memory with points',
      { expr: 'sum by (namespace) (container_memory_working_set_bytes)', range: '5m', points: 12 },
    ],
  ])('%s cost little', async (_, args) => {
    const answer = await ask(args);
    expect(answer.tokens).toBeLessThanOrEqual(TOKENS);
    expect(answer.structuredTokens).toBeLessThanOrEqual(TOKENS * 1.3);
    expect(answer.text).toMatch(/ · (?:instant|range \S+, step \S+) · /);
  });

  it('the pods that use most CPU are those that do', async () => {
    const { answer } = await ask({ expr: `topk(3, ${CPU})` });
    expect(answer.tables[0]?.rows.map(([, pod]) => pod)).toEqual([
      'app-39-5c9d7f6b8-199',
      'app-38-5c9d7f6b8-198',
      'app-37-5c9d7f6b8-197',
    ]);
    expect(Number(answer.tables[0]?.rows[0]?.[2])).toBeCloseTo(2, 0);
  });

  it('memory against limit comes worst first, with the total', async () => {
    const { answer } = await ask({ expr: MEMORY });
    expect(answer.tables[0]?.total).toBe(PODS);
    expect(Number(answer.tables[0]?.rows[0]?.at(-1))).toBeCloseTo(0.9756, 3);
  });

  it('10,000 series are all counted, and the calls proposed run', async () => {
    const { text, answer } = await ask({ expr: 'shop_items', limit: 5 });
    expect(text).toContain(`${ITEMS} series, values 0 to ${ITEMS - 1}`);
    expect(answer.tables[0]?.total).toBe(ITEMS);
    expect(answer.next?.map((call) => call.arguments.expr)).toEqual([
      'max by (shelf) (shop_items)',
      'topk(5, shop_items)',
    ]);
  });

  it('buckets of several histograms become their quantiles, as Prometheus has them', async () => {
    const { answer } = await ask({ expr: 'rate(http_request_duration_seconds_bucket[1m])' });
    const [table] = answer.tables;
    expect(table).toMatchObject({ columns: ['handler', 'count', 'p50', 'p90', 'p99'], total: 8 });
    const [first] = table?.rows ?? [];
    const quantile =
      'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{handler="/user"}[1m])))';
    expect(first?.[0]).toBe('/user');
    expect(Number(first?.at(-1))).toBeCloseTo((await server.value(quantile)) ?? Number.NaN, 3);
    const [next] = answer.next ?? [];
    expect((await ask(next?.arguments ?? {})).answer.tables[0]?.total).toBe(8);
  });

  it('series of a stopped target are missed, and it is said when they were last there and why', async () => {
    const gone = await ask({ expr: 'leaving_total' });
    expect(masked(gone).replace(/\d+m?s before/, '<age> before')).toContain(
      'note: leaving_total was last seen at <time>, <age> before that time, from job leaving.\n' +
        'note: its target (job="leaving") is down: Get "http://<target>/metrics": dial tcp <target>: connect: connection refused.',
    );
    const beside = await ask({ expr: 'up{job="leaving",instance="10.0.0.1:80"}' });
    expect(beside.text).toContain('none with instance="10.0.0.1:80"');
  });

  it.each<[string, Record<string, unknown>]>([
    ['overview', {}],
    ['words', { text: 'pod memory' }],
    ['cpu', { text: 'container cpu usage' }],
    ['labels', { match: 'container_cpu_usage_seconds_total' }],
    ['labels-10000', { match: 'shop_items' }],
    ['values', { match: 'kube_pod_container_status_restarts_total', label: 'namespace' }],
    ['values-of-all', { label: 'job' }],
    ['values-cut', { label: 'pod', text: 'app-1' }],
    ['nothing', { text: 'blackbox' }],
    ['no-label', { label: 'pods' }],
  ])('what there is to query: %s', async (name, args) => {
    const found = await search(args);
    expect(found.tokens).toBeLessThanOrEqual(TOKENS);
    await expect(masked(found)).toMatchFileSnapshot(`golden/promql-search-${name}.txt`);
  });

  it('what is found can be asked for', async () => {
    const { answer } = await search({ text: 'http request duration' });
    const [next] = answer.next ?? [];
    expect(next?.arguments.expr).toBe(
      'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))',
    );
    expect((await ask(next?.arguments ?? {})).text).toContain('1 series');
  });

  it('a selector of everything is refused here as well', async () => {
    await expect(search({ match: '{__name__=~".+"}' })).rejects.toMatchObject({ code: 'too_large' });
    await expect(search({ match: 'sum(up)' })).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(search({ match: 'up{' })).rejects.toMatchObject({ code: 'bad_query' });
  });
});
