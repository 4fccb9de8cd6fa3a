import { listAt, textAt } from '../../src/kubernetes/json.ts';
import { type Cluster, newCluster } from './cluster.ts';
import { nodeMetrics, podMetrics } from './custom-objects.ts';
import { random } from './random.ts';
import { SECRET_ENV, seedConfiguration } from './seed-config.ts';
import { seedCustomResources } from './seed-custom.ts';
import { seedEvents } from './seed-events.ts';
import { seedJobs } from './seed-jobs.ts';
import { seedLogs } from './seed-logs.ts';
import { seedNodes } from './seed-nodes.ts';
import { SICKNESSES } from './seed-sickness.ts';
import { seedStorage, seedTraffic } from './seed-traffic.ts';
import { type Site, seedDaemonSet, seedDeployment, seedStatefulSet, seedStaticPods } from './seed-workloads.ts';
import { BUILT_IN } from './served-resources.ts';

export interface SeedOptions {
  nodes: number;
  /** Exactly so many, at least 3 for each node and about 250. */
  pods: number;
  /** Exactly so many; a quarter of the pods unless given. */
  events?: number;
  /** Usage of pods and nodes, for a server that is started with `metrics`. */
  metrics?: boolean;
}

/** Unhealthy pods come in rounds of 31; one round up to 5,000 pods, then one for each 1,250. */
const PODS_PER_ROUND = 1250;
export const UNHEALTHY_PER_ROUND = 31;

const NAMES = [
  'web',
  'api',
  'auth',
  'users',
  'orders',
  'catalog',
  'pricing',
  'stock',
  'shipping',
  'invoices',
  'refunds',
  'payouts',
  'limits',
  'rates',
  'quotes',
  'risk',
  'kyc',
  'audit',
  'notify',
  'sms',
  'push',
  'images',
  'thumbs',
  'feed',
  'rank',
  'ads',
  'geo',
  'maps',
  'tax',
  'terms',
  'flags',
  'sessions',
  'tokens',
  'webhooks',
  'exports',
  'imports',
  'crawler',
  'indexer',
  'queue',
  'scheduler',
] as const;

/**
 * A cluster of that size as it looks on an ordinary day, the same in every run: Deployments, StatefulSets, DaemonSets, Jobs and
 * what belongs to them, in `shop`, `payments`, `batch`, `monitoring` and `kube-system` (from 10,000 pods on also in `team-01` to
 * `team-15`), with 31 pods that are not well (about 500 of 20,000) and some trouble of every other kind.
 */
export function seededCluster({
  nodes: nodeCount,
  pods,
  events = Math.round(pods / 4),
  metrics = false,
}: SeedOptions): Cluster {
  const cluster = newCluster();
  const nodes = seedNodes(cluster, nodeCount);
  const site: Site = { cluster, nodes, podCount: 0 };
  const namespaces = ['shop', 'payments', 'batch', 'monitoring'];
  if (pods >= 10_000)
    for (let team = 1; team <= 15; team += 1) namespaces.push(`team-${String(team).padStart(2, '0')}`);

  seedStaticPods(site);
  seedDaemonSet(site, { namespace: 'kube-system', name: 'kube-proxy' });
  seedDaemonSet(site, { namespace: 'kube-system', name: 'cilium', image: 'registry.example/cilium:1.18.2' });
  seedDaemonSet(site, {
    namespace: 'monitoring',
    name: 'node-exporter',
    image: 'registry.example/node-exporter:1.9.1',
  });
  seedDeployment(site, { namespace: 'kube-system', name: 'coredns', replicas: 2, age: '90d' });
  const sets = [
    { namespace: 'payments', name: 'postgres', replicas: 3 },
    { namespace: 'payments', name: 'kafka', replicas: 5 },
    { namespace: 'shop', name: 'redis', replicas: 6 },
    { namespace: 'monitoring', name: 'prometheus', replicas: 2 },
  ];
  for (const set of sets) seedStatefulSet(site, set);
  const rounds = pods < 5000 ? 1 : Math.round(pods / PODS_PER_ROUND);
  for (let round = 0; round < rounds; round += 1) {
    for (const sickness of SICKNESSES) {
      const { namespace, workload, replicas, kind } = sickness;
      const name = round === 0 ? workload : `${workload}-${round + 1}`;
      const env = namespace === 'payments' ? SECRET_ENV : { LOG_LEVEL: 'info' };
      if (kind === 'Deployment') seedDeployment(site, { namespace, name, replicas, sickness, env });
      else {
        seedStatefulSet(site, { namespace, name, replicas, sickness });
        sets.push({ namespace, name, replicas });
      }
    }
    seedJobs(site, round);
  }
  seedOrdinary(site, namespaces, pods);
  seedConfiguration(cluster, [...namespaces, 'kube-system', 'default']);
  seedTraffic(cluster);
  seedStorage(cluster, sets);
  seedCustomResources(cluster);
  seedEvents(cluster, nodes, events);
  seedLogs(cluster);
  if (metrics) seedMetrics(cluster, nodes.all, nodes.notReady);
  return cluster;
}

/** Deployments without trouble, until there are so many pods. */
function seedOrdinary(site: Site, namespaces: readonly string[], pods: number): void {
  if (site.podCount > pods) throw new Error(`a seed of ${pods} pods is too small, it begins with ${site.podCount}`);
  const rolls = random('ordinary');
  for (let index = 0; site.podCount < pods; index += 1) {
    const base = NAMES[index % NAMES.length] ?? 'web';
    const turn = Math.floor(index / NAMES.length);
    const replicas = Math.min(rolls.between(3, 30), pods - site.podCount);
    const namespace = namespaces[(index + turn) % namespaces.length] ?? 'shop';
    seedDeployment(site, {
      namespace,
      name: turn === 0 ? base : `${base}-v${turn + 1}`,
      replicas,
      age: `${rolls.between(2, 60)}d`,
    });
  }
}

/** Usage of what runs: between 5 and 95 percent of what was requested, and `payments/ledger-…` near its limit. */
function seedMetrics(cluster: Cluster, nodes: readonly string[], notReady: ReadonlySet<string>): void {
  const rolls = random('usage');
  const pods = BUILT_IN.find((resource) => resource.kind === 'Pod');
  for (const stored of pods === undefined ? [] : cluster.all(pods)) {
    const running = listAt(stored.body, 'status', 'containerStatuses').filter(
      (each) => textAt(each, 'state', 'running', 'startedAt') !== undefined,
    );
    if (running.length === 0 || notReady.has(textAt(stored.body, 'spec', 'nodeName') ?? '')) continue;
    const containers = running.map((each) => [
      textAt(each, 'name') ?? 'main',
      { cpu: `${rolls.between(1_000_000, 480_000_000)}n`, memory: `${rolls.between(20_000, 260_000)}Ki` },
    ]);
    const labels = stored.body.metadata;
    cluster.add(
      podMetrics({
        name: stored.name,
        namespace: stored.namespace,
        labels: { app: textAt(labels, 'labels', 'app') ?? '' },
        containers: Object.fromEntries(containers),
      }),
    );
  }
  for (const name of nodes) {
    if (notReady.has(name)) continue;
    const usage = {
      cpu: `${rolls.between(900_000_000, 15_200_000_000)}n`,
      memory: `${rolls.between(8_000_000, 60_000_000)}Ki`,
    };
    cluster.add(nodeMetrics({ name, usage }));
  }
}
