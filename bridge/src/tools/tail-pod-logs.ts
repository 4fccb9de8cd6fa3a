import * as z from 'zod';
import type { Answer } from '../answer.ts';
import { countOf } from '../brief-text.ts';
import { invalidArgument, ToolError } from '../errors.ts';
import { isQuiet, type LogContainer, logContainersOf } from '../kubernetes/logs/log-containers.ts';
import {
  betweenRuns,
  emptyLogs,
  logCoverage,
  searchNotes,
  silentNotes,
  stopNotes,
} from '../kubernetes/logs/log-gaps.ts';
import { logNextCalls } from '../kubernetes/logs/log-next-calls.ts';
import { logSummary } from '../kubernetes/logs/log-summary.ts';
import { containerLabels, kindTable, lineTables } from '../kubernetes/logs/log-tables.ts';
import { readPodLogs } from '../kubernetes/logs/read-pod-logs.ts';
import { podsOfWorkload, type WorkloadPods } from '../kubernetes/logs/workload-pods.ts';
import { notFound } from '../kubernetes/named-object.ts';
import { createLineFilter } from '../logs/line-filter.ts';
import { parseSince } from '../moment.ts';
import { configured, defineTool, type ToolContext } from '../tool.ts';
import type { Kubernetes } from '../upstreams/kubernetes.ts';

const NAME = 'tail.pod_logs';
const MAX_PODS = 20;
const DEFAULT_LINES = 100;

const input = z.strictObject({
  namespace: z.string().describe('Its namespace'),
  pod: z.string().optional().describe('Pod name'),
  workload: z.string().optional().describe('Instead: name, kind/name'),
  container: z.string().optional().describe('Default all'),
  lines: z.int().min(1).max(1000).default(DEFAULT_LINES).describe('Most shown'),
  since: z.string().optional().describe('15m, or RFC 3339'),
  previous: z.boolean().optional().describe('Run before restart'),
  grep: z.string().optional().describe('RE2'),
  exclude: z.string().optional().describe('RE2'),
  fold: z.boolean().optional().describe('Count by kind'),
});

/** `tail.pod_logs`: the newest lines of a pod's or a workload's containers, or what kinds of messages they hold. */
export const tailPodLogs = defineTool({
  name: NAME,
  title: 'Pod logs',
  description:
    'Newest log lines of a pod or workload, redacted. since, grep and exclude search, many matches fold by kind, errors first.',
  input,
  paged: true,
  run: async (args, context) => {
    const kubernetes = configured(context.upstreams.kubernetes, 'Kubernetes API', 'TELEMCP_KUBERNETES');
    const { pods, notes } = await choosePods(kubernetes, args, context.signal);
    const containers = chooseContainers(pods, args.container);
    return answerOf(args, containers, { kubernetes, context, notes, pods: pods.length });
  },
});

type Arguments = z.infer<typeof input>;

async function choosePods(
  kubernetes: Kubernetes,
  { namespace, pod, workload }: Arguments,
  signal: AbortSignal,
): Promise<Pick<WorkloadPods, 'pods' | 'notes'>> {
  if ((pod === undefined) === (workload === undefined)) {
    throw invalidArgument('pod', 'give either pod or workload', 'For example workload="deployment/ledger".');
  }
  if (pod !== undefined) {
    const type = await kubernetes.resolve('v1/Pod', signal);
    try {
      return { pods: [await kubernetes.get(type, { namespace, name: pod }, signal)], notes: [] };
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'not_found') throw error;
      throw await notFound({ namespace, name: pod }, type, kubernetes, signal);
    }
  }
  const found = await podsOfWorkload(kubernetes, namespace, workload ?? '', signal);
  if (found.pods.length === 0) {
    throw new ToolError('not_found', `${[`${found.workload} has no pods now`, ...found.notes].join('; ')}`, {
      upstream: kubernetes.name,
      hint: `k8s.events with namespace="${namespace}" may say why.`,
    });
  }
  const worstFirst = found.pods.toSorted((a, b) => Number(isQuiet(a)) - Number(isQuiet(b)));
  const more = found.pods.length - MAX_PODS;
  const cut =
    more <= 0
      ? []
      : [
          `${more} of ${found.pods.length} pods were not read, unready and restarted ones come first; name a pod to read it`,
        ];
  return { pods: worstFirst.slice(0, MAX_PODS), notes: [...found.notes, ...cut] };
}

