import type { Labels } from '../upstreams/prometheus-result.ts';

/** Labels that cAdvisor and kube-state-metrics put on series for machines: cgroup paths, digests, references of images. */
const MACHINE = new Set(['id', 'image', 'image_id', 'image_spec', 'container_id', 'name', 'uid', 'pod_uid']);

/** What such values look like: paths, references, digests and UUIDs, but no name that somebody chose. */
const MACHINE_VALUE = /^(?:\/|k8s_|[\w.-]+(?:\/|:\/\/)|[0-9a-f]{32,}$|[0-9a-f]{8}-[0-9a-f]{4}-)/;

/**
 * Labels for machines that say nothing more than the others do: each has one value for all series that agree in the rest. Those
 * that the expression speaks of are never among them.
 */
export function redundantLabels(all: readonly Labels[], expr: string): string[] {
  const candidates = [...MACHINE].filter(
    (label) => !new RegExp(String.raw`\b${label}\b`).test(expr) && varies(label, all) && isForMachines(label, all),
  );
  const keyOf = (labels: Labels) =>
    JSON.stringify(
      Object.entries(labels)
        .filter(([name]) => !candidates.includes(name))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  if (candidates.length === 0) return [];
  // Where the others are the same for several series, these labels tell them apart.
  return new Set(all.map(keyOf)).size === all.length ? candidates.sort() : [];
}

/** Labels without some of them. */
export function withoutLabels(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

function varies(label: string, all: readonly Labels[]): boolean {
  return all.some((labels) => labels[label] !== all[0]?.[label]);
}

function isForMachines(label: string, all: readonly Labels[]): boolean {
  return all.every((labels) => labels[label] === undefined || MACHINE_VALUE.test(labels[label]));
}
