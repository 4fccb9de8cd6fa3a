import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCursors } from '../bridge/src/cursor.ts';
import { createDashboards } from '../bridge/src/resources/dashboards.ts';
import { callFor } from '../bridge/src/resources/query-call.ts';
import { createSavedQueries } from '../bridge/src/resources/saved-queries.ts';
import { shippedFiles } from '../bridge/src/resources/shipped-files.ts';
import { promqlQuery } from '../bridge/src/tools/promql-query.ts';
import { createPrometheus, type Prometheus } from '../bridge/src/upstreams/prometheus.ts';
import { missingPart } from '../scripts/parts.ts';
import type { RunningServer } from './real/exporter.ts';
import { freePort } from './real/program.ts';
import {
  type PrometheusServer,
  prometheusUnavailable,
  startNodeExporter,
  startPrometheus,
} from './real/prometheus-server.ts';
import { startSickCluster } from './real/sick-cluster.ts';

const queries = createSavedQueries({ shipped: shippedFiles(), directory: null, onChange: () => undefined });
const saved = await queries.all();
const promql = saved.filter(({ language }) => language === 'promql');
const expressions = promql.map((query) => ({ file: query.file, expr: callFor(query, new Map()).arguments.expr ?? '' }));

const reason = prometheusUnavailable();
const skip = reason !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

/** What each query must say of the sick cluster, common labels first, then its rows. */
const FOUND: Readonly<Record<string, RegExp>> = {
  'apiserver-errors.promql': /all: resource=carts verb=LIST\nvalue\n0\.25$/,
  'apiserver-latency.promql': /all: scope=cluster verb=LIST\nvalue\n1\.99$/,
  'apiserver-storage-latency.promql': /all: operation=list type=\/registry\/carts\nvalue\n1\.99$/,
  'certificate-expiry.promql':
    /values -10 to 2\nall: node=node-1\n[\s\S]*kubelet server[\s\S]*cart\.crt[\s\S]*kubelet client/,
  'clock-offset.promql': /all: nodename=node-1\nvalue\n0\.75$/,
  'clock-unsynchronized.promql': /2 series[\s\S]*node-1[\s\S]*node-1/,
  'conntrack.promql': /all: nodename=node-1\nvalue\n0\.9$/,
  'cpu-requested.promql': /all: node=node-1\nvalue\n0\.75$/,
  'cpu-throttling.promql': /all: container=main namespace=shop pod=cart-0\nvalue\n0\.5$/,
  'daemonsets-missing-pods.promql': /all: daemonset=cart namespace=shop\nvalue\n1$/,
  'deployments-missing-replicas.promql': /all: deployment=cart namespace=shop\nvalue\n2$/,
  'disk-fills-in-24h.promql': /all: device=\/dev\/sda1 mountpoint=\/ nodename=node-1\nvalue\n\d+(?:\.\d+)?$/,
  'disk-io.promql': /all: device=sda nodename=node-1\nvalue\n0\.\d+$/,
  'disk-usage.promql': /all: device=\/dev\/sda1 mountpoint=\/ nodename=node-1\nvalue\n0\.9\d*$/,
  'etcd-latency.promql': /"wal fsync" 1\.99\n"backend commit" 1\.99$/,
  'etcd-leader-changes.promql': /value\n\d+$/,
  'failed-jobs.promql': /all: job_name=cart namespace=shop\nvalue\n1$/,
  'failed-units.promql': /all: node=node-1 unit=cart\.service\nvalue\n1$/,
  'hpa-at-max.promql': /all: horizontalpodautoscaler=cart namespace=shop\nvalue\n10$/,
  'inode-usage.promql': /all: device=\/dev\/sda1 mountpoint=\/ nodename=node-1\nvalue\n0\.99$/,
  'kubelet-errors.promql': /node=node-1 operation_type=pull_image\nvalue\n\d+$/,
  'memory-against-limit.promql': /all: container=main namespace=shop pod=cart-0\nvalue\n0\.95$/,
  'memory-requested.promql': /all: node=node-1\nvalue\n0\.75$/,
  'nic-errors.promql': /all: device=eth0 nodename=node-1\nvalue\n\d+$/,
  'node-cpu.promql': /all: nodename=node-1\nvalue\n0\.\d+$/,
  'node-load.promql': /all: nodename=node-1\nvalue\n4$/,
  'node-memory.promql': /all: nodename=node-1\nvalue\n0\.75$/,
  'node-pressure.promql': /all: condition=DiskPressure node=node-1\nvalue\n1$/,
  'not-ready-nodes.promql': /all: node=node-1 status=unknown\nvalue\n1$/,
  'oom-kills-by-node.promql': /all: nodename=node-1\nvalue\n\d+$/,
  'oom-kills.promql': /all: container=main namespace=shop pod=cart-0\nvalue\n\d+$/,
  'pending-pods.promql': /all: namespace=shop pod=new-0\nvalue\n6\d\d(?:\.\d+)?$/,
  'pod-restarts.promql': /all: container=main namespace=shop pod=cart-0\nvalue\n\d+$/,
  'pvc-usage.promql': /all: namespace=shop persistentvolumeclaim=cart\nvalue\n0\.9$/,
  'reboot-required.promql': /all: node=node-1\nvalue\n1$/,
  'security-updates.promql': /all: node=node-1\nvalue\n12$/,
  'statefulsets-missing-replicas.promql': /all: namespace=shop statefulset=cart\nvalue\n3$/,
  'targets-down.promql': / 1 series\nall: .*job=gone\nvalue\n0$/,
  'top-pods-by-cpu.promql': /all: namespace=shop\npod value\ncart-0 \S+\nfine-0 \S+$/,
  'top-pods-by-memory.promql': /all: namespace=shop\npod value\ncart-0 950000000\nfine-0 100000000$/,
  'top-pods-by-network.promql': /all: namespace=shop pod=cart-0\nvalue\n\S+$/,
  'waiting-containers.promql': /all: container=main namespace=shop pod=cart-0 reason=CrashLoopBackOff\nvalue\n1$/,
};

