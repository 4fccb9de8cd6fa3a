import type { Cell } from '../../answer.ts';
import { countOf, listNames } from '../../brief-text.ts';
import { showBytes } from '../../format-bytes.ts';
import { showShare } from '../../format-ratio.ts';
import { isWanted } from '../health/nodes.ts';
import { at, isTrueAt, type JsonObject, listAt, textAt } from '../json.ts';
import { parseQuantity, showCores } from '../quantity.ts';
import { type Amounts, greater, isOver, type PodResources, plus } from './pod-resources.ts';
import type { View, ViewAnswer } from './pods-view.ts';
import {
  bytesCell,
  coresCell,
  denseColumns,
  highestFirst,
  NEAR_LIMIT,
  percentCell,
  type Sort,
  shareOf,
} from './shares.ts';
import type { NodeUsage } from './usage.ts';

/** What usage of a node is held against. */
interface NodeCapacity {
  name: string;
  addresses: readonly string[];
  allocatable: Amounts;
  /** Conditions that speak against it: `NotReady`, `MemoryPressure`, `cordoned`. */
  troubles: readonly string[];
}

/** Picks what usage of a node is held against. */
export function nodeCapacity(node: JsonObject): NodeCapacity {
  const conditions = listAt(node, 'status', 'conditions');
  const ready = conditions.find((each) => textAt(each, 'type') === 'Ready');
  const problems = conditions.flatMap((each) => {
    const type = textAt(each, 'type') ?? '';
    if (type === 'Ready') return [];
    const isGood = isWanted(type);
    if (textAt(each, 'status') !== (isGood ? 'False' : 'True')) return [];
    return [isGood ? `${type}=False` : type];
  });
  return {
    name: textAt(node, 'metadata', 'name') ?? '',
    addresses: listAt(node, 'status', 'addresses').flatMap((each) => textAt(each, 'address') ?? []),
    allocatable: {
      cpu: parseQuantity(at(node, 'status', 'allocatable', 'cpu')),
      memory: parseQuantity(at(node, 'status', 'allocatable', 'memory')),
    },
    troubles: [
      ...(textAt(ready, 'status') === 'True' ? [] : ['NotReady']),
      ...problems.sort(),
      ...(isTrueAt(node, 'spec', 'unschedulable') ? ['cordoned'] : []),
    ],
  };
}

/** Usage of one node beside what it has to give and what its pods were promised. */
interface NodeMeasure {
  name: string;
  used: Amounts;
  capacity: NodeCapacity | null;
  promised: Promised | null;
}

interface Promised {
  pods: number;
  requests: Amounts;
  limits: Amounts;
}

/** Nodes, highest first, beside what they can give and what is promised to their pods. */
export function nodesView(
  usage: readonly NodeUsage[],
  nodes: readonly NodeCapacity[] | null,
  pods: readonly PodResources[] | null,
  { sort, limit }: View,
): ViewAnswer {
  const { measured, strangers } = joinNodes(usage, nodes, pods);
  const rows = highestFirst(measured, (node) => sortNumber(node, sort), nameOf);
  const table = denseColumns(COLUMNS, rows.map(cellsOf));
  const seen = new Set(rows.map(nameOf));
  const silent = (nodes ?? []).filter(({ name }) => !seen.has(name));
  const [worst] = rows.filter(({ capacity }) => (capacity?.troubles.length ?? 0) > 0).map(nameOf);
  const look = silent[0]?.name ?? worst;
  return {
    summary: summaryOf(rows),
    tables: rows.length === 0 ? [] : [{ ...table, order: 'highest first', limit }],
    notes: [
      ...(silent.length === 0
        ? []
        : [`${countOf(silent.length, 'node')} without samples, not shown: ${listNames(silent.map(withTroubles), 5)}`]),
      ...(strangers.length === 0
        ? []
        : [`samples of ${listNames(strangers, 3)} left out: not the name or address of a node`]),
    ],
    next: look === undefined ? [] : [{ tool: 'k8s.get', arguments: { kind: 'node', name: look } }],
  };
}

const COLUMNS = [
  'node',
  'pods',
  'cpu',
  'cpuOfAllocatable%',
  'cpuRequests%',
  'cpuLimits%',
  'memory',
  'memoryOfAllocatable%',
  'memoryRequests%',
  'memoryLimits%',
  'remarks',
] as const;

