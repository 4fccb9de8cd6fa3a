import { invalidArgument, ToolError } from '../../errors.ts';
import { nearestNames } from '../../nearest-names.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';
import { entriesAt, type Json, type JsonObject, listAt, textAt } from '../json.ts';
import { notFound } from '../named-object.ts';
import { ownerOf } from '../owners.ts';

/** The pods of a workload. */
export interface WorkloadPods {
  /** As `Deployment/ledger`. */
  workload: string;
  pods: readonly JsonObject[];
  notes: readonly string[];
}

/** In the order in which a name without a kind is looked for. */
const KINDS = ['deployment', 'statefulset', 'daemonset', 'cronjob', 'job', 'replicaset'] as const;

/**
 * The pods that a workload controls now: those its selector finds and whose owner it is. `written` is a name, or kind and name
 * as `deployment/ledger`. Of a CronJob, the pods of its newest Job.
 * @throws {ToolError} `invalid_argument` for another kind, `not_found` with the nearest names
 */
export async function podsOfWorkload(
  kubernetes: Kubernetes,
  namespace: string,
  written: string,
  signal: AbortSignal,
): Promise<WorkloadPods> {
  const { found, others } = await findWorkload(kubernetes, namespace, written, signal);
  const notes = others.length === 0 ? [] : [`there is also ${others.map(labelOf).join(', ')}`];
  if (found.kind !== 'CronJob') {
    return { workload: labelOf(found), pods: await podsOf(kubernetes, namespace, found, signal), notes };
  }
  const job = await newestJob(kubernetes, namespace, found.object, signal);
  const workload = labelOf(found);
  if (job === null) return { workload, pods: [], notes: [...notes, 'it has no Job now'] };
  const name = textAt(job, 'metadata', 'name') ?? '';
  const pods = await podsOf(kubernetes, namespace, { kind: 'Job', object: job }, signal);
  return { workload, pods, notes: [...notes, `pods of its newest Job ${name}`] };
}

interface Workload {
  kind: string;
  object: JsonObject;
}

async function findWorkload(
  kubernetes: Kubernetes,
  namespace: string,
  written: string,
  signal: AbortSignal,
): Promise<{ found: Workload; others: Workload[] }> {
  const [first = '', second, ...rest] = written.split('/');
  const name = second ?? first;
  if (name === '' || rest.length > 0) throw invalidArgument('workload', `"${written}" is neither a name nor kind/name`);
  if (second !== undefined) {
    const type = await kubernetes.resolve(first, signal);
    if (!KINDS.some((kind) => kind === type.kind.toLowerCase()))
      throw invalidArgument('workload', `a ${type.kind} has no pods of its own`, `Kinds are ${KINDS.join(', ')}.`);
    try {
      return {
        found: { kind: type.kind, object: await kubernetes.get(type, { namespace, name }, signal) },
        others: [],
      };
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'not_found') throw error;
      throw await notFound({ namespace, name }, type, kubernetes, signal);
    }
  }
  const asked = await Promise.allSettled(
    KINDS.map((kind) => getWorkload(kubernetes, kind, { namespace, name }, signal)),
  );
  const [found, ...others] = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (found !== undefined) return { found, others };
  // Where a kind could not be asked for, nobody knows that there is no such workload.
  for (const each of asked) {
    if (each.status === 'rejected' && !(each.reason instanceof ToolError && each.reason.code === 'not_found'))
      throw each.reason;
  }
  const near = nearestNames(name, await workloadNames(kubernetes, namespace, signal), 5);
  throw new ToolError('not_found', `no workload "${name}" in namespace ${namespace}`, {
    upstream: kubernetes.name,
    hint: near.length === 0 ? `Kinds looked for: ${KINDS.join(', ')}.` : `Near to it: ${near.join(', ')}.`,
  });
}

async function getWorkload(
  kubernetes: Kubernetes,
  kind: string,
  at: { namespace: string; name: string },
  signal: AbortSignal,
): Promise<Workload> {
  const type = await kubernetes.resolve(kind, signal);
  return { kind: type.kind, object: await kubernetes.get(type, at, signal) };
}

/** Names of workloads that last: those of Jobs and ReplicaSets are generated. */
async function workloadNames(kubernetes: Kubernetes, namespace: string, signal: AbortSignal): Promise<string[]> {
  const named = (object: JsonObject) => textAt(object, 'metadata', 'name');
  const lists = await Promise.all(
    ['deployment', 'statefulset', 'daemonset', 'cronjob'].map(async (kind) => {
      const { items } = await kubernetes.listMetadata(
        await kubernetes.resolve(kind, signal),
        { namespace },
        named,
        signal,
      );
      return items;
    }),
  );
  return [...new Set(lists.flat())];
}

async function podsOf(
  kubernetes: Kubernetes,
  namespace: string,
  { kind, object }: Workload,
  signal: AbortSignal,
): Promise<readonly JsonObject[]> {
  const labelSelector = selectorOf(object);
  // An empty selector would be all pods of the namespace.
  if (labelSelector === '') return [];
  const isOwn = ownerTest(kind, object);
  const type = await kubernetes.resolve('v1/Pod', signal);
  const query = { namespace, labelSelector };
  const { items } = await kubernetes.list(type, query, (pod) => (isOwn(pod) ? pod : undefined), signal);
  return items;
}

/** By kind and name of the controller, which are unique in a namespace; a Deployment controls its pods through a ReplicaSet. */
function ownerTest(kind: string, object: JsonObject): (pod: JsonObject) => boolean {
  const name = textAt(object, 'metadata', 'name');
  if (kind !== 'ReplicaSet') {
    return (pod) => {
      const owner = ownerOf(pod);
      return owner?.kind === kind && owner.name === name;
    };
  }
  return (pod) =>
    listAt(pod, 'metadata', 'ownerReferences').some(
      (owner) => textAt(owner, 'kind') === kind && textAt(owner, 'name') === name,
    );
}

/** A LabelSelector (meta/v1) in the form that a query takes. */
function selectorOf(object: JsonObject): string {
  const labels = entriesAt(object, 'spec', 'selector', 'matchLabels').map(([key, value]) => `${key}=${String(value)}`);
  const expressions = listAt(object, 'spec', 'selector', 'matchExpressions').map(expressionOf);
  return [...labels, ...expressions].join(',');
}

function expressionOf(expression: Json): string {
  const key = textAt(expression, 'key') ?? '';
  const values = listAt(expression, 'values').join(',');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return `${key} in (${values})`;
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

async function newestJob(
  kubernetes: Kubernetes,
  namespace: string,
  cronJob: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject | null> {
  const isOwn = ownerTest('CronJob', cronJob);
  const type = await kubernetes.resolve('batch/v1/Job', signal);
  const { items } = await kubernetes.list(type, { namespace }, (job) => (isOwn(job) ? job : undefined), signal);
  const created = (job: JsonObject) => textAt(job, 'metadata', 'creationTimestamp') ?? '';
  return items.toSorted((a, b) => (created(a) < created(b) ? 1 : -1))[0] ?? null;
}

function labelOf({ kind, object }: Workload): string {
  return `${kind}/${textAt(object, 'metadata', 'name') ?? ''}`;
}
