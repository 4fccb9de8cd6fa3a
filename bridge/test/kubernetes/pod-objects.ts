import type { JsonObject } from '../../src/kubernetes/json.ts';
import { condition, metadataOf, type Named } from './cluster-objects.ts';
import { MANAGED_FIELDS, TOKEN_MOUNT, TOKEN_VOLUME, TOLERATIONS } from './pod-defaults.ts';
import { ago } from './seed-time.ts';

/** How a container ended. */
export interface Ended {
  exitCode: number;
  /** `Error`, `OOMKilled`, `Completed`; by the exit code unless given. */
  reason?: string;
  /** Since when. */
  ago: string;
  message?: string;
}

/** What a container is doing. */
export type ContainerState = 'running' | { waiting: string; message?: string } | { ended: Ended };

export interface ContainerOptions {
  /** `main` unless given. */
  name?: string;
  image?: string;
  command?: readonly string[];
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Requests and limits, as `{ cpu: '250m' }`. */
  requests?: Readonly<Record<string, string>>;
  limits?: Readonly<Record<string, string>>;
  /** `running` unless given; an init container has ended well. */
  state?: ContainerState;
  ready?: boolean;
  restarts?: number;
  /** Its run before this one. */
  last?: Ended;
  /** An init container that stays (restartPolicy Always). */
  sidecar?: boolean;
}

export interface PodOptions extends Named {
  /** `node-0001` unless given; null: not scheduled. */
  node?: string | null;
  containers?: readonly ContainerOptions[];
  initContainers?: readonly ContainerOptions[];
  /** By the containers unless given. */
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** Of the pod: `Evicted`, `NodeLost`. */
  reason?: string;
  message?: string;
  /** Why it is not scheduled: the message of PodScheduled=False. */
  unschedulable?: string;
  ip?: string;
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  priorityClassName?: string;
  nodeSelector?: Readonly<Record<string, string>>;
  /** Replaces conditions by type. */
  conditions?: readonly JsonObject[];
}

/** A pod; Running and ready with one container unless told. */
export function pod(options: PodOptions): JsonObject {
  const { containers = [{}], initContainers = [], restartPolicy = 'Always', nodeSelector, priorityClassName } = options;
  const node = options.node === undefined ? 'node-0001' : options.node;
  const spec = {
    volumes: [TOKEN_VOLUME],
    ...(initContainers.length === 0 ? {} : { initContainers: initContainers.map(containerSpec) }),
    containers: containers.map(containerSpec),
    restartPolicy,
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    serviceAccountName: 'default',
    serviceAccount: 'default',
    ...(node === null ? {} : { nodeName: node }),
    securityContext: {},
    schedulerName: 'default-scheduler',
    tolerations: TOLERATIONS,
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    priority: priorityClassName === undefined ? 0 : 2_000_001_000,
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  };
  const metadata = { ...metadataOf(options), managedFields: MANAGED_FIELDS };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec, status: podStatus(options, node) };
}

function podStatus(options: PodOptions, node: string | null): JsonObject {
  const { containers = [{}], initContainers = [], age = '1d', reason, message, unschedulable } = options;
  const phase = options.phase ?? phaseOf(options, node);
  const initDone = initContainers.every(({ state, sidecar }) => state === undefined || sidecar === true);
  const isReady = phase === 'Running' && containers.every((each) => isReadyContainer(each));
  const hasContainers = node !== null && reason !== 'Evicted';
  const scheduled =
    node === null
      ? condition({
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: unschedulable ?? '',
          since: age,
        })
      : condition({ type: 'PodScheduled', status: 'True', since: age });
  const unready = isReady ? {} : { reason: phase === 'Succeeded' ? 'PodCompleted' : 'ContainersNotReady' };
  const flag = (type: string, isTrue: boolean, more: { reason?: string } = {}) =>
    condition({ type, status: isTrue ? 'True' : 'False', since: age, ...more });
  const conditions = [
    flag('Initialized', initDone),
    flag('Ready', isReady, unready),
    flag('ContainersReady', isReady, unready),
    scheduled,
  ];
  const replaced = new Map((options.conditions ?? []).map((each) => [each.type, each]));
  return {
    phase,
    conditions: node === null ? [scheduled] : conditions.map((each) => replaced.get(each.type) ?? each),
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined ? {} : { reason }),
    ...(node === null ? {} : { hostIP: '10.0.0.1', startTime: ago(age) }),
    ...(options.ip === undefined ? {} : { podIP: options.ip, podIPs: [{ ip: options.ip }] }),
    ...(initContainers.length === 0 || !hasContainers
      ? {}
      : { initContainerStatuses: initContainers.map((each) => initStatus(each, age)) }),
    ...(hasContainers ? { containerStatuses: containers.map((each) => containerStatus(each, age, initDone)) } : {}),
    qosClass: 'Burstable',
  };
}

