import type { JsonObject } from '../../src/kubernetes/json.ts';
import { condition, type Named, object } from './cluster-objects.ts';
import { ago } from './seed-time.ts';

export interface WorkloadOptions extends Named {
  /** Wanted; 1 unless given. */
  replicas?: number;
  /** All unless given. */
  ready?: number;
  /** With the latest template; all unless given. */
  updated?: number;
  image?: string;
  /** `app: <name>` unless given. */
  selector?: Readonly<Record<string, string>>;
  conditions?: readonly JsonObject[];
  env?: Readonly<Record<string, string>>;
}

/** A Deployment; all replicas ready unless told. */
export function deployment(options: WorkloadOptions): JsonObject {
  const { replicas = 1, ready = replicas, updated = replicas } = options;
  const isAvailable = ready >= replicas - Math.floor(replicas / 4);
  const conditions = options.conditions ?? [
    condition({
      type: 'Available',
      status: isAvailable ? 'True' : 'False',
      reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: `Deployment ${isAvailable ? 'has' : 'does not have'} minimum availability.`,
    }),
    condition({ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }),
  ];
  return object('apps/v1', 'Deployment', options, {
    spec: {
      replicas,
      ...selectorAndTemplate(options),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: {
      observedGeneration: 1,
      replicas,
      updatedReplicas: updated,
      ...counted('readyReplicas', ready),
      ...counted('availableReplicas', ready),
      ...counted('unavailableReplicas', replicas - ready),
      conditions,
    },
  });
}

/** A ReplicaSet; `name` ends with the pod-template-hash, which the labels of `selector` may repeat. */
export function replicaSet(options: WorkloadOptions): JsonObject {
  const { replicas = 1, ready = replicas } = options;
  return object('apps/v1', 'ReplicaSet', options, {
    spec: { replicas, ...selectorAndTemplate(options) },
    status: {
      replicas,
      ...counted('fullyLabeledReplicas', replicas),
      ...counted('readyReplicas', ready),
      ...counted('availableReplicas', ready),
      observedGeneration: 1,
    },
  });
}

/** A StatefulSet. */
export function statefulSet(options: WorkloadOptions): JsonObject {
  const { replicas = 1, ready = replicas, updated = replicas, name } = options;
  return object('apps/v1', 'StatefulSet', options, {
    spec: {
      replicas,
      ...selectorAndTemplate(options),
      serviceName: name,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
    },
    status: {
      observedGeneration: 1,
      replicas,
      ...counted('readyReplicas', ready),
      currentReplicas: replicas,
      updatedReplicas: updated,
      currentRevision: `${name}-6c9f8d7b5`,
      updateRevision: `${name}-6c9f8d7b5`,
      collisionCount: 0,
      availableReplicas: ready,
    },
  });
}

/** A DaemonSet; `replicas` is on how many nodes it should run. */
export function daemonSet(options: WorkloadOptions): JsonObject {
  const { replicas = 1, ready = replicas, updated = replicas } = options;
  return object('apps/v1', 'DaemonSet', options, {
    spec: {
      ...selectorAndTemplate(options),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
    },
    status: {
      currentNumberScheduled: replicas,
      numberMisscheduled: 0,
      desiredNumberScheduled: replicas,
      numberReady: ready,
      observedGeneration: 1,
      updatedNumberScheduled: updated,
      ...counted('numberAvailable', ready),
      ...counted('numberUnavailable', replicas - ready),
    },
  });
}

export interface JobOptions extends Named {
  image?: string;
  completions?: number;
  succeeded?: number;
  failed?: number;
  active?: number;
  /** Since it began; its age unless given. */
  started?: string;
  /** Since it was complete or failed. */
  ended?: string;
  /** Why it failed: `BackoffLimitExceeded`, `DeadlineExceeded`. */
  failure?: { reason: string; message: string };
  suspended?: boolean;
}

/** A Job; `Complete` when `succeeded` reaches `completions`, `Failed` with a `failure`, else running. */
export function job(options: JobOptions): JsonObject {
  const { completions = 1, succeeded = 0, failed = 0, active = 0, age = '1d', started = age, ended, failure } = options;
  const { image = 'registry.example/job:1.0', suspended = false, name } = options;
  const isComplete = succeeded >= completions;
  const at = ended ?? '10m';
  const conditions = [
    ...(isComplete
      ? ['SuccessCriteriaMet', 'Complete'].map((type) =>
          condition({ type, status: 'True', reason: 'CompletionsReached', since: at }),
        )
      : []),
    ...(failure === undefined
      ? []
      : ['FailureTarget', 'Failed'].map((type) => condition({ type, status: 'True', ...failure, since: at }))),
    ...(suspended
      ? [condition({ type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' })]
      : []),
  ].map((each) => ({ ...each, lastProbeTime: each.lastTransitionTime }));
  return object('batch/v1', 'Job', options, {
    spec: {
      parallelism: 1,
      completions,
      backoffLimit: 6,
      selector: { matchLabels: { 'batch.kubernetes.io/job-name': name } },
      template: template({ 'batch.kubernetes.io/job-name': name }, image, 'Never'),
      completionMode: 'NonIndexed',
      suspend: suspended,
    },
    status: {
      ...(conditions.length === 0 ? {} : { conditions }),
      ...(suspended ? {} : { startTime: ago(started) }),
      ...(isComplete ? { completionTime: ago(at) } : {}),
      ...counted('active', active),
      ...counted('succeeded', succeeded),
      ...counted('failed', failed),
      terminating: 0,
      uncountedTerminatedPods: {},
      ready: active,
    },
  });
}

export interface CronJobOptions extends Named {
  schedule: string;
  image?: string;
  suspended?: boolean;
  /** Since it last began a Job. */
  lastSchedule?: string;
  lastSuccess?: string;
  /** Names of its Jobs that run. */
  active?: readonly string[];
}

/** A CronJob. */
export function cronJob(options: CronJobOptions): JsonObject {
  const {
    schedule,
    image = 'registry.example/job:1.0',
    suspended = false,
    lastSchedule,
    lastSuccess,
    namespace,
  } = options;
  const active = (options.active ?? []).map((name) => ({ kind: 'Job', namespace, name, apiVersion: 'batch/v1' }));
  return object('batch/v1', 'CronJob', options, {
    spec: {
      schedule,
      concurrencyPolicy: 'Forbid',
      suspend: suspended,
      jobTemplate: { metadata: {}, spec: { template: template({ app: options.name }, image, 'OnFailure') } },
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    },
    status: {
      ...(active.length === 0 ? {} : { active }),
      ...(lastSchedule === undefined ? {} : { lastScheduleTime: ago(lastSchedule) }),
      ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: ago(lastSuccess) }),
    },
  });
}

function selectorAndTemplate(options: WorkloadOptions): JsonObject {
  const { name, image = 'registry.example/app:1.0', selector = { app: name }, env } = options;
  return { selector: { matchLabels: selector }, template: template(selector, image, 'Always', env) };
}

function template(
  labels: Readonly<Record<string, string>>,
  image: string,
  restartPolicy: string,
  env: Readonly<Record<string, string>> = {},
): JsonObject {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  return {
    metadata: { labels },
    spec: {
      containers: [
        {
          name: 'main',
          image,
          ...(variables.length === 0 ? {} : { env: variables }),
          resources: { limits: { memory: '512Mi' }, requests: { cpu: '250m', memory: '256Mi' } },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
      ],
      restartPolicy,
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
    },
  };
}

/** Left out where it is zero, as Go leaves out zeros of status. */
function counted(field: string, count: number): JsonObject {
  return count === 0 ? {} : { [field]: count };
}
