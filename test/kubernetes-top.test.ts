import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { k8sTop } from '../bridge/src/tools/k8s-top.ts';
import type { Kubernetes } from '../bridge/src/upstreams/kubernetes.ts';
import { createPrometheus, type Prometheus } from '../bridge/src/upstreams/prometheus.ts';
import { askTool } from '../bridge/test/ask-tool.ts';
import { type ApiServer, startApiServer } from '../bridge/test/kubernetes/api-server.ts';
import { newCluster } from '../bridge/test/kubernetes/cluster.ts';
import { node } from '../bridge/test/kubernetes/cluster-objects.ts';
import { kubernetesOf } from '../bridge/test/kubernetes/connect.ts';
import { pod } from '../bridge/test/kubernetes/pod-objects.ts';
import { type PrometheusServer, prometheusUnavailable, startPrometheus } from './real/prometheus-server.ts';

const reason = prometheusUnavailable();
const skip = reason !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

const MIB = 2 ** 20;

describe.skipIf(skip)(`k8s.top on the real Prometheus${reason === null ? '' : ` (${reason})`}`, () => {
  let cadvisor: Server;
  let server: PrometheusServer;
  let prometheus: Prometheus;
  let apiServer: ApiServer;
  let kubernetes: Kubernetes;

  beforeAll(async () => {
    if (reason !== null) throw new Error(reason);
    cadvisor = startCadvisor();
    await once(cadvisor, 'listening');
    const target = addressOf(cadvisor);
    // Scraped by two jobs, as where an operator and a hand-written configuration both find the kubelets.
    server = await startPrometheus({
      scrape: [
        { job: 'kubelet', targets: [target] },
        { job: 'kubernetes-cadvisor', targets: [target] },
      ],
    });
    prometheus = createPrometheus({ url: new URL(server.url) });
    const limits = { requests: { cpu: '1', memory: '64Mi' }, limits: { cpu: '2', memory: '100Mi' } };
    apiServer = await startApiServer(
      newCluster().add(
        node({ name: 'node-0001', ip: '127.0.0.1' }),
        pod({ namespace: 'shop', name: 'cart-0', containers: [{ name: 'app', ...limits }, { name: 'envoy' }] }),
        pod({ namespace: 'shop', name: 'search-0', containers: [{ name: 'app', ...limits }] }),
        pod({ namespace: 'batch', name: 'report-0', containers: [{ name: 'app' }] }),
      ),
    );
    kubernetes = kubernetesOf(apiServer);
    await server.waitFor('min(count_over_time(container_oom_events_total[1m]))', (samples) => samples >= 4);
  });

  afterAll(async () => {
    await prometheus?.close();
    await kubernetes?.close();
    await server?.remove();
    await apiServer?.close();
    cadvisor?.close();
  });

  const ask = (args: Record<string, unknown>, alone = false) =>
    askTool(k8sTop, args, null, {
      now: new Date(),
      upstreams: { prometheus, kubernetes: alone ? null : kubernetes },
    });

  /** The row of a pod by its columns. */
  function rowOf({ answer }: Awaited<ReturnType<typeof ask>>, name: string) {
    const [table] = answer.tables;
    const row = table?.rows.find(([first]) => first === name) ?? [];
    return Object.fromEntries((table?.columns ?? []).map((column, index) => [column, row[index]]));
  }

  it('adds up the containers of a pod, each once', async () => {
    const asked = await ask({ kind: 'pods', sort: 'memory' });
    expect(asked.text).toContain('from prometheus (cAdvisor) · CPU over 5m · 3 pods use ');
    expect(asked.answer.tables[0]?.rows.map(([name]) => name)).toEqual(['report-0', 'cart-0', 'search-0']);
    expect(rowOf(asked, 'cart-0')).toMatchObject({ memory: '120MiB', 'memoryOfLimit%': 95, 'throttled%': 50 });
    expect(rowOf(asked, 'cart-0').remarks).toBe('app near OOM, mostly app');
    expect(rowOf(asked, 'search-0')).toMatchObject({ memory: '40MiB', 'memoryOfLimit%': 40, 'throttled%': 0 });
  });

  it('sees OOM kills that no container ended of', async () => {
    const asked = await ask({ kind: 'pods' });
    expect(rowOf(asked, 'search-0').remarks).toBe('OOM kill within 1h (Prometheus)');
    expect(rowOf(asked, 'report-0')).toMatchObject({ 'throttled%': null, remarks: null });
  });

  it('orders by the rates of the counters', async () => {
    const { answer } = await ask({ kind: 'pods', namespace: 'shop' });
    expect(answer.tables[0]?.rows.map(([name]) => name)).toEqual(['search-0', 'cart-0']);
  });

  it('knows nodes by the root cgroup', async () => {
    const asked = await ask({ kind: 'nodes' });
    expect(asked.text).toContain('from prometheus (cAdvisor, root cgroup)');
    expect(rowOf(asked, 'node-0001')).toMatchObject({ memory: '31GiB', 'memoryOfAllocatable%': 50, pods: 3 });
  });

  it('sums namespaces', async () => {
    const asked = await ask({ kind: 'namespaces', sort: 'memory' });
    expect(rowOf(asked, 'shop')).toMatchObject({ pods: 2, memory: '160MiB', memoryRequests: '128MiB' });
  });

  it('is usage alone without a Kubernetes API, with the last ends of containers', async () => {
    const asked = await ask({ kind: 'pods' }, true);
    expect(rowOf(asked, 'report-0').remarks).toBe('last ended by OOM kill (Prometheus)');
    expect(asked.answer.tables[0]?.columns).not.toContain('memoryOfLimit%');
  });
});

