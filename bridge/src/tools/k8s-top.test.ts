import { afterEach, describe, expect, it } from 'vitest';
import { askTool, structuredLimit, tokensOfTool } from '../../test/ask-tool.ts';
import { type Canned, cannedPrometheus } from '../../test/canned-prometheus.ts';
import { type ApiServerOptions, startApiServer } from '../../test/kubernetes/api-server.ts';
import { type Cluster, newCluster } from '../../test/kubernetes/cluster.ts';
import { node, object } from '../../test/kubernetes/cluster-objects.ts';
import { kubernetesOf } from '../../test/kubernetes/connect.ts';
import { nodeMetrics, podMetrics } from '../../test/kubernetes/custom-objects.ts';
import { pod } from '../../test/kubernetes/pod-objects.ts';
import { SEED_NOW } from '../../test/kubernetes/seed-time.ts';
import { seededCluster } from '../../test/kubernetes/seeds.ts';
import type { Kubernetes } from '../upstreams/kubernetes.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import { k8sTop } from './k8s-top.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function start(cluster: Cluster, options: ApiServerOptions = { metrics: true }) {
  const server = await startApiServer(cluster, options);
  const kubernetes = kubernetesOf(server);
  open.push(kubernetes, server);
  return { server, kubernetes };
}

function ask(args: Record<string, unknown>, upstreams: { kubernetes?: Kubernetes; prometheus?: Prometheus }) {
  return askTool(k8sTop, args, null, {
    now: SEED_NOW,
    upstreams: { kubernetes: null, prometheus: null, ...upstreams },
  });
}

const small = { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } };
const mesh = { name: 'envoy', sidecar: true, requests: { cpu: '100m' }, limits: { memory: '64Mi' } };

/** Two nodes, two namespaces, each pod with a story of its own. */
function shopCluster(): Cluster {
  return newCluster().add(
    node({ name: 'node-0001', ip: '10.0.0.1' }),
    node({ name: 'node-0002', ip: '10.0.0.2', pressure: ['MemoryPressure'] }),
    node({ name: 'node-0003', ip: '10.0.0.3', ready: 'Unknown' }),
    pod({
      namespace: 'shop',
      name: 'cart-7d9f8b6c5d-x2x7z',
      containers: [{ name: 'app', ...small }],
      initContainers: [mesh],
    }),
    pod({
      namespace: 'shop',
      name: 'search-0',
      node: 'node-0002',
      containers: [{ name: 'app', ...small, restarts: 3, last: { exitCode: 137, reason: 'OOMKilled', ago: '5m' } }],
    }),
    pod({ namespace: 'shop', name: 'migrate-k4j9z', containers: [{ state: { ended: { exitCode: 0, ago: '1h' } } }] }),
    pod({ namespace: 'shop', name: 'new-0', age: '20s', containers: [small] }),
    pod({ namespace: 'shop', name: 'big-0', node: null, unschedulable: '0/3 nodes are available' }),
    pod({ namespace: 'batch', name: 'report-0', node: 'node-0002', containers: [{ name: 'app' }] }),
    object(
      'v1',
      'ResourceQuota',
      { namespace: 'shop', name: 'all' },
      { status: { hard: { pods: '5' }, used: { pods: '5' } } },
    ),
    podMetrics({
      namespace: 'shop',
      name: 'cart-7d9f8b6c5d-x2x7z',
      at: '14s',
      window: '15.021s',
      containers: { app: { cpu: '200m', memory: '122880Ki' }, envoy: { cpu: '10345678n', memory: '62Mi' } },
    }),
    podMetrics({
      namespace: 'shop',
      name: 'search-0',
      at: '26s',
      containers: { app: { cpu: '470m', memory: '300Mi' } },
    }),
    podMetrics({
      namespace: 'batch',
      name: 'report-0',
      at: '14s',
      containers: { app: { cpu: '1204m', memory: '900Mi' } },
    }),
    nodeMetrics({ name: 'node-0001', at: '14s', usage: { cpu: '3200m', memory: '20000Mi' } }),
    nodeMetrics({ name: 'node-0002', at: '20s', usage: { cpu: '9700m', memory: '60000Mi' } }),
  );
}

