import { ToolError } from '../../errors.ts';
import type { Prometheus } from '../../upstreams/prometheus.ts';
import type { Labels, Sample } from '../../upstreams/prometheus-result.ts';
import type { Amounts } from './pod-resources.ts';
import { type NodeUsage, type PodUsage, podKey, type Sampled } from './usage.ts';

/** What a rate is taken over. */
export const RATE_WINDOW = '5m';

/** Where and when Prometheus is asked. */
export interface PrometheusMoment {
  prometheus: Prometheus;
  now: Date;
  signal: AbortSignal;
}

/**
 * Usage of pods by the kubelets' cAdvisor metrics. A container that was restarted, or is scraped twice, has several series;
 * the highest counts, their sum would count it twice.
 * @throws {ToolError} as Prometheus; `not_found` where it has no such metrics at all
 */
export async function podsByPrometheus(
  of: PrometheusMoment,
  namespace: string | undefined,
): Promise<Sampled<PodUsage>> {
  const which = `{container!="",container!="POD",image!="",pod!=""${namespaceMatcher(namespace)}}`;
  const by = 'max by (namespace, pod, container)';
  const [cpu, memory] = await Promise.all([
    samplesOf(of, `${by} (rate(container_cpu_usage_seconds_total${which}[${RATE_WINDOW}]))`),
    samplesOf(of, `${by} (container_memory_working_set_bytes${which})`),
  ]);
  if (cpu.length + memory.length === 0 && namespace === undefined) throw noMetrics(of.prometheus);
  const pods = new Map<
    string,
    { namespace: string; name: string; containers: Map<string, Amounts & { name: string }> }
  >();
  const note = ({ labels, value }: Sample, resource: keyof Amounts) => {
    const { namespace: space = '', pod: name = '', container = '' } = labels;
    const key = podKey({ namespace: space, name });
    const pod = pods.get(key) ?? { namespace: space, name, containers: new Map() };
    pods.set(key, pod);
    const before = pod.containers.get(container) ?? { name: container, cpu: null, memory: null };
    pod.containers.set(container, { ...before, [resource]: numberOf(value) });
  };
  for (const sample of cpu) note(sample, 'cpu');
  for (const sample of memory) note(sample, 'memory');
  const items = [...pods.values()].flatMap((pod) => {
    const containers = present([...pod.containers.values()], (container) => container, memory.length);
    return containers.length === 0 ? [] : [{ ...pod, containers }];
  });
  return { ...frame(of, 'cAdvisor'), items };
}

/**
 * Usage of nodes: by the root cgroup in the kubelets' cAdvisor metrics, or where these were dropped by node_exporter.
 * @throws {ToolError} as Prometheus; `not_found` where it has neither
 */
export async function nodesByPrometheus(of: PrometheusMoment): Promise<Sampled<NodeUsage>> {
  const labels = 'max by (node, kubernetes_io_hostname, instance)';
  const root = await nodesBy(of, {
    cpu: `${labels} (rate(container_cpu_usage_seconds_total{id="/"}[${RATE_WINDOW}]))`,
    memory: `${labels} (container_memory_working_set_bytes{id="/"})`,
  });
  if (root.length > 0) return { ...frame(of, 'cAdvisor, root cgroup'), items: root };
  const exported = await nodesBy(of, {
    cpu: `sum by (node, kubernetes_io_hostname, instance) (rate(node_cpu_seconds_total{mode!~"idle|iowait|steal"}[${RATE_WINDOW}]))`,
    memory: `${labels} (node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes)`,
  });
  if (exported.length === 0) throw noMetrics(of.prometheus);
  return { ...frame(of, 'node_exporter'), items: exported };
}

/** The samples of an expression that have one number. @throws {ToolError} */
export async function samplesOf(
  { prometheus, now, signal }: PrometheusMoment,
  expr: string,
): Promise<readonly Sample[]> {
  const { result } = await prometheus.query(expr, { time: now.getTime() / 1000 }, signal);
  return result.type === 'vector' ? result.samples : [];
}

/** A matcher to append to others. The name must have been checked: it goes into the expression. */
export function namespaceMatcher(namespace: string | undefined): string {
  return namespace === undefined ? '' : `,namespace=${JSON.stringify(namespace)}`;
}

async function nodesBy(of: PrometheusMoment, exprs: { cpu: string; memory: string }): Promise<NodeUsage[]> {
  const [cpu, memory] = await Promise.all([samplesOf(of, exprs.cpu), samplesOf(of, exprs.memory)]);
  const nodes = new Map<string, NodeUsage>();
  const note = ({ labels, value }: Sample, resource: keyof Amounts) => {
    const names = namesOf(labels);
    const key = names.join(' ');
    const before = nodes.get(key)?.used ?? { cpu: null, memory: null };
    nodes.set(key, { names, used: { ...before, [resource]: numberOf(value) } });
  };
  for (const sample of cpu) note(sample, 'cpu');
  for (const sample of memory) note(sample, 'memory');
  return present([...nodes.values()], ({ used }) => used, memory.length);
}

/**
 * What is there now. A rate goes on for as long as its window after the last sample, a gauge ends with what it measures; so
 * what has no memory where others have is gone: an init container that ended, a container before its restart.
 */
function present<T>(found: readonly T[], usedOf: (one: T) => Amounts, memorySamples: number): T[] {
  return memorySamples === 0 ? [...found] : found.filter((one) => usedOf(one).memory !== null);
}

/** Which label has the node's name depends on how Prometheus was set up to find its targets. */
function namesOf({ node, kubernetes_io_hostname: hostname, instance }: Labels): string[] {
  const address = instance?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return [node, hostname, address].flatMap((name) => (name === undefined || name === '' ? [] : [name]));
}

function numberOf(value: number | null): number | null {
  return value === null || Number.isNaN(value) ? null : value;
}

function frame({ prometheus, now }: PrometheusMoment, exporter: string) {
  return { source: `${prometheus.name} (${exporter})`, asOf: now, window: `CPU over ${RATE_WINDOW}`, notes: [] };
}

function noMetrics({ name }: Prometheus): ToolError {
  return new ToolError('not_found', `${name} has no usage of containers or nodes`, {
    upstream: name,
    hint: 'Let it scrape /metrics/cadvisor of the kubelets, or install metrics-server in the cluster.',
  });
}
