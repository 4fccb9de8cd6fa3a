import type { Amounts } from './pod-resources.ts';

/** What the containers of a pod use; CPU over the window of the sample, memory as working set. */
export interface PodUsage {
  namespace: string;
  name: string;
  containers: readonly (Amounts & { name: string })[];
}

/** What a node uses. */
export interface NodeUsage {
  /** What it may be called: its name, or an address that its exporter was scraped at. The first is the best. */
  names: readonly string[];
  used: Amounts;
}

/** Samples of one source, never of two. */
export interface Sampled<T> {
  items: readonly T[];
  /** For example `metrics.k8s.io`. */
  source: string;
  /** When the latest sample was taken; null where the source does not say. */
  asOf: Date | null;
  /** What the samples cover, for example `CPU over 15s`. */
  window: string;
  notes: readonly string[];
}

/** The key of a pod among all. No name has a slash. */
export function podKey({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}
