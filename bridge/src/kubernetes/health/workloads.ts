import { isTrueAt, type JsonObject, numberAt, textAt } from '../json.ts';
import { type Condition, conditionsOf, deletionHealth, healthBy } from './conditions.ts';
import { type Health, healthy, type Judge, SEVERITY, timeOf, worstOf } from './judge.ts';

/** A Deployment, by its replicas and by what its conditions say of the rollout. */
export const judgeDeployment: Judge = (object, now) => {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const available = numberAt(object, 'status', 'availableReplicas') ?? 0;
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? 0;
  const conditions = conditionsOf(object);
  const progressing = conditions.find(({ type }) => type === 'Progressing');
  const stuck = progressing?.status === 'False' ? progressing : undefined;
  return worstOf(
    [
      deletionHealth(object, now),
      replicaFailure(conditions, now),
      stuck === undefined ? null : healthBy(stuck, now, { state: 'NotProgressing', severity: SEVERITY.failing }),
      missing(object, { wanted, have: available, what: 'available' }, { since: lackedSince(conditions), now }),
      isTrueAt(object, 'spec', 'paused') ? paused(updated, wanted) : null,
      updated < wanted && stuck === undefined ? rollingOut(updated, wanted) : null,
      unobserved(object),
    ],
    healthy(wanted === 0 ? 'ScaledToZero' : 'Available'),
  );
};

/** A StatefulSet, by its replicas and their revision. */
export const judgeStatefulSet: Judge = (object, now) => {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? wanted;
  const current = textAt(object, 'status', 'currentRevision');
  const rolling = current !== undefined && textAt(object, 'status', 'updateRevision') !== current && updated < wanted;
  // Pods with a lower ordinal keep the old revision for as long as the partition stands.
  const kept = Math.min(numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0, wanted);
  const isHeld = kept > 0 && updated >= wanted - kept;
  return worstOf(
    [
      deletionHealth(object, now),
      missing(object, { wanted, have: ready, what: 'ready' }, { since: null, now }),
      !rolling
        ? null
        : isHeld
          ? {
              ...rollingOut(updated, wanted),
              state: 'Partitioned',
              why: `${updated}/${wanted} updated, partition ${kept}`,
            }
          : rollingOut(updated, wanted, object),
      unobserved(object),
    ],
    healthy(wanted === 0 ? 'ScaledToZero' : 'Ready'),
  );
};

/** A DaemonSet, by how many of the nodes that want it have it ready. */
export const judgeDaemonSet: Judge = (object, now) => {
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled') ?? 0;
  const ready = numberAt(object, 'status', 'numberReady') ?? 0;
  const updated = numberAt(object, 'status', 'updatedNumberScheduled') ?? wanted;
  const astray = numberAt(object, 'status', 'numberMisscheduled') ?? 0;
  return worstOf(
    [
      deletionHealth(object, now),
      missing(object, { wanted, have: ready, what: 'ready' }, { since: null, now }),
      updated < wanted ? rollingOut(updated, wanted, object) : null,
      astray > 0
        ? { state: 'Misscheduled', severity: SEVERITY.note, why: `${astray} on nodes that should not`, since: null }
        : null,
      unobserved(object),
    ],
    healthy(wanted === 0 ? 'NoNodes' : 'Ready'),
  );
};

/** A ReplicaSet or ReplicationController; old ones of a Deployment are scaled to zero and healthy. */
export const judgeReplicaSet: Judge = (object, now) => {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  return worstOf(
    [
      deletionHealth(object, now),
      replicaFailure(conditionsOf(object), now),
      missing(object, { wanted, have: ready, what: 'ready' }, { since: null, now }),
    ],
    healthy(wanted === 0 ? 'ScaledToZero' : 'Ready'),
  );
};

function replicaFailure(conditions: readonly Condition[], now: Date): Health | null {
  const failure = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  if (failure === undefined) return null;
  return healthBy(failure, now, { state: 'ReplicaFailure', severity: SEVERITY.broken });
}

/** Pods of what was just made are on their way, milliseconds. */
const STARTING_MS = 2 * 60_000;

/** None there is worse than some missing. */
function missing(
  object: JsonObject,
  { wanted, have, what }: { wanted: number; have: number; what: string },
  { since, now }: { since: number | null; now: Date },
): Health | null {
  if (have >= wanted) return null;
  const created = timeOf(textAt(object, 'metadata', 'creationTimestamp'));
  if (created !== null && now.getTime() - created < STARTING_MS)
    return { state: 'Starting', severity: SEVERITY.note, why: `${have}/${wanted} ${what}`, since: created };
  const severity = have === 0 ? SEVERITY.broken - 5 : SEVERITY.degraded + 5;
  return {
    state: have === 0 ? 'Down' : 'Degraded',
    severity,
    why: have === 0 ? `none of ${wanted} ${what}` : `${wanted - have} of ${wanted} not ${what}`,
    since,
  };
}

function lackedSince(conditions: readonly Condition[]): number | null {
  return conditions.find(({ type, status }) => type === 'Available' && status === 'False')?.since ?? null;
}

function rollingOut(updated: number, wanted: number, object: JsonObject = {}): Health {
  const isByHand = textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  const state = isByHand ? 'OutOfDate' : 'RollingOut';
  const why = `${updated}/${wanted} updated${isByHand ? ', OnDelete' : ''}`;
  return { state, severity: SEVERITY.note, why, since: null };
}

/** Nothing is rolled out while a Deployment is paused, however much of it is out of date. */
function paused(updated: number, wanted: number): Health {
  const why = updated < wanted ? `rollout is paused at ${updated}/${wanted} updated` : 'rollout is paused';
  return { state: 'Paused', severity: SEVERITY.note, why, since: null };
}

/** The controller has not looked at the latest change: what the status says is of an older object. */
function unobserved(object: JsonObject): Health | null {
  const seen = numberAt(object, 'status', 'observedGeneration');
  const wanted = numberAt(object, 'metadata', 'generation');
  if (seen === undefined || wanted === undefined || seen >= wanted) return null;
  return { state: 'Unobserved', severity: SEVERITY.note, why: 'status is of an older spec', since: null };
}