describe.skipIf(skip)(`the saved queries on the real Prometheus${reason === null ? '' : ` (${reason})`}`, () => {
  let server: PrometheusServer;
  let cluster: RunningServer;
  let nodeExporter: RunningServer;
  let prometheus: Prometheus;

  beforeAll(async () => {
    if (reason !== null) throw new Error(reason);
    [cluster, nodeExporter] = await Promise.all([startSickCluster(), startNodeExporter()]);
    server = await startPrometheus({
      scrape: [
        { job: 'cluster', targets: [cluster.address] },
        { job: 'gone', targets: [`127.0.0.1:${await freePort()}`] },
      ],
    });
    prometheus = createPrometheus({ url: new URL(server.url) });
    await server.waitFor('count_over_time(node_vmstat_oom_kill[1m])', (samples) => samples >= 6);
  });

  afterAll(async () => {
    await prometheus?.close();
    await server?.remove();
    await cluster?.stop();
    await nodeExporter?.stop();
  });

  async function result(path: string): Promise<string> {
    const dashboards = createDashboards({
      queries,
      tools: [promqlQuery],
      runtime: {
        upstreams: { prometheus, loki: null, alertmanager: null, agents: null, kubernetes: null },
        cursors: createCursors(Buffer.alloc(32)),
        deadlineMs: 30_000,
        budget: 24_000,
        onBug: (_id, _tool, error) => {
          throw error;
        },
      },
    });
    const outcome = await dashboards.read(`res://dashboards/${path}`, {
      signal: new AbortController().signal,
      names: 'underscore',
    });
    return outcome?.kind === 'text' ? outcome.text : `${outcome?.kind}: ${JSON.stringify(outcome)}`;
  }

  it('are all asked here', () => {
    expect(Object.keys(FOUND).sort()).toEqual(promql.map(({ file }) => file));
  });

  it.each(Object.entries(FOUND))('%s finds what is wrong, and only that', async (file, found) => {
    const text = await result(`${file}/result`);
    expect(text).toMatch(found);
    if (!file.startsWith('top-')) expect(text).not.toMatch(/fine-0|fine-1|\bfine\b/);
    expect(text).not.toContain('note:');
  });

  it('narrow by their variables, with a span for a moment', async () => {
    expect(await result('pod-restarts.promql/result?namespace=shop&range=5m')).toMatch(/\[5m\][^\n]*\n[\s\S]*cart-0/);
    expect(await result('pod-restarts.promql/result?namespace=shop%22%7D')).toContain('no series');
    expect(await result('node-memory.promql/result?node=node-.')).toMatch(/\n0\.75$/);
    expect(await result('node-memory.promql/result?node=node')).toContain('no series');
    expect(await result('node-memory.promql/result?range=10m')).toContain(' · range 10m, step ');
  });

  it('say what is wrong with a regular expression in the words of Prometheus', async () => {
    expect(await result('pod-restarts.promql/result?namespace=(')).toMatch(/^failed: .*bad_query.*missing closing \)/);
  });

  it('name only metrics that node_exporter and the agents have', async () => {
    const exported = await (await fetch(`${nodeExporter.url}/metrics`)).text();
    const agents = ['fact-metrics.ts', 'metrics.ts'].map((name) =>
      readFileSync(new URL(`../node-agent/src/${name}`, import.meta.url), 'utf8'),
    );
    const named = new Set(expressions.flatMap(({ expr }) => expr.match(/\b(?:node|telemcp)_\w+\b(?=[{[) ]|$)/g) ?? []));
    const missing = [...named].filter((name) =>
      name.startsWith('telemcp_')
        ? !agents.some((source) => source.includes(`'${name}'`))
        : !new RegExp(`^${name}[{ ]`, 'm').test(exported),
    );
    // A machine without the kernel's module has no table of connections.
    expect(missing.filter((name) => !name.startsWith('node_nf_conntrack_'))).toEqual([]);
    expect(named.size).toBeGreaterThan(20);
  });
});

const noPromtool = missingPart('promtool')?.why ?? null;

it.skipIf(noPromtool !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined)(
  `the saved queries are rules that promtool takes${noPromtool === null ? '' : ` (${noPromtool})`}`,
  () => {
    const place = mkdtempSync(join(tmpdir(), 'telemcp-rules-'));
    const rules = expressions.map(({ file, expr }) => ({ record: file.replace(/\W/g, '_'), expr }));
    const path = join(place, 'rules.yml');
    // JSON is YAML.
    writeFileSync(path, JSON.stringify({ groups: [{ name: 'saved', rules }] }));
    const { stdout, stderr } = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' });
    rmSync(place, { recursive: true });
    expect(stderr).toBe('');
    expect(stdout).toContain(`SUCCESS: ${promql.length} rules found`);
  },
);