function joinNodes(
  usage: readonly NodeUsage[],
  nodes: readonly NodeCapacity[] | null,
  pods: readonly PodResources[] | null,
): { measured: NodeMeasure[]; strangers: string[] } {
  const called = new Map<string, NodeCapacity>();
  for (const node of nodes ?? []) for (const address of node.addresses) called.set(address, node);
  for (const node of nodes ?? []) called.set(node.name, node);
  const promised = pods === null ? null : promisedByNode(pods);
  const measured = new Map<string, NodeMeasure>();
  const strangers = new Set<string>();
  for (const { names, used } of usage) {
    const capacity = names.flatMap((each) => called.get(each) ?? [])[0] ?? null;
    const name = capacity?.name ?? names[0] ?? 'unnamed';
    if (nodes !== null && capacity === null) {
      strangers.add(name);
      continue;
    }
    const share = promised?.get(name) ?? (promised === null ? null : NOTHING);
    // Scraped twice: both are of the same node, and the order they come in is not steady.
    const before = measured.get(name)?.used;
    const most = {
      cpu: greater(before?.cpu ?? null, used.cpu),
      memory: greater(before?.memory ?? null, used.memory),
    };
    measured.set(name, { name, used: most, capacity, promised: share });
  }
  return { measured: [...measured.values()], strangers: [...strangers].sort() };
}

const NOTHING: Promised = { pods: 0, requests: { cpu: 0, memory: 0 }, limits: { cpu: 0, memory: 0 } };

function promisedByNode(pods: readonly PodResources[]): Map<string, Promised> {
  const nodes = new Map<string, Promised>();
  for (const pod of pods) {
    if (pod.node === null || isOver(pod)) continue;
    const before = nodes.get(pod.node) ?? NOTHING;
    nodes.set(pod.node, {
      pods: before.pods + 1,
      requests: addAmounts(before.requests, pod.requests),
      limits: addAmounts(before.limits, pod.limits),
    });
  }
  return nodes;
}

function addAmounts(left: Amounts, right: Amounts): Amounts {
  return { cpu: plus(left.cpu, right.cpu), memory: plus(left.memory, right.memory) };
}

function cellsOf({ name, used, capacity, promised }: NodeMeasure): Cell[] {
  const share = (amounts: Amounts | undefined, resource: keyof Amounts) =>
    percentCell(shareOf(amounts?.[resource] ?? null, capacity?.allocatable[resource] ?? null));
  const remarks = [
    ...(isFull(used, capacity) ? [`memory over ${showShare(NEAR_LIMIT)}`] : []),
    ...(capacity?.troubles ?? []),
  ];
  return [
    name,
    promised?.pods ?? null,
    coresCell(used.cpu),
    share(used, 'cpu'),
    share(promised?.requests, 'cpu'),
    share(promised?.limits, 'cpu'),
    bytesCell(used.memory),
    share(used, 'memory'),
    share(promised?.requests, 'memory'),
    share(promised?.limits, 'memory'),
    remarks.length === 0 ? null : remarks.join(', '),
  ];
}

function isFull(used: Amounts, capacity: NodeCapacity | null): boolean {
  return (shareOf(used.memory, capacity?.allocatable.memory ?? null) ?? 0) >= NEAR_LIMIT;
}

function sortNumber({ used, capacity }: NodeMeasure, sort: Sort): number | null {
  if (sort === 'cpu' || sort === 'memory') return used[sort];
  const resource = sort === 'cpuPercent' ? 'cpu' : 'memory';
  return shareOf(used[resource], capacity?.allocatable[resource] ?? null);
}

function summaryOf(nodes: readonly NodeMeasure[]): string {
  if (nodes.length === 0) return 'no node has samples';
  const sum = (of: (node: NodeMeasure) => number | null | undefined) =>
    nodes.reduce<number | null>((total, node) => plus(total, of(node) ?? null), null);
  const part = (resource: keyof Amounts, show: (amount: number) => string, unit: string) => {
    const used = sum((node) => node.used[resource]);
    const whole = sum((node) => node.capacity?.allocatable[resource]);
    if (used === null) return `unknown ${resource}`;
    const share = shareOf(used, whole);
    const promised = shareOf(
      sum((node) => node.promised?.requests[resource]),
      whole,
    );
    const of = share === null || whole === null ? '' : ` of ${show(whole)}`;
    const shares = [
      ...(share === null ? [] : [showShare(share)]),
      ...(promised === null ? [] : [`${showShare(promised)} requested`]),
    ];
    return `${show(used)}${of}${unit}${shares.length === 0 ? '' : ` (${shares.join(', ')})`}`;
  };
  const full = nodes.filter(({ used, capacity }) => isFull(used, capacity)).length;
  return [
    `${countOf(nodes.length, 'node')} ${nodes.length === 1 ? 'uses' : 'use'} ${part('cpu', showCores, ' cores')}, ${part('memory', showBytes, ' memory')}`,
    ...(full === 0 ? [] : [`${full} over ${showShare(NEAR_LIMIT)} of memory`]),
  ].join('; ');
}

function withTroubles({ name, troubles }: NodeCapacity): string {
  return troubles.length === 0 ? name : `${name} (${troubles.join(' ')})`;
}

function nameOf({ name }: { name: string }): string {
  return name;
}
