import type { Cell } from '../../answer.ts';
import { countOf } from '../../brief-text.ts';
import { showShare } from '../../format-ratio.ts';
import { at, entriesAt, type JsonObject, textAt } from '../json.ts';
import { parseQuantity } from '../quantity.ts';
import { type JoinedPods, type PodMeasure, unmeasuredNotes } from './pod-measure.ts';
import { type Amounts, plus } from './pod-resources.ts';
import {
  isNearMemoryLimit,
  throttledShare,
  totalOf,
  type View,
  type ViewAnswer,
  wasOomKilledLately,
} from './pods-view.ts';
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
import type { Trouble } from './trouble.ts';

/** What is nearest to its limit in one ResourceQuota. */
interface QuotaUse {
  namespace: string;
  /** For example `requests.memory`, `pods`. */
  resource: string;
  /** Used over hard; more than 1 where the quota came after the objects. */
  share: number;
}

/** Picks from a ResourceQuota what is nearest to its limit; undefined where nothing is limited. */
export function quotaUse(quota: JsonObject): QuotaUse | undefined {
  const namespace = textAt(quota, 'metadata', 'namespace') ?? '';
  const uses = entriesAt(quota, 'status', 'hard').flatMap(([resource, hard]) => {
    const used = parseQuantity(at(quota, 'status', 'used', resource));
    const share = shareOf(used, parseQuantity(hard));
    return share === null ? [] : [{ namespace, resource, share }];
  });
  return highestFirst(
    uses,
    ({ share }) => share,
    ({ resource }) => resource,
  )[0];
}

interface NamespaceMeasure {
  name: string;
  pods: readonly PodMeasure[];
  used: Amounts;
  requests: Amounts;
  quota: QuotaUse | null;
}

/** Namespaces, highest first: their pods together, beside what these asked for and what quotas allow. */
export function namespacesView(
  joined: JoinedPods,
  quotas: readonly QuotaUse[],
  trouble: Trouble,
  view: View,
): ViewAnswer {
  const nearest = Map.groupBy(quotas, ({ namespace }) => namespace);
  const measured = [...Map.groupBy(joined.measured, ({ namespace }) => namespace)].map(([name, pods]) => ({
    name,
    pods,
    used: sumOf(pods, ({ used }) => used),
    requests: sumOf(pods, ({ resources }) => resources?.running ?? NOT_KNOWN),
    quota: highestFirst(nearest.get(name) ?? [], shareIn, resourceIn)[0] ?? null,
  }));
  const rows = highestFirst(measured, (each) => sortNumber(each, view.sort), nameOf);
  const cells = rows.map((each) => cellsOf(each, trouble, view.now));
  const [first] = rows;
  return {
    summary: summaryOf(rows, joined.measured),
    tables: rows.length === 0 ? [] : [{ ...denseColumns(COLUMNS, cells), order: 'highest first', limit: view.limit }],
    notes: [...unmeasuredNotes(joined, view.now), ...trouble.notes],
    next:
      first === undefined
        ? []
        : [{ tool: 'k8s.top', arguments: { kind: 'pods', namespace: first.name, sort: view.sort } }],
  };
}

const NOT_KNOWN: Amounts = { cpu: null, memory: null };

const COLUMNS = [
  'namespace',
  'pods',
  'cpu',
  'cpuRequests',
  'cpuOfRequest%',
  'memory',
  'memoryRequests',
  'memoryOfRequest%',
  'quota%',
  'remarks',
] as const;

function cellsOf({ name, pods, used, requests, quota }: NamespaceMeasure, trouble: Trouble, now: Date): Cell[] {
  const near = pods.filter(isNearMemoryLimit).length;
  const killed = pods.filter((pod) => wasOomKilledLately(pod, trouble, now)).length;
  const slow = pods.filter((pod) => throttledShare(pod, trouble) >= MUCH_THROTTLED).length;
  const remarks = [
    ...(quota !== null && quota.share >= NEAR_LIMIT ? [`quota of ${quota.resource}`] : []),
    ...(near === 0 ? [] : [`${near} near OOM`]),
    ...(killed === 0 ? [] : [`${killed} OOM-killed within 1h`]),
    ...(slow === 0 ? [] : [`${slow} throttled`]),
  ];
  return [
    name,
    pods.length,
    coresCell(used.cpu),
    coresCell(requests.cpu),
    percentCell(shareOf(used.cpu, requests.cpu)),
    bytesCell(used.memory),
    bytesCell(requests.memory),
    percentCell(shareOf(used.memory, requests.memory)),
    percentCell(quota?.share ?? null),
    remarks.length === 0 ? null : remarks.join(', '),
  ];
}

function sumOf(pods: readonly PodMeasure[], amounts: (pod: PodMeasure) => Amounts): Amounts {
  const sum = (resource: keyof Amounts) =>
    pods.reduce<number | null>((total, pod) => plus(total, amounts(pod)[resource]), null);
  return { cpu: sum('cpu'), memory: sum('memory') };
}

function sortNumber({ used, requests }: NamespaceMeasure, sort: Sort): number | null {
  if (sort === 'cpu' || sort === 'memory') return used[sort];
  const resource = sort === 'cpuPercent' ? 'cpu' : 'memory';
  return shareOf(used[resource], requests[resource]);
}

function summaryOf(namespaces: readonly NamespaceMeasure[], pods: readonly PodMeasure[]): string {
  if (namespaces.length === 0) return 'no pod has samples';
  const near = pods.filter(isNearMemoryLimit).length;
  const tight = namespaces.filter(({ quota }) => quota !== null && quota.share >= NEAR_LIMIT).length;
  return [
    `${countOf(pods.length, 'pod')} in ${countOf(namespaces.length, 'namespace')} ${pods.length === 1 ? 'uses' : 'use'} ${totalOf(pods)}`,
    ...(near === 0 ? [] : [`${near} over ${showShare(NEAR_LIMIT)} of their memory limit`]),
    ...(tight === 0 ? [] : [`${countOf(tight, 'namespace')} over ${showShare(NEAR_LIMIT)} of a quota`]),
  ].join('; ');
}

function shareIn({ share }: QuotaUse): number {
  return share;
}

function resourceIn({ resource }: QuotaUse): string {
  return resource;
}

function nameOf({ name }: { name: string }): string {
  return name;
}
