import { setImmediate } from 'node:timers/promises';
import { countOf, listNames } from '../../brief-text.ts';
import { secondsBetween } from '../../format-time.ts';
import { type Amounts, isOver, type PodResources, plus } from './pod-resources.ts';
import { shareOf } from './shares.ts';
import { type PodUsage, podKey } from './usage.ts';

/** How near the container of a pod that is nearest to a limit of its own is to it. */
interface NearestLimit {
  share: number;
  /** Null where the limit is the whole pod's, or the pod has one container only. */
  container: string | null;
}

/** What a pod uses, beside what it asked for. */
export interface PodMeasure {
  namespace: string;
  name: string;
  used: Amounts;
  /** Null where pods may not be read. */
  resources: PodResources | null;
  ofLimit: Readonly<Record<keyof Amounts, NearestLimit | null>>;
  /** Of several containers the one that uses most, and its share of the pod. */
  heaviest: Readonly<Record<keyof Amounts, { container: string; share: number } | null>>;
}

/** Usage and pods put together. */
export interface JoinedPods {
  measured: readonly PodMeasure[];
  /** Pods that nobody measured. */
  unmeasured: readonly PodResources[];
  /** Samples of pods that are over, or gone by now. */
  gone: number;
}

/** Puts usage and pods together; all usage stands by itself where pods may not be read. */
export async function joinPods(usage: readonly PodUsage[], pods: readonly PodResources[] | null): Promise<JoinedPods> {
  if (pods === null) return { measured: usage.map((each) => measure(each, null)), unmeasured: [], gone: 0 };
  const left = new Map(pods.map((pod) => [podKey(pod), pod]));
  const measured: PodMeasure[] = [];
  for (const [index, each] of usage.entries()) {
    // Tens of thousands must not hold up all other calls.
    if (index % BATCH === 0) await setImmediate();
    const key = podKey(each);
    const pod = left.get(key);
    if (pod === undefined || isOver(pod)) continue;
    left.delete(key);
    measured.push(measure(each, pod));
  }
  return { measured, unmeasured: [...left.values()], gone: usage.length - measured.length };
}

const BATCH = 2000;

/** What is to be known of pods that no row shows. */
export function unmeasuredNotes({ unmeasured, gone }: JoinedPods, now: Date): string[] {
  const kinds = Map.groupBy(unmeasured, (pod) => whyUnmeasured(pod, now));
  const counted = WHY.flatMap((why) => {
    const pods = kinds.get(why) ?? [];
    if (pods.length === 0) return [];
    const nodes = [...new Set(pods.flatMap(({ node }) => node ?? []))].sort();
    return [`${pods.length} ${why}${why === 'running' && nodes.length > 0 ? ` on ${listNames(nodes, 3)}` : ''}`];
  });
  return [
    ...(counted.length === 0
      ? []
      : [`${countOf(unmeasured.length, 'pod')} without samples, not shown: ${counted.join(', ')}`]),
    ...(gone === 0 ? [] : [`samples of ${countOf(gone, 'pod')} left out: ended or deleted since`]),
  ];
}

const WHY = ['ended', 'pending', 'just started', 'with no container running', 'running'] as const;

/** A kubelet and a metrics-server together need up to two rounds before they know a new pod. */
const NEW_SECONDS = 120;

function whyUnmeasured(pod: PodResources, now: Date): (typeof WHY)[number] {
  if (isOver(pod)) return 'ended';
  if (pod.phase === 'Pending') return 'pending';
  if (!pod.isUp) return 'with no container running';
  const age = pod.startedAt === null ? 0 : secondsBetween(pod.startedAt, now.toISOString());
  return age < NEW_SECONDS ? 'just started' : 'running';
}

function measure(usage: PodUsage, resources: PodResources | null): PodMeasure {
  const total = (resource: keyof Amounts) =>
    usage.containers.reduce<number | null>((sum, each) => plus(sum, each[resource]), null);
  const used = { cpu: total('cpu'), memory: total('memory') };
  return {
    namespace: usage.namespace,
    name: usage.name,
    used,
    resources,
    ofLimit: {
      cpu: nearestLimit(usage, used, resources, 'cpu'),
      memory: nearestLimit(usage, used, resources, 'memory'),
    },
    heaviest: { cpu: heaviest(usage, used, 'cpu'), memory: heaviest(usage, used, 'memory') },
  };
}

function nearestLimit(
  usage: PodUsage,
  used: Amounts,
  resources: PodResources | null,
  resource: keyof Amounts,
): NearestLimit | null {
  if (resources === null) return null;
  const single = usage.containers.length === 1;
  let nearest: NearestLimit | null = null;
  const whole = shareOf(used[resource], resources.own[resource]);
  if (whole !== null) nearest = { share: whole, container: null };
  for (const container of usage.containers) {
    const limit = resources.containers.find(({ name }) => name === container.name)?.limits[resource] ?? null;
    const share = shareOf(container[resource], limit);
    if (share !== null && (nearest === null || share > nearest.share))
      nearest = { share, container: single ? null : container.name };
  }
  return nearest;
}

function heaviest(usage: PodUsage, used: Amounts, resource: keyof Amounts) {
  if (usage.containers.length < 2) return null;
  const [most] = usage.containers.toSorted(
    (a, b) => (b[resource] ?? 0) - (a[resource] ?? 0) || (a.name < b.name ? -1 : 1),
  );
  const share = shareOf(most?.[resource] ?? null, used[resource]);
  return most === undefined || share === null ? null : { container: most.name, share };
}
