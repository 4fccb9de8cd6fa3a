import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ToolError } from '../bridge/src/errors.ts';
import { outline } from '../bridge/src/promql/expression-outline.ts';
import type { Tool } from '../bridge/src/tool.ts';
import { alertsList } from '../bridge/src/tools/alerts-list.ts';
import { lokiLabels } from '../bridge/src/tools/loki-labels.ts';
import { lokiQuery } from '../bridge/src/tools/loki-query.ts';
import { promqlQuery } from '../bridge/src/tools/promql-query.ts';
import { promqlSearch } from '../bridge/src/tools/promql-search.ts';
import { createLoki } from '../bridge/src/upstreams/loki-client.ts';
import { createPrometheus, type Prometheus } from '../bridge/src/upstreams/prometheus.ts';
import { type Asked, askTool } from '../bridge/test/ask-tool.ts';
import { crashStream, journalStreams, longStream, shopStreams } from '../bridge/test/loki/seed-streams.ts';
import { startSmallLoki } from '../bridge/test/loki/small-loki.ts';
import { startClusterMetrics } from './real/cluster-metrics.ts';
import type { RunningServer } from './real/exporter.ts';
import {
  type PrometheusServer,
  prometheusUnavailable,
  startPrometheus,
  startTestMetrics,
} from './real/prometheus-server.ts';

const reason = prometheusUnavailable();
const skip = reason !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

const TOOLS: Readonly<Record<string, Tool>> = Object.fromEntries(
  [promqlQuery, promqlSearch, lokiQuery, lokiLabels, alertsList].map((tool) => [tool.name, { ...tool }]),
);

type Arguments = Readonly<Record<string, unknown>>;

const MANY_ALERTS = JSON.stringify({
  groups: [
    {
      name: 'test',
      rules: [
        { alert: 'FullMemory', expr: 'container_memory_working_set_bytes > 9e8', labels: { severity: 'critical' } },
        { alert: 'Watchdog', expr: 'vector(1)', labels: { severity: 'none' } },
        { alert: 'Slow', expr: 'vector(1)', for: '1h', labels: { severity: 'warning' } },
      ],
    },
  ],
});

