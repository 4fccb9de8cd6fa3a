import type { Loki } from '../upstreams/loki.ts';
import { nanosecondsOf } from './nanoseconds.ts';

/** What labels say where a line comes from, under the names that collectors give to them, the most common first. */
const NAMES = {
  namespace: ['namespace', 'k8s_namespace_name', 'kubernetes_namespace_name', 'namespace_name', 'ns'],
  pod: ['pod', 'k8s_pod_name', 'kubernetes_pod_name', 'pod_name'],
  container: ['container', 'k8s_container_name', 'kubernetes_container_name', 'container_name'],
  app: ['app', 'app_kubernetes_io_name', 'service_name', 'k8s_deployment_name', 'job'],
  unit: ['unit', 'systemd_unit', '_SYSTEMD_UNIT', '_systemd_unit', 'service_unit'],
  node: [
    'node',
    'node_name',
    'nodename',
    'k8s_node_name',
    'kubernetes_node_name',
    'hostname',
    'host',
    'host_name',
    'instance',
  ],
} as const;

export type LabelRole = keyof typeof NAMES;

/** The labels that a Loki has for each role, the most common name first; empty where it has none. */
export type LabelRoles = Readonly<Record<LabelRole, readonly string[]>>;

/** Sorts the names of labels by what they say. */
export function rolesOf(labels: readonly string[]): LabelRoles {
  const known = new Set(labels);
  const of = (role: LabelRole) => NAMES[role].filter((name) => known.has(name));
  return {
    namespace: of('namespace'),
    pod: of('pod'),
    container: of('container'),
    app: of('app'),
    unit: of('unit'),
    node: of('node'),
  };
}

/** The names that a label goes by elsewhere: for `host` all those of nodes. Empty for a label that says something else. */
export function otherNames(label: string): readonly string[] {
  const role = Object.values(NAMES).find((names) => names.some((name) => name === label.toLowerCase()));
  return role?.filter((name) => name !== label) ?? [];
}

const KEPT_MS = 60_000;
const DAY_NS = 86_400_000_000_000n;

const known = new WeakMap<Loki, { at: number; roles: LabelRoles }>();

/** The roles of the labels that streams had in the day before `now`, asked for once a minute at most. */
export async function labelRoles(loki: Loki, now: Date, signal: AbortSignal): Promise<LabelRoles> {
  const found = known.get(loki);
  const at = performance.now();
  if (found !== undefined && at - found.at < KEPT_MS) return found.roles;
  const end = nanosecondsOf(now);
  const roles = rolesOf(await loki.labels({ start: end - DAY_NS, end }, signal));
  known.set(loki, { at, roles });
  return roles;
}