const of = (namespace: string, name: string, container = 'app') => ({ namespace, pod: name, container });
const CADVISOR: Readonly<Record<string, Canned>> = {
  'container_cpu_usage_seconds_total{id="/"}': [
    [{ node: 'node-0001' }, 3],
    [{ instance: '10.0.0.2:10250' }, 5],
  ],
  'container_memory_working_set_bytes{id="/"}': [
    [{ node: 'node-0001' }, 2e9],
    [{ instance: '10.0.0.2:10250' }, 3e9],
  ],
  cfs_throttled: [
    [of('shop', 'search-0'), 0.62],
    [of('shop', 'cart-7d9f8b6c5d-x2x7z'), 0.004],
  ],
  container_cpu_usage: [
    [of('shop', 'search-0'), 0.4],
    [of('batch', 'report-0'), 1.1],
  ],
  container_memory: [
    [of('shop', 'search-0'), 3e8],
    [of('batch', 'report-0'), 9e8],
  ],
  last_terminated_reason: [[of('shop', 'search-0'), 1]],
  container_oom_events_total: [[of('batch', 'report-0'), 1]],
};

describe('usage by the metrics API', () => {
  it.each([
    ['pods', {}],
    ['pods-memory-percent', { kind: 'pods', namespace: 'shop', sort: 'memoryPercent' }],
    ['nodes', { kind: 'nodes', sort: 'memory' }],
    ['namespaces', { kind: 'namespaces' }],
  ])('reads well: %s', async (name, args) => {
    const { kubernetes } = await start(shopCluster());
    const prometheus = cannedPrometheus(CADVISOR);
    const asked = await ask({ kind: 'pods', ...args }, { kubernetes, prometheus });
    await expect(`${asked.text}\n`).toMatchFileSnapshot(`../../test/golden/k8s-top-${name}.txt`);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  });
});

it('costs little to offer', () => {
  expect(tokensOfTool(k8sTop)).toBeLessThanOrEqual(200);
});