function phaseOf({ containers = [{}], initContainers = [] }: PodOptions, node: string | null): string {
  const waitsAtFirst = (each: ContainerOptions) => isWaiting(each.state) && (each.restarts ?? 0) === 0;
  if (node === null || containers.some(waitsAtFirst)) return 'Pending';
  if (initContainers.some(({ state, sidecar }) => state !== undefined && sidecar !== true)) return 'Pending';
  const ends = containers.flatMap(({ state }) => (typeof state === 'object' && 'ended' in state ? [state.ended] : []));
  if (ends.length < containers.length) return 'Running';
  return ends.every((end) => end.exitCode === 0) ? 'Succeeded' : 'Failed';
}

function containerSpec(options: ContainerOptions): JsonObject {
  const { name = 'main', image = 'registry.example/app:1.0', command, args, env = {}, requests, limits } = options;
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  return {
    name,
    image,
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
    ...(variables.length === 0 ? {} : { env: variables }),
    resources: { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) },
    ...(options.sidecar === true ? { restartPolicy: 'Always' } : {}),
    volumeMounts: [TOKEN_MOUNT],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  };
}

function initStatus(options: ContainerOptions, age: string): JsonObject {
  const state = options.state ?? (options.sidecar === true ? 'running' : { ended: { exitCode: 0, ago: age } });
  const isDone = typeof state === 'object' && 'ended' in state && state.ended.exitCode === 0;
  return { ...containerStatus({ ...options, state }, age, true), ready: isDone || state === 'running' };
}

function containerStatus(options: ContainerOptions, age: string, initDone: boolean): JsonObject {
  const { name = 'main', image = 'registry.example/app:1.0', restarts = 0, last } = options;
  const state = options.state ?? (initDone ? 'running' : { waiting: 'PodInitializing' });
  const started = last === undefined ? age : last.ago;
  return {
    name,
    state: stateOf(state, started),
    lastState: last === undefined ? {} : { terminated: terminated(last) },
    ready: isReadyContainer({ ...options, state }),
    restartCount: restarts,
    image,
    imageID: isWaiting(state) && restarts === 0 ? '' : `${image.split(':')[0]}@sha256:${IMAGE_DIGEST}`,
    ...(isWaiting(state) && restarts === 0 ? {} : { containerID: `containerd://${IMAGE_DIGEST}` }),
    started: state === 'running',
  };
}

function stateOf(state: ContainerState, started: string): JsonObject {
  if (state === 'running') return { running: { startedAt: ago(started) } };
  if ('ended' in state) return { terminated: terminated(state.ended) };
  const { waiting, message } = state;
  return { waiting: { reason: waiting, ...(message === undefined ? {} : { message }) } };
}

function terminated({ exitCode, reason, ago: age, message }: Ended): JsonObject {
  return {
    exitCode,
    reason: reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
    ...(message === undefined ? {} : { message }),
    startedAt: ago(`${age}20s`),
    finishedAt: ago(age),
    containerID: `containerd://${IMAGE_DIGEST}`,
  };
}

function isReadyContainer({ ready, state = 'running' }: ContainerOptions): boolean {
  return ready ?? state === 'running';
}

function isWaiting(state: ContainerState | undefined): boolean {
  return typeof state === 'object' && 'waiting' in state;
}

const IMAGE_DIGEST = '8d3f1a2f6d5c4b3a291807f6e5d4c3b2a190f8e7d6c5b4a392817060f5e4d3c2';
