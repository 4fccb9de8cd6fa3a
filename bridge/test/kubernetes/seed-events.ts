import { type JsonObject, listAt, textAt } from '../../src/kubernetes/json.ts';
import type { Cluster, Stored } from './cluster.ts';
import { type EventOptions, event } from './event-objects.ts';
import { type Random, random } from './random.ts';
import type { SeedNodes } from './seed-nodes.ts';
import { BUILT_IN } from './served-resources.ts';

/** An event without its place. */
type Told = Omit<EventOptions, 'name' | 'namespace' | 'about'> & { fieldPath?: string };

/** Adds `count` events: first those of pods and nodes in trouble, then what ordinary pods tell when they start. */
export function seedEvents(cluster: Cluster, nodes: SeedNodes, count: number): void {
  const rolls = random('events');
  let left = count;
  const tell = (about: EventOptions['about'], namespace: string, told: Told): void => {
    if (left === 0) return;
    left -= 1;
    const { fieldPath, ...rest } = told;
    // The client of core/v1 names events by the nanosecond in hexadecimal.
    const name = `${about.name}.18${(0x7a1f_0000_0000 + (count - left) * 7919).toString(16)}`;
    cluster.add(
      event({ name, namespace, about: { ...about, ...(fieldPath === undefined ? {} : { fieldPath }) }, ...rest }),
    );
  };

  for (const node of nodes.notReady) {
    tell({ kind: 'Node', name: node }, 'default', {
      reason: 'NodeNotReady',
      message: `Node ${node} status is now: NodeNotReady`,
      type: 'Normal',
      component: 'node-controller',
      first: '18m',
    });
  }
  for (const [namespace, kind, name, told] of OTHERS)
    tell(
      { kind, name, ...(kind === 'HorizontalPodAutoscaler' ? { apiVersion: 'autoscaling/v2' } : {}) },
      namespace,
      told,
    );
  const pods = podsOf(cluster);
  for (const stored of pods)
    for (const told of troubles(stored.body, rolls)) tell(aboutPod(stored), stored.namespace, told);
  for (let index = 0; left > 0 && pods.length > 0; index += 1) {
    const stored = pods[(index * 37) % pods.length];
    if (stored === undefined) continue;
    const all = ordinary(stored, `${rolls.between(1, 55)}m`, rolls);
    const told = all[Math.floor(index / pods.length) % all.length];
    if (told !== undefined) tell(aboutPod(stored), stored.namespace, told);
  }
}

const OTHERS: readonly (readonly [namespace: string, kind: string, name: string, told: Told])[] = [
  [
    'shop',
    'Service',
    'edge',
    {
      reason: 'SyncLoadBalancerFailed',
      message: 'Error syncing load balancer: failed to ensure load balancer: quota of forwarding rules exceeded',
      type: 'Warning',
      component: 'service-controller',
      count: 9,
      first: '20m',
      last: '2m',
    },
  ],
  [
    'payments',
    'HorizontalPodAutoscaler',
    'gateway',
    {
      reason: 'FailedGetResourceMetric',
      message:
        'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
      type: 'Warning',
      component: 'horizontal-pod-autoscaler',
      count: 238,
      first: '59m',
      last: '12s',
    },
  ],
  [
    'batch',
    'PersistentVolumeClaim',
    'scratch',
    {
      reason: 'ProvisioningFailed',
      message: 'storageclass.storage.k8s.io "fastt" not found',
      type: 'Warning',
      component: 'persistentvolume-controller',
      count: 1440,
      first: '6h',
      last: '8s',
    },
  ],
];

const SCHEDULER = { component: 'default-scheduler', host: 'default-scheduler-node-0000' } as const;

