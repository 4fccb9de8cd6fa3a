import { setImmediate } from 'node:timers/promises';
import type { Answer, Cell } from '../../answer.ts';
import { countOf } from '../../brief-text.ts';
import { showBytes } from '../../format-bytes.ts';
import { showShare } from '../../format-ratio.ts';
import { secondsBetween, showAge } from '../../format-time.ts';
import { showCores } from '../quantity.ts';
import { type JoinedPods, type PodMeasure, unmeasuredNotes } from './pod-measure.ts';
import { plus } from './pod-resources.ts';
import {
  bytesCell,
  coresCell,
  denseColumns,
  highestFirst,
  MUCH_THROTTLED,
  NEAR_LIMIT,
  percentCell,
  type Sort,
  shareOf,
} from './shares.ts';
import type { OomEvidence, Trouble } from './trouble.ts';
import { podKey } from './usage.ts';

/** How the rows are to be shown. */
export interface View {
  sort: Sort;
  limit: number;
  namespace: string | undefined;
  now: Date;
}

/** The part of an answer that a view makes. */
export type ViewAnswer = Required<Pick<Answer, 'summary' | 'tables' | 'notes' | 'next'>>;

/** Pods, highest first, each with the reason to look at it where there is one. */
export async function podsView(joined: JoinedPods, trouble: Trouble, view: View): Promise<ViewAnswer> {
  const { sort, namespace, now } = view;
  // Tens of thousands must not hold up all other calls.
  await setImmediate();
  const pods = highestFirst(joined.measured, (pod) => sortNumber(pod, sort), podKey);
  const rows: Cell[][] = [];
  for (const [index, pod] of pods.entries()) {
    if (index % BATCH === 0) await setImmediate();
    rows.push(cellsOf(pod, trouble, view));
  }
  await setImmediate();
  const table = denseColumns(columnsFor(namespace), rows);
  const worst = worstOf(pods, trouble, now);
  return {
    summary: summaryOf(pods, trouble, now),
    tables: pods.length === 0 ? [] : [{ ...table, order: 'highest first', limit: view.limit }],
    notes: [...unmeasuredNotes(joined, now), ...trouble.notes],
    next:
      worst === undefined
        ? []
        : [{ tool: 'k8s.get', arguments: { kind: 'pod', namespace: worst.namespace, name: worst.name } }],
  };
}

const BATCH = 2000;

/** `812 cores, 1.2TiB`; says when one of them is not known. */
export function totalOf(pods: readonly PodMeasure[]): string {
  const cpu = pods.reduce<number | null>((sum, { used }) => plus(sum, used.cpu), null);
  const memory = pods.reduce<number | null>((sum, { used }) => plus(sum, used.memory), null);
  return `${cpu === null ? 'unknown CPU' : `${showCores(cpu)} cores`}, ${memory === null ? 'unknown memory' : showBytes(memory)}`;
}

/** Whether a container of the pod is about to reach its memory limit. */
export function isNearMemoryLimit({ ofLimit }: PodMeasure): boolean {
  return (ofLimit.memory?.share ?? 0) >= NEAR_LIMIT;
}

/** The share of its CPU periods in which a pod was throttled, 0 where that is not known. */
export function throttledShare(pod: PodMeasure, { throttled }: Trouble): number {
  return throttled === null ? 0 : (throttled.get(podKey(pod)) ?? 0);
}

/** Whether a container of the pod, or a process in it, was killed for its memory within the last hour. */
export function wasOomKilledLately(pod: PodMeasure, { oomKilled, evidence }: Trouble, now: Date): boolean {
  const killed = pod.resources?.oomKilledAt ?? null;
  const seen = evidence === 'last hour' && oomKilled.size > 0 && oomKilled.has(podKey(pod));
  return seen || (killed !== null && secondsBetween(killed, now.toISOString()) <= 3600);
}

function columnsFor(namespace: string | undefined): string[] {
  return [
    'pod',
    ...(namespace === undefined ? ['namespace'] : []),
    'node',
    'cpu',
    'cpuOfRequest%',
    'cpuOfLimit%',
    'memory',
    'memoryOfRequest%',
    'memoryOfLimit%',
    'throttled%',
    'remarks',
  ];
}

