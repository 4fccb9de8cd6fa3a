import { ToolError } from '../../errors.ts';
import type { Kubernetes, ResourceType, TableQuery } from '../../upstreams/kubernetes.ts';
import { type JsonObject, textAt } from '../json.ts';
import { judgeHpa, judgeVpa } from './autoscaling.ts';
import { deletionHealth, judgeByConditions } from './conditions.ts';
import { judgeEvent } from './events.ts';
import { judgeCronJob, judgeJob } from './jobs.ts';
import { healthy, type Judge } from './judge.ts';
import { judgeIngress, judgeNamespace, judgeService } from './network.ts';
import { judgeNode } from './nodes.ts';
import { judgePod } from './pods.ts';
import { judgeBudget, judgeQuota } from './policies.ts';
import { claimJudge, judgeVolume } from './storage.ts';
import { judgeDaemonSet, judgeDeployment, judgeReplicaSet, judgeStatefulSet } from './workloads.ts';

/** How objects of a kind are looked at when they are listed. */
export interface KindView {
  judge: Judge;
  /** What the judge needs of an object. */
  include: TableQuery['include'];
  /** Whether objects of this kind can be unwell at all: of a ConfigMap it would be odd to say that it is healthy. */
  judged: boolean;
  /** Columns whose values are counted over the whole list, as the server names them. */
  tallied: readonly string[];
  /** Whether any field of the object may be printed, as a CustomResourceDefinition wants it, credentials among them. */
  printsAny: boolean;
}

/** Objects that can only be there or be in deletion; their bodies may be big or secret and are never read for a list. */
const judgeExistence: Judge = (object, now) => deletionHealth(object, now) ?? healthy('');

/** Of kinds that are never unwell, and of what is too large to be read whole: only whether the deletion hangs is known. */
export const BARE: KindView = {
  judge: judgeExistence,
  include: 'Metadata',
  judged: false,
  tallied: [],
  printsAny: false,
};

function whole(judge: Judge, tallied: readonly string[] = []): KindView {
  return { judge, include: 'Object', judged: true, tallied, printsAny: false };
}

const VIEWS: ReadonlyMap<string, KindView> = new Map([
  ['Pod', whole(judgePod)],
  ['Node', whole(judgeNode, ['Version', 'Roles'])],
  ['Deployment.apps', whole(judgeDeployment)],
  ['StatefulSet.apps', whole(judgeStatefulSet)],
  ['DaemonSet.apps', whole(judgeDaemonSet)],
  ['ReplicaSet.apps', whole(judgeReplicaSet)],
  ['ReplicationController', whole(judgeReplicaSet)],
  ['Job.batch', whole(judgeJob)],
  ['CronJob.batch', whole(judgeCronJob)],
  ['HorizontalPodAutoscaler.autoscaling', whole(judgeHpa)],
  ['VerticalPodAutoscaler.autoscaling.k8s.io', whole(judgeVpa)],
  ['PersistentVolumeClaim', whole(claimJudge(null))],
  ['PersistentVolume', whole(judgeVolume)],
  ['Namespace', whole(judgeNamespace)],
  ['Service', whole(judgeService)],
  ['Ingress.networking.k8s.io', whole(judgeIngress)],
  ['PodDisruptionBudget.policy', whole(judgeBudget)],
  ['ResourceQuota', whole(judgeQuota)],
  ['Event', { ...whole(judgeEvent), judged: false }],
  ['Event.events.k8s.io', { ...whole(judgeEvent), judged: false }],
  ...[
    'ConfigMap',
    'ControllerRevision.apps',
    'EndpointSlice.discovery.k8s.io',
    'Endpoints',
    'Lease.coordination.k8s.io',
    'LimitRange',
    'Secret',
    'ServiceAccount',
  ].map((kind): [string, KindView] => [kind, BARE]),
]);

const GENERIC: KindView = { ...whole(judgeByConditions), printsAny: true };

/** How to look at the objects of a type; types without a judge of their own are judged by the usual names of conditions. */
export function viewOf({ kind, group }: ResourceType): KindView {
  if (group === 'rbac.authorization.k8s.io') return BARE;
  return VIEWS.get(group === '' ? kind : `${kind}.${group}`) ?? GENERIC;
}

/** As `viewOf`, with what a judge must know of other objects: of claims the storage classes that wait for a pod. */
export async function viewWithin(type: ResourceType, kubernetes: Kubernetes, signal: AbortSignal): Promise<KindView> {
  const view = viewOf(type);
  if (type.kind !== 'PersistentVolumeClaim' || type.group !== '') return view;
  return { ...view, judge: claimJudge(await lazyClasses(kubernetes, signal)) };
}

async function lazyClasses(kubernetes: Kubernetes, signal: AbortSignal): Promise<ReadonlySet<string> | null> {
  try {
    const type = await kubernetes.resolve('storage.k8s.io/v1/StorageClass', signal);
    const nameOfLazy = (object: JsonObject) =>
      textAt(object, 'volumeBindingMode') === 'WaitForFirstConsumer' ? textAt(object, 'metadata', 'name') : undefined;
    return new Set((await kubernetes.list(type, {}, nameOfLazy, signal)).items);
  } catch (error) {
    // Whoever may not read them is told of claims only that they are not bound.
    if (!(error instanceof ToolError) || signal.aborted) throw error;
    return null;
  }
}
