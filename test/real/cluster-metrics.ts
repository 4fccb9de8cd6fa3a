import { type RunningServer, startExporter } from './exporter.ts';

/** Pods of the cluster that `startClusterMetrics` tells of, each with one container. */
export const PODS = 200;
/** Series of `shop_items`. */
export const ITEMS = 10_000;

const NAMESPACES = ['default', 'kube-system', 'ledger', 'monitoring', 'payments', 'search', 'shop', 'web'];
const HANDLERS = ['/', '/cart', '/health', '/items', '/login', '/pay', '/search', '/user'];
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf'];
const GIB = 1024 ** 3;

/**
 * What cAdvisor, kube-state-metrics and a shop would say of a cluster of 200 pods on 10 nodes: cores from 0.01 to 2 by number
 * of the pod, memory from a tenth of the limit to nearly all of it. Counters run from `since`, seconds since the epoch.
 */
export async function startClusterMetrics(since: number): Promise<RunningServer> {
  const pods = Array.from({ length: PODS }, (_, index) => podLabels(index));
  const gauges = [
    '# HELP container_memory_working_set_bytes Current working set of the container in bytes',
    '# TYPE container_memory_working_set_bytes gauge',
    ...pods.map(({ labels }, index) => `container_memory_working_set_bytes{${labels}} ${memoryOf(index)}`),
    '# HELP kube_pod_container_resource_limits The number of requested limit resource by a container.',
    '# TYPE kube_pod_container_resource_limits gauge',
    ...pods.map(({ short }) => `kube_pod_container_resource_limits{${short},resource="memory",unit="byte"} ${GIB}`),
    '# HELP kube_pod_container_status_restarts_total The number of container restarts per container.',
    '# TYPE kube_pod_container_status_restarts_total counter',
    ...pods.map(
      ({ short }, index) => `kube_pod_container_status_restarts_total{${short}} ${index % 23 === 0 ? index : 0}`,
    ),
    '# HELP shop_items Items on stock',
    '# TYPE shop_items gauge',
    ...Array.from(
      { length: ITEMS },
      (_, index) => `shop_items{shelf="s${index % 12}",item="item-${index}",warehouse="w${index % 400}"} ${index}`,
    ),
  ].join('\n');
  return await startExporter(() => {
    const seconds = Date.now() / 1000 - since;
    const counters = [
      '# HELP container_cpu_usage_seconds_total Cumulative cpu time consumed in seconds.',
      '# TYPE container_cpu_usage_seconds_total counter',
      ...pods.map(({ labels }, index) => `container_cpu_usage_seconds_total{${labels}} ${seconds * coresOf(index)}`),
      '# HELP http_request_duration_seconds Time that requests took',
      '# TYPE http_request_duration_seconds histogram',
      ...HANDLERS.flatMap((handler, index) => histogramOf(handler, seconds * (index + 1))),
    ];
    return `${gauges}\n${counters.join('\n')}\n`;
  });
}

function podLabels(index: number): { labels: string; short: string } {
  const namespace = NAMESPACES[index % NAMESPACES.length];
  const short = `namespace="${namespace}",pod="app-${index % 40}-5c9d7f6b8-${index}",container="app"`;
  const image = `registry.example.com/team/app-${index % 40}:1.${index % 7}.0`;
  return { short, labels: `${short},node="node-${index % 10}",image="${image}",id="/kubepods/burstable/pod${index}"` };
}

function coresOf(index: number): number {
  return (index + 1) / 100;
}

function memoryOf(index: number): number {
  return Math.round(GIB * (0.1 + (0.88 * index) / PODS));
}

/** Nine tenths of the requests are below 0.1 s, all below 1 s. */
function histogramOf(handler: string, requests: number): string[] {
  const buckets = BOUNDS.map((le) => {
    const bound = le === '+Inf' ? 9 : Number(le);
    const share = bound < 0.1 ? bound * 9 : Math.min(1, 0.9 + (bound - 0.1) / 9);
    return `http_request_duration_seconds_bucket{handler="${handler}",le="${le}"} ${requests * share}`;
  });
  return [
    ...buckets,
    `http_request_duration_seconds_sum{handler="${handler}"} ${requests * 0.08}`,
    `http_request_duration_seconds_count{handler="${handler}"} ${requests}`,
  ];
}