/** A kubelet's `/metrics/cadvisor` and a kube-state-metrics in one; counters grow with time at their rates. */
function startCadvisor(): Server {
  const begun = performance.now();
  const server = createServer((_request, response) => {
    const seconds = (performance.now() - begun) / 1000;
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(`${metricsAt(seconds).join('\n')}\n`);
  });
  return server.listen(0, '127.0.0.1');
}

function metricsAt(seconds: number): string[] {
  const labels = (pod: string, namespace: string, container: string, id = 'a') =>
    `{namespace="${namespace}",pod="${pod}",container="${container}",image="${container && 'app:1'}",id="/kubepods/${pod}/${id}"}`;
  const cart = labels('cart-0', 'shop', 'app');
  const mesh = labels('cart-0', 'shop', 'envoy');
  const search = labels('search-0', 'shop', 'app');
  const report = labels('report-0', 'batch', 'app');
  const pods = [
    { of: cart, cpu: 0.2, mib: 95 },
    { of: mesh, cpu: 0.1, mib: 25 },
    { of: search, cpu: 0.9, mib: 40 },
    { of: report, cpu: 0.5, mib: 500 },
    // The pod's own cgroup and its sandbox have what its containers have, and a little more.
    { of: labels('cart-0', 'shop', ''), cpu: 0.3, mib: 121 },
    { of: labels('cart-0', 'shop', 'POD'), cpu: 0.01, mib: 1 },
    { of: '{id="/"}', cpu: 4, mib: 31 * 1024 },
  ];
  const periods = [
    { of: cart, throttled: 5 },
    { of: search, throttled: 0 },
  ];
  return [
    ...pods.map(({ of, cpu }) => `container_cpu_usage_seconds_total${of} ${cpu * seconds}`),
    ...pods.map(({ of, mib }) => `container_memory_working_set_bytes${of} ${mib * MIB}`),
    ...periods.map(({ of }) => `container_cpu_cfs_periods_total${of} ${10 * seconds}`),
    ...periods.map(({ of, throttled }) => `container_cpu_cfs_throttled_periods_total${of} ${throttled * seconds}`),
    `container_oom_events_total${search} ${seconds}`,
    `container_oom_events_total${cart} 3`,
    'kube_pod_container_status_last_terminated_reason{namespace="batch",pod="report-0",container="app",reason="OOMKilled"} 1',
    // The container before its restart: its counter no longer grows, its memory is gone.
    `container_cpu_usage_seconds_total${labels('search-0', 'shop', 'app', 'before')} 4000`,
  ];
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}