function cellsOf(pod: PodMeasure, trouble: Trouble, { sort, namespace, now }: View): Cell[] {
  const { used, resources, ofLimit } = pod;
  const key = podKey(pod);
  return [
    pod.name,
    ...(namespace === undefined ? [pod.namespace] : []),
    resources?.node ?? null,
    coresCell(used.cpu),
    percentCell(shareOf(used.cpu, resources?.running.cpu ?? null)),
    percentCell(ofLimit.cpu?.share ?? null),
    bytesCell(used.memory),
    percentCell(shareOf(used.memory, resources?.running.memory ?? null)),
    percentCell(ofLimit.memory?.share ?? null),
    percentCell(trouble.throttled?.get(key) ?? null),
    remarksOn(pod, trouble.oomKilled.has(key) ? OOM_SEEN[trouble.evidence] : null, sort, now),
  ];
}

const OOM_SEEN: Readonly<Record<OomEvidence, string>> = {
  'last hour': 'OOM kill within 1h (Prometheus)',
  'last end': 'last ended by OOM kill (Prometheus)',
};

function remarksOn(pod: PodMeasure, oomSeen: string | null, sort: Sort, now: Date): Cell {
  const { resources, ofLimit } = pod;
  const killed = resources?.oomKilledAt ?? null;
  const restarts = resources?.restarts ?? 0;
  const heaviest = pod.heaviest[resourceOf(sort)];
  const container = ofLimit.memory?.container ?? null;
  const remarks = [
    ...(isNearMemoryLimit(pod) ? [`${container === null ? '' : `${container} `}near OOM`] : []),
    ...(killed !== null
      ? [`OOM-killed ${showAge(secondsBetween(killed, now.toISOString()))} ago`]
      : oomSeen === null
        ? []
        : [oomSeen]),
    ...(restarts === 0 ? [] : [countOf(restarts, 'restart')]),
    ...(heaviest === null || heaviest.share < MOSTLY ? [] : [`mostly ${heaviest.container}`]),
  ];
  return remarks.length === 0 ? null : remarks.join(', ');
}

/** Below that no container stands for its pod. */
const MOSTLY = 0.6;

function resourceOf(sort: Sort): 'cpu' | 'memory' {
  return sort === 'cpu' || sort === 'cpuPercent' ? 'cpu' : 'memory';
}

function sortNumber({ used, ofLimit }: PodMeasure, sort: Sort): number | null {
  const resource = resourceOf(sort);
  return sort === resource ? used[resource] : (ofLimit[resource]?.share ?? null);
}

function summaryOf(pods: readonly PodMeasure[], trouble: Trouble, now: Date): string {
  if (pods.length === 0) return 'no pod has samples';
  const near = pods.filter(isNearMemoryLimit).length;
  const killed = pods.filter((pod) => wasOomKilledLately(pod, trouble, now)).length;
  const slow = pods.filter((pod) => throttledShare(pod, trouble) >= MUCH_THROTTLED);
  const [slowest] = highestFirst(slow, (pod) => throttledShare(pod, trouble), podKey);
  return [
    `${countOf(pods.length, 'pod')} ${pods.length === 1 ? 'uses' : 'use'} ${totalOf(pods)}`,
    ...(near === 0 ? [] : [`${near} over ${showShare(NEAR_LIMIT)} of their memory limit`]),
    ...(killed === 0 ? [] : [`${killed} OOM-killed within 1h`]),
    ...(slowest === undefined
      ? []
      : [
          `${slow.length} throttled in over ${showShare(MUCH_THROTTLED)} of periods, most ${podKey(slowest)} ${showShare(throttledShare(slowest, trouble))}`,
        ]),
  ].join('; ');
}

/** The pod that is nearest to its memory limit, else the one that was OOM-killed last. */
function worstOf(pods: readonly PodMeasure[], trouble: Trouble, now: Date): PodMeasure | undefined {
  const near = pods.filter(isNearMemoryLimit);
  if (near.length > 0) return highestFirst(near, (pod) => pod.ofLimit.memory?.share ?? null, podKey)[0];
  const killed = pods.filter((pod) => wasOomKilledLately(pod, trouble, now));
  return highestFirst(killed, (pod) => Date.parse(pod.resources?.oomKilledAt ?? '1970-01-01'), podKey)[0];
}