describe.skipIf(skip)(`what an answer proposes${reason === null ? '' : ` (${reason})`}`, () => {
  let servers: { prometheus: PrometheusServer; exporters: RunningServer[] };
  let prometheus: Prometheus;

  beforeAll(async () => {
    if (reason !== null) throw new Error(reason);
    const exporters = [await startClusterMetrics(Date.now() / 1000 - 600), await startTestMetrics()];
    const server = await startPrometheus({
      scrape: exporters.map(({ address }, index) => ({ job: `job${index}`, targets: [address] })),
      rules: MANY_ALERTS,
    });
    servers = { prometheus: server, exporters };
    prometheus = createPrometheus({ url: new URL(server.url) });
    await server.waitFor('min(count_over_time(shop_items[1m]))', (samples) => samples >= 4);
    await server.waitFor('min(count_over_time(telemcp_many[1m]))', (samples) => samples >= 4);
    await server.waitFor('count(ALERTS{alertname="FullMemory"})');
  });

  afterAll(async () => {
    await prometheus?.close();
    await servers?.prometheus.remove();
    for (const exporter of servers?.exporters ?? []) await exporter.stop();
  });

  /** Asks as a client does, on a Loki that has some logs and an index that says they are many. */
  async function asker(indexedBytes = 1): Promise<(tool: string, args: Arguments) => Promise<Asked>> {
    const now = new Date();
    const end = BigInt(now.getTime()) * 1_000_000n;
    const streams = [...shopStreams(end), ...journalStreams(end), longStream(3000, end), crashStream(end)];
    const { url } = await startSmallLoki(streams, { now: end, indexedBytes });
    const loki = createLoki({ url });
    return async (name, args) => {
      const tool = TOOLS[name];
      if (tool === undefined) throw new Error(`no tool ${name}`);
      return await askTool(tool, args, null, { now, upstreams: { prometheus, loki } });
    };
  }

  const summed = 'sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{container!=""}[5s]))';

  it.each<[string, Arguments]>([
    ['promql.query', { expr: 'shop_items' }],
    ['promql.query', { expr: 'shop_items', range: '1m' }],
    ['promql.query', { expr: 'shop_items offset 1s', range: '1m', limit: 3 }],
    ['promql.query', { expr: 'shop_items[10s]', limit: 3 }],
    ['promql.query', { expr: 'shop_items # all of them' }],
    ['promql.query', { expr: 'telemcp_many * 2', range: '30s', step: '1s', limit: 3 }],
    ['promql.query', { expr: '-telemcp_many', limit: 3 }],
    ['promql.query', { expr: 'telemcp_many > 10 or shop_items > 20', limit: 3 }],
    ['promql.query', { expr: 'count by (group) (telemcp_many)', limit: 3 }],
    ['promql.query', { expr: 'count by (group) (telemcp_many)', range: '10s', step: '1s', limit: 3 }],
    ['promql.query', { expr: summed }],
    ['promql.query', { expr: `${summed} > 0.1`, range: '10s', step: '2s' }],
    ['promql.query', { expr: 'avg by (pod) (container_memory_working_set_bytes)', limit: 3 }],
    ['promql.query', { expr: '{job="job0"}' }],
    ['promql.query', { expr: 'rate(http_request_duration_seconds_bucket[10s])' }],
    ['promql.query', { expr: 'http_request_duration_seconds_bucket offset 1s' }],
    ['promql.query', { expr: 'sum by (le, handler) (rate(http_request_duration_seconds_bucket[10s]))' }],
    ['promql.search', {}],
    ['promql.search', { text: 'pod memory' }],
    ['promql.search', { text: 'http duration' }],
    ['promql.search', { match: 'shop_items' }],
    ['loki.query', { logql: '{namespace="shop"}' }],
    ['loki.query', { logql: '{namespace=~".+"}', since: '2h' }],
    ['loki.query', { logql: '{namespace="edge"}', fold: false, limit: 5 }],
    ['loki.query', { logql: '{namespace="edge"}', fold: false, limit: 5, direction: 'forward' }],
    ['loki.query', { logql: 'sum by (pod) (rate({namespace=~".+"}[1m]))', limit: 2 }],
    ['loki.query', { logql: '{unit="kubelet.service"}', since: '-5h', until: '-10s' }],
    ['loki.query', { logql: '{node="node-0001", unit="kubelet.service"}' }],
    ['loki.query', { logql: '{host="node-0000", unit="ssh.service"} |= "Failed"' }],
    ['loki.labels', {}],
    ['loki.labels', { label: 'unit' }],
    ['loki.labels', { match: '{namespace="shop"}' }],
    ['alerts.list', {}],
    ['alerts.list', { match: 'FullMemory' }],
    ['alerts.list', { state: 'pending' }],
  ])('by %s %j runs, has something to show, and is something else', async (tool, args) => {
    const ask = await asker();
    const asked = await ask(tool, args);
    expect(asked.answer.next?.length).toBeGreaterThan(0);
    for (const call of asked.answer.next ?? []) {
      const { answer } = await ask(call.tool, call.arguments);
      expect(
        answer.tables.flatMap(({ rows }) => rows),
        JSON.stringify(call),
      ).not.toEqual([]);
      // The same rows once more would be a call in vain; a shorter query for them is none.
      const isTop = /\btopk\(/.test(String(call.arguments.expr));
      if (!isTop) expect(answer.tables, JSON.stringify(call)).not.toEqual(asked.answer.tables);
    }
  });

  it.each<[string, Arguments, number]>([
    ['promql.query', { expr: '{__name__=~".+"}' }, 1],
    ['promql.query', { expr: 'rate(shop_items[90d])', range: '90d', step: '1m' }, 1],
    ['promql.query', { expr: 'max_over_time(rate(telemcp_many[30d])[90d:1s])' }, 1],
    ['loki.query', { logql: '{namespace=shop} |= error' }, 1],
    ['loki.query', { logql: 'sum by (app) (rate({namespace=~".*"}[5m]))' }, 1],
    ['loki.query', { logql: '{namespace=~".+"} |= "error"', since: '6h' }, 1e6],
  ])('in place of what %s %j is refused for runs', async (tool, args, indexedBytes) => {
    const ask = await asker(indexedBytes);
    const error = await ask(tool, args).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    const hint = error instanceof ToolError ? (error.hint ?? '') : '';
    const [, proposed = ''] = /This runs[^:]*: (.+)$/s.exec(hint) ?? [];
    expect(proposed, hint).not.toBe('');
    const [, expr = '', range] = /^(.*?)(?: \(range (\w+), without step\))?$/s.exec(proposed) ?? [];
    const again =
      tool === 'promql.query' ? { expr, ...(range === undefined ? {} : { range }) } : { ...args, logql: expr };
    expect((await ask(tool, again)).text).toContain(outline(expr).text.slice(0, 40));
    const [, since] = /since="(\w+)" runs/.exec(hint) ?? [];
    if (since !== undefined) expect((await ask(tool, { ...args, since })).text).toContain('from loki');
  });
});