/** What is told of a pod that does not work. */
function troubles(pod: JsonObject, rolls: Random): Told[] {
  const host = textAt(pod, 'spec', 'nodeName') ?? '';
  const status = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
  ].find((each) => textAt(each, 'state', 'waiting', 'reason') !== undefined);
  const reason = textAt(status, 'state', 'waiting', 'reason') ?? '';
  const container = textAt(status, 'name') ?? 'main';
  const name = textAt(pod, 'metadata', 'name') ?? '';
  const fieldPath = `spec.containers{${container}}`;
  const warning = (told: Omit<Told, 'type' | 'first'> & { first?: string }): Told => ({
    host,
    type: 'Warning',
    first: '55m',
    ...told,
  });
  const last = `${rolls.between(5, 290)}s`;
  const count = rolls.between(90, 280);
  if (reason === 'CrashLoopBackOff') {
    const message = `Back-off restarting failed container ${container} in pod ${name}_${textAt(pod, 'metadata', 'namespace')}(${textAt(pod, 'metadata', 'uid')})`;
    return [warning({ reason: 'BackOff', message, count, last, fieldPath })];
  }
  if (reason.includes('Pull')) {
    const image = textAt(pod, 'spec', 'containers', 0, 'image') ?? '';
    return [
      warning({
        reason: 'Failed',
        message: `Failed to pull image "${image}": rpc error: code = NotFound desc = ${image}: not found`,
        count: 12,
        last: '3m',
        first: '38m',
        fieldPath,
      }),
      warning({ reason: 'Failed', message: 'Error: ImagePullBackOff', count: 148, last, first: '38m', fieldPath }),
    ];
  }
  if (reason === 'CreateContainerConfigError') {
    return [
      warning({ reason: 'Failed', message: 'Error: secret "gateway-tls" not found', count: 341, last, fieldPath }),
    ];
  }
  if (reason === 'ContainerCreating') {
    const message = 'MountVolume.SetUp failed for volume "data" : persistentvolumeclaim "data-uploads-2" not bound';
    return [warning({ reason: 'FailedMount', message, count: 19, last, first: '25m' })];
  }
  const scheduled = listAt(pod, 'status', 'conditions').find((each) => textAt(each, 'type') === 'PodScheduled');
  if (textAt(scheduled, 'status') === 'False') {
    const message = textAt(scheduled, 'message') ?? '';
    return [
      {
        reason: 'FailedScheduling',
        message,
        type: 'Warning',
        count: 10,
        first: '47m',
        last: '90s',
        ...SCHEDULER,
        series: true,
      },
    ];
  }
  const isEvicted = textAt(pod, 'status', 'reason') === 'Evicted';
  if (isEvicted)
    return [warning({ reason: 'Evicted', message: textAt(pod, 'status', 'message') ?? '', first: '4h30m' })];
  const isUnready = textAt(pod, 'metadata', 'labels', 'app') === 'checkout' && isWaitingForProbe(pod);
  if (!isUnready) return [];
  const address = textAt(pod, 'status', 'podIP') ?? '';
  const message = `Readiness probe failed: Get "http://${address}:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  return [warning({ reason: 'Unhealthy', message, count: 1800, last, first: '5h', fieldPath })];
}

/** What every pod tells when it starts. */
function ordinary({ body, namespace, name }: Stored, ago: string, rolls: Random): Told[] {
  const host = textAt(body, 'spec', 'nodeName') ?? '';
  const image = textAt(body, 'spec', 'containers', 0, 'image') ?? '';
  const fieldPath = 'spec.containers{main}';
  const message = `Successfully assigned ${namespace}/${name} to ${host}`;
  return [
    { reason: 'Scheduled', message, ...SCHEDULER, first: ago, series: true },
    {
      reason: 'Pulled',
      message: `Container image "${image}" already present on machine and can be accessed by the pod`,
      host,
      first: ago,
      fieldPath,
    },
    { reason: 'Created', message: 'Container created', host, first: ago, fieldPath },
    { reason: 'Started', message: 'Container started', host, first: ago, fieldPath },
    {
      reason: 'Pulled',
      message: `Successfully pulled image "${image}" in ${rolls.between(200, 9000)}ms`,
      host,
      first: ago,
      fieldPath,
    },
  ];
}

function aboutPod({ name, body }: Stored): EventOptions['about'] {
  return { kind: 'Pod', name, uid: textAt(body, 'metadata', 'uid') ?? '' };
}

function isWaitingForProbe(pod: JsonObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'False',
  );
}

function podsOf(cluster: Cluster): readonly Stored[] {
  const pods = BUILT_IN.find((resource) => resource.kind === 'Pod' && resource.group === '');
  return pods === undefined ? [] : cluster.all(pods);
}