describe('usage by Prometheus', () => {
  it('stands in where the cluster serves no metrics, and that is said', async () => {
    const { kubernetes } = await start(shopCluster(), {});
    const { text } = await ask({ kind: 'pods' }, { kubernetes, prometheus: cannedPrometheus(CADVISOR) });
    await expect(`${text}\n`).toMatchFileSnapshot('../../test/golden/k8s-top-pods-prometheus.txt');
  });

  it('says what the APIService of a metrics-server that is down says', async () => {
    const message = 'endpoints for service/metrics-server in "kube-system" have no addresses';
    const available = { type: 'Available', status: 'False', reason: 'MissingEndpoints', message };
    const service = object('apiregistration.k8s.io/v1', 'APIService', { name: 'v1beta1.metrics.k8s.io' });
    const cluster = shopCluster().add({ ...service, status: { conditions: [available] } });
    const { kubernetes } = await start(cluster, { metrics: 'down' });
    const { text } = await ask({ kind: 'nodes' }, { kubernetes, prometheus: cannedPrometheus(CADVISOR) });
    expect(text).toContain('from prometheus (cAdvisor, root cgroup)');
    expect(text).toContain(`note: usage by prometheus, since metrics.k8s.io is not available: ${message}`);
    expect(text).toContain('node-0002 2 5 32');
    await expect(ask({ kind: 'nodes' }, { kubernetes })).rejects.toMatchObject({
      code: 'unreachable',
      message: `metrics.k8s.io is not available: ${message}`,
    });
  });

  it('stands in where the bridge may not read metrics', async () => {
    const denied = [{ verb: 'list', resource: 'pods', group: 'metrics.k8s.io' }] as const;
    const { kubernetes } = await start(shopCluster(), { metrics: true, denied });
    const { text } = await ask({ kind: 'pods' }, { kubernetes, prometheus: cannedPrometheus(CADVISOR) });
    expect(text).toMatch(/from prometheus[\s\S]*note: usage by prometheus, since metrics\.k8s\.io failed: .*forbidden/);
    await expect(ask({ kind: 'pods' }, { kubernetes })).rejects.toMatchObject({
      code: 'denied',
      hint: expect.stringContaining('pods.metrics.k8s.io'),
    });
  });

  it('is all there is without a Kubernetes API', async () => {
    const { text } = await ask({ kind: 'pods', sort: 'memory' }, { prometheus: cannedPrometheus(CADVISOR) });
    expect(text).toContain('search-0 shop 400m 286MiB 62 last ended by OOM kill (Prometheus)');
    expect(text).toContain('usage by prometheus, since this bridge has no Kubernetes API');
    expect(text).toContain('requests, limits, nodes not known: this bridge has no Kubernetes API');
  });

  it.each([{ kind: 'status', status: 500 }, { kind: 'cut' }, { kind: 'html' }, { kind: 'invalid-json' }] as const)(
    'stands in for a metrics API that answers badly: %j',
    async (fault) => {
      const { kubernetes, server } = await start(shopCluster());
      server.faults.push({ path: '/apis/metrics.k8s.io', fault });
      const { text } = await ask({ kind: 'pods' }, { kubernetes, prometheus: cannedPrometheus(CADVISOR) });
      expect(text).toMatch(/from prometheus \(cAdvisor\)[\s\S]*metrics\.k8s\.io failed: /);
      expect(text).toContain('search-0 shop node-0002 400m 160 80 286MiB');
    },
  );

  it('stands in for a metrics-server that has just started', async () => {
    const cluster = newCluster().add(pod({ namespace: 'shop', name: 'search-0', containers: [{ name: 'app' }] }));
    const { kubernetes } = await start(cluster);
    const { text } = await ask({ kind: 'pods' }, { kubernetes, prometheus: cannedPrometheus(CADVISOR) });
    expect(text).toContain('note: usage by prometheus, since metrics.k8s.io has no samples');
    const alone = await ask({ kind: 'pods' }, { kubernetes });
    expect(alone.text).toContain('from metrics.k8s.io · no pod has samples');
    expect(alone.text).toContain('1 running on node-0001');
  });

  it('that fails too leaves both reasons', async () => {
    const { kubernetes } = await start(shopCluster(), {});
    await expect(ask({ kind: 'pods' }, { kubernetes, prometheus: cannedPrometheus({}) })).rejects.toMatchObject({
      code: 'not_found',
      message: 'metrics.k8s.io is not served (no metrics-server); prometheus has no usage of containers or nodes',
    });
  });
});