function chooseContainers(pods: WorkloadPods['pods'], wanted: string | undefined): LogContainer[] {
  const all = pods.flatMap(logContainersOf);
  const chosen = wanted === undefined ? all : all.filter((each) => each.name === wanted);
  if (chosen.length === 0) {
    const names = [...new Set(all.map((each) => each.name))];
    throw new ToolError('not_found', `${all[0]?.pod ?? 'the pod'} has no container "${wanted}"`, {
      upstream: 'kubernetes',
      hint: `It has ${names.join(', ')}.`,
    });
  }
  return chosen.toSorted((a, b) => Number(a.type === 'init') - Number(b.type === 'init'));
}

interface Asking {
  kubernetes: Kubernetes;
  context: ToolContext;
  notes: readonly string[];
  pods: number;
}

async function answerOf(args: Arguments, containers: readonly LogContainer[], asking: Asking): Promise<Answer> {
  const { kubernetes, context, pods } = asking;
  const { now } = context;
  const { lines, previous = false, fold, grep, exclude } = args;
  const since = args.since === undefined ? null : parseSince(args.since, now);
  const isSearch = since !== null || grep !== undefined || exclude !== undefined || fold === true;
  const labelOf = containerLabels(containers);
  const filter = createLineFilter({ grep, exclude });
  const { readings, failures, silent, folded } = await readPodLogs(
    kubernetes,
    containers,
    { lines, since, previous, isSearch, isFolded: isSearch && fold !== false, filter, labelOf, now },
    context.signal,
  );
  const kept = readings.reduce((sum, reading) => sum + reading.kept, 0);
  const kinds = folded !== null && (fold === true || kept > lines) ? folded : null;
  const { tables, cut } =
    kinds === null
      ? lineTables(readings, lines, { now, labelOf, isSearch })
      : {
          tables: [
            kindTable(
              kinds,
              readings.map(({ container }) => labelOf(container)),
              now,
            ),
          ],
          cut: null,
        };
  const coverage = logCoverage(readings, failures, labelOf);
  return {
    title: `${args.namespace}/${args.pod ?? args.workload}${args.container === undefined ? '' : ` ${args.container}`}`,
    source: kubernetes.name,
    asOf: now,
    window: `${showWindow(args, isSearch)}, times in UTC`,
    summary: `${countOf(pods, 'pod')}, ${countOf(containers.length, 'container')}: ${logSummary(readings, { lines, isSearch, kinds, failed: failures.length })}`,
    ...(coverage === undefined ? {} : { coverage }),
    tables: kept === 0 ? [] : tables,
    notes: [
      ...filter.notes,
      ...asking.notes,
      ...silentNotes(
        [...silent, ...emptyLogs(readings, since !== null), ...(previous ? [] : betweenRuns(readings))],
        labelOf,
      ),
      ...stopNotes(readings, labelOf, now),
      ...(isSearch ? searchNotes(readings, labelOf) : []),
      ...(kinds !== null && kinds.unlisted > 0
        ? [
            `${kinds.unlisted} messages of rare kinds are not listed, so counts are the least there are; narrow with grep or since`,
          ]
        : []),
    ],
    next: logNextCalls(NAME, withoutDefaults(args), readings, { isFolded: kinds !== null, cut }),
  };
}

/** The arguments as a caller would write them again. */
function withoutDefaults({
  lines,
  ...args
}: Arguments): Readonly<Record<string, string | number | boolean | undefined>> {
  return { ...args, ...(lines === DEFAULT_LINES ? {} : { lines }) };
}

function showWindow({ since, previous = false }: Arguments, isSearch: boolean): string {
  const run = previous ? 'previous run, ' : '';
  return `${run}${since === undefined ? (isSearch ? 'all that the node keeps' : 'end of the log') : `since ${since}`}`;
}
