import type { Json, JsonObject } from '../../src/kubernetes/json.ts';
import { ago } from './seed-time.ts';

/** What every builder takes of metadata. */
export interface Named {
  name: string;
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  /** The controller. */
  owner?: OwnerOptions;
  /** Since it was made: `3d`, `2h5m`; a day unless given. */
  age?: string;
  /** Since its deletion was asked for. */
  deleted?: string;
  finalizers?: readonly string[];
}

/** `apps/v1` unless given. */
export interface OwnerOptions {
  apiVersion?: string;
  kind: string;
  name: string;
}

/** A condition as workloads, nodes and custom resources have them. */
export interface ConditionOptions {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  /** Since its last transition; an hour unless given. */
  since?: string;
}

export interface NodeOptions extends Omit<Named, 'namespace'> {
  /** `control-plane`, `worker`…: the label of its role. */
  roles?: readonly string[];
  ready?: 'True' | 'False' | 'Unknown';
  /** Reason and message of a node that is not ready, and since when. */
  notReady?: { reason: string; message: string; since: string };
  /** `MemoryPressure`, `DiskPressure`, `PIDPressure`, `NetworkUnavailable` that are True. */
  pressure?: readonly string[];
  cordoned?: boolean;
  taints?: readonly { key: string; value?: string; effect: string }[];
  version?: string;
  ip?: string;
  cpu?: string;
  memory?: string;
}

/** Metadata of any object. */
export function metadataOf(options: Named): JsonObject {
  const { name, namespace, labels, annotations, owner, age = '1d', deleted, finalizers } = options;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    creationTimestamp: ago(age),
    ...(deleted === undefined ? {} : { deletionTimestamp: ago(deleted), deletionGracePeriodSeconds: 30 }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(owner === undefined ? {} : { ownerReferences: [ownerReference(owner)] }),
    ...(finalizers === undefined ? {} : { finalizers }),
  };
}

/** An object of any kind. */
export function object(apiVersion: string, kind: string, options: Named, rest: JsonObject = {}): JsonObject {
  return { apiVersion, kind, metadata: metadataOf(options), ...rest };
}

/** A condition with its times. */
export function condition({ type, status, reason, message, since = '1h' }: ConditionOptions): JsonObject {
  return {
    type,
    status,
    lastTransitionTime: ago(since),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

/** A node; ready unless told. */
export function node(options: NodeOptions): JsonObject {
  const { name, roles = [], labels, taints = [], cordoned = false, age = '120d' } = options;
  const isReady = (options.ready ?? (options.notReady === undefined ? 'True' : 'False')) === 'True';
  const allTaints: Json[] = [
    ...taints,
    ...(cordoned ? [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] : []),
    ...(isReady ? [] : NOT_READY_TAINTS),
  ];
  const roleLabels = Object.fromEntries(roles.map((role) => [`node-role.kubernetes.io/${role}`, '']));
  const spec = {
    podCIDR: '10.244.0.0/24',
    providerID: `example:///zone-a/${name}`,
    ...(allTaints.length === 0 ? {} : { taints: allTaints }),
    ...(cordoned ? { unschedulable: true } : {}),
  };
  return object(
    'v1',
    'Node',
    {
      ...options,
      age,
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...roleLabels,
        ...labels,
      },
    },
    { spec, status: nodeStatus(options, isReady) },
  );
}

function nodeStatus(options: NodeOptions, isReady: boolean): JsonObject {
  const { name, pressure = [], version = 'v1.36.2', ip = '10.0.0.1', cpu = '16', memory = '65805456Ki' } = options;
  const { reason = 'KubeletNotReady', message = '', since = '2h' } = options.notReady ?? {};
  const status = options.ready ?? (isReady ? 'True' : 'False');
  const flag = (type: string, good: string): JsonObject => ({
    ...condition({ type, status: pressure.includes(type) ? 'True' : 'False', since: '25m' }),
    lastHeartbeatTime: ago('40s'),
    reason: pressure.includes(type) ? `KubeletHas${type.replace('PID', 'InsufficientPID')}` : good,
    message: pressure.includes(type) ? `kubelet has ${type}` : `kubelet has no ${type}`,
  });
  const ready = isReady
    ? condition({
        type: 'Ready',
        status,
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
        since: '30d',
      })
    : condition({ type: 'Ready', status, reason, message, since });
  return {
    capacity: { cpu, 'ephemeral-storage': '203070420Ki', 'hugepages-2Mi': '0', memory, pods: '110' },
    allocatable: {
      cpu: '15800m',
      'ephemeral-storage': '187149698763',
      'hugepages-2Mi': '0',
      memory: '62Gi',
      pods: '110',
    },
    conditions: [
      flag('MemoryPressure', 'KubeletHasSufficientMemory'),
      flag('DiskPressure', 'KubeletHasNoDiskPressure'),
      flag('PIDPressure', 'KubeletHasSufficientPID'),
      { ...ready, lastHeartbeatTime: ago(isReady ? '40s' : since) },
      ...(pressure.includes('NetworkUnavailable')
        ? [condition({ type: 'NetworkUnavailable', status: 'True', reason: 'NoRouteCreated', message: 'no route' })]
        : []),
    ],
    addresses: [
      { type: 'InternalIP', address: ip },
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: 'a5e4ab0e2bbd4ac1b2bd08a7bb1cc0a3',
      systemUUID: 'ec2a6f1c-3e0e-4c0e-a7ad-3c3f06a5a8d1',
      bootID: '7d6d4b0b-2c68-4c5c-9a7b-d1d5d8aa0f5e',
      kernelVersion: '6.8.0-45-generic',
      osImage: 'Ubuntu 24.04.1 LTS',
      containerRuntimeVersion: 'containerd://1.7.22',
      kubeletVersion: version,
      kubeProxyVersion: version,
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    images: [
      { names: ['registry.example/pause:3.10'], sizeBytes: 320_368 },
      { names: ['registry.example/proxy:1.36.2'], sizeBytes: 30_214_516 },
    ],
  };
}

const NOT_READY_TAINTS: readonly Json[] = [
  { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', timeAdded: ago('2h') },
];

function ownerReference({ apiVersion = 'apps/v1', kind, name }: OwnerOptions): JsonObject {
  return { apiVersion, kind, name, uid: OWNER_UID, controller: true, blockOwnerDeletion: true };
}

/** Not that of the owner: nobody may join by it without having seen the owner. */
const OWNER_UID = '5d3d0c1e-8f58-4c6b-9d1c-0d7cf6ad7f01';