describe('what is not known', () => {
  it('names both settings where there is no source at all', async () => {
    await expect(ask({ kind: 'pods' }, {})).rejects.toMatchObject({
      code: 'not_configured',
      hint: 'The operator sets TELEMCP_KUBERNETES or TELEMCP_PROMETHEUS_URL.',
    });
    const { kubernetes } = await start(shopCluster(), {});
    await expect(ask({ kind: 'pods' }, { kubernetes })).rejects.toMatchObject({
      code: 'not_configured',
      message: 'metrics.k8s.io is not served (no metrics-server)',
      hint: expect.stringContaining('TELEMCP_PROMETHEUS_URL'),
    });
  });

  it.each([
    ['pods', 'requests, limits, nodes not known', 'report-0 batch 1.2 900MiB'],
    ['nodes', 'requests, limits not known', 'node-0002 9.7 61 59GiB 95 '],
    ['namespaces', 'requests, limits not known', 'batch 1 1.2 900MiB'],
  ])('is said where pods may not be read: %s', async (kind, gap, row) => {
    const { kubernetes } = await start(shopCluster(), {
      metrics: true,
      denied: [{ verb: 'list', resource: 'pods', group: '' }],
    });
    const { text } = await ask({ kind }, { kubernetes });
    expect(text).toContain('from metrics.k8s.io');
    expect(text).toMatch(new RegExp(`note: ${gap}: .*forbidden`));
    expect(text).toContain(row);
  });

  it('is said where quotas or nodes may not be read', async () => {
    const denied = [
      { verb: 'list', resource: 'resourcequotas' },
      { verb: 'list', resource: 'nodes', group: '' },
    ] as const;
    const { kubernetes } = await start(shopCluster(), { metrics: true, denied });
    expect((await ask({ kind: 'namespaces' }, { kubernetes })).text).toMatch(/note: quotas not known: .*forbidden/);
    const nodes = await ask({ kind: 'nodes' }, { kubernetes });
    expect(nodes.text).toMatch(/note: allocatable, conditions not known: .*forbidden/);
    expect(nodes.text).not.toContain('%');
  });

  it.each([{ kind: 'html' }, { kind: 'cut' }, { kind: 'status', status: 500 }] as const)(
    'is said where the list of pods is no such list: %j',
    async (fault) => {
      const { kubernetes, server } = await start(shopCluster());
      server.faults.push({ path: '/api/v1/pods', fault });
      const { text } = await ask({ kind: 'pods' }, { kubernetes });
      expect(text).toContain('note: requests, limits, nodes not known: ');
      expect(text).toContain('report-0 batch 1.2 900MiB');
    },
  );

  it('is said of samples that nobody renewed', async () => {
    const { kubernetes } = await start(
      newCluster().add(nodeMetrics({ name: 'node-0001', at: '20m', usage: { cpu: '1', memory: '1Gi' } })),
    );
    const { text } = await ask({ kind: 'nodes' }, { kubernetes });
    expect(text).toContain('as of 2026-11-22T12:42:11Z');
    expect(text).toContain('note: even the latest sample is 20m old');
  });
});

describe('a namespace', () => {
  it('that does not exist is an error, one without pods is not', async () => {
    const { kubernetes } = await start(shopCluster());
    await expect(ask({ kind: 'pods', namespace: 'shpo' }, { kubernetes })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('shpo'),
    });
    const { text } = await ask({ kind: 'pods', namespace: 'default' }, { kubernetes });
    expect(text).toContain('pods in default by cpu');
    expect(text).toContain('no pod has samples');
  });

  it.each([
    { kind: 'nodes', namespace: 'shop' },
    { kind: 'pods', namespace: 'a"} or up{' },
    { kind: 'pods', namespace: '../nodes' },
    { kind: 'pods', namespace: '' },
  ])('is refused before anything is asked: %j', async (args) => {
    const { kubernetes, server } = await start(shopCluster());
    const prometheus = cannedPrometheus(CADVISOR);
    await expect(ask(args, { kubernetes, prometheus })).rejects.toMatchObject({ code: 'invalid_argument' });
    expect([...server.requests, ...prometheus.asked]).toEqual([]);
  });
});

it('costs a model little for 2,000 pods and 100 nodes, and names those near their limit', async () => {
  const { kubernetes } = await start(seededCluster({ nodes: 100, pods: 2000, metrics: true }));
  for (const kind of ['pods', 'nodes', 'namespaces']) {
    const asked = await ask({ kind, sort: 'memoryPercent' }, { kubernetes });
    expect(asked.tokens, kind).toBeLessThanOrEqual(900);
    expect(asked.structuredTokens, kind).toBeLessThanOrEqual(structuredLimit(asked));
    await expect(`${asked.text}\n`).toMatchFileSnapshot(`../../test/golden/k8s-top-${kind}-100-nodes.txt`);
  }
});

it('goes on where it was cut, and nothing comes twice', async () => {
  const { kubernetes } = await start(shopCluster());
  const options = { now: SEED_NOW, upstreams: { kubernetes } };
  const first = await askTool(k8sTop, { kind: 'pods', limit: 2 }, null, options);
  expect(first.text).toContain('shown 2 of 3, highest first');
  const rest = await askTool(k8sTop, { kind: 'pods', limit: 2 }, null, { ...options, from: { table: 0, row: 2 } });
  expect(rest.text).toContain('cart-7d9f8b6c5d-x2x7z');
  expect(rest.text).not.toContain('search-0 ');
});
