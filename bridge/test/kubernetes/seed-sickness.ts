import type { ContainerOptions, PodOptions } from './pod-objects.ts';
import type { Random } from './random.ts';

/** What is wrong with some pods of a workload. */
export interface Sickness {
  namespace: string;
  /** The Deployment, or the StatefulSet. */
  workload: string;
  kind: 'Deployment' | 'StatefulSet';
  /** Wanted. */
  replicas: number;
  /** Pods beside the wanted ones, which the controller has replaced already: evicted, or not yet gone. */
  extra?: boolean;
  /** How many pods are so, in the order of `pods`. */
  pods: readonly ((random: Random) => Partial<PodOptions>)[];
  /** Further containers of all its pods. */
  beside?: readonly ContainerOptions[];
  /** The sick pods are of the new ReplicaSet of a rollout that is stuck. */
  rollout?: boolean;
}

type Sick = (random: Random) => Partial<PodOptions>;

const times = (count: number, sick: Sick): Sick[] => Array.from({ length: count }, () => sick);

const crashLoop = (exitCode: number, reason: string): Sick => {
  return (random) => {
    const restarts = random.between(24, 63);
    const wait = 'back-off 5m0s restarting failed container=main';
    const ago = `${random.between(1, 4)}m${random.between(0, 59)}s`;
    return {
      containers: [
        { state: { waiting: 'CrashLoopBackOff', message: wait }, restarts, last: { exitCode, reason, ago } },
      ],
    };
  };
};

const notPulled = (reason: 'ImagePullBackOff' | 'ErrImagePull'): Sick => {
  const image = 'registry.example/search:2.8.0-rc1';
  const message =
    reason === 'ImagePullBackOff'
      ? `Back-off pulling image "${image}"`
      : `failed to pull and unpack image "${image}": ${image}: not found`;
  return () => ({ age: '38m', containers: [{ image, state: { waiting: reason, message } }] });
};

const unschedulable: Sick = () => ({
  age: '47m',
  node: null,
  unschedulable:
    '0/100 nodes are available: 2 node(s) were unschedulable, 3 node(s) had untolerated taint(s), 95 Insufficient memory. preemption: not helpful for scheduling.',
  containers: [{ requests: { cpu: '2', memory: '48Gi' }, limits: { memory: '48Gi' } }],
});

const flapping: Sick = () => ({
  age: '6h10m',
  containers: [{ restarts: 9, last: { exitCode: 137, reason: 'OOMKilled', ago: '12m' } }],
});

const initCrash: Sick = (random) => ({
  age: '2h20m',
  initContainers: [
    {
      name: 'migrate',
      image: 'registry.example/grafana-migrate:1.4',
      state: { waiting: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container=migrate' },
      restarts: random.between(18, 29),
      last: { exitCode: 1, ago: '3m' },
    },
  ],
});

const notReady: Sick = () => ({ age: '5h', containers: [{ ready: false }] });

const terminating: Sick = () => ({ deleted: '40m', finalizers: ['example.com/drain'] });

const badConfig: Sick = () => ({
  age: '1h15m',
  containers: [{ state: { waiting: 'CreateContainerConfigError', message: 'secret "gateway-tls" not found' } }],
});

const evicted: Sick = () => ({
  age: '4h30m',
  phase: 'Failed',
  reason: 'Evicted',
  message: 'The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 9216Mi.',
});

const creating: Sick = () => ({ age: '25m', containers: [{ state: { waiting: 'ContainerCreating' } }] });

/** 28 sick pods of workloads; three more are of a Job that failed. */
export const SICKNESSES: readonly Sickness[] = [
  { namespace: 'payments', workload: 'ledger', kind: 'Deployment', replicas: 8, pods: times(6, crashLoop(1, 'Error')) },
  { namespace: 'shop', workload: 'cart', kind: 'Deployment', replicas: 12, pods: times(5, unschedulable) },
  {
    namespace: 'shop',
    workload: 'search',
    kind: 'Deployment',
    replicas: 6,
    pods: [...times(3, notPulled('ImagePullBackOff')), notPulled('ErrImagePull')],
    rollout: true,
  },
  {
    namespace: 'payments',
    workload: 'fraud',
    kind: 'Deployment',
    replicas: 6,
    pods: [...times(3, crashLoop(137, 'OOMKilled')), flapping],
  },
  { namespace: 'monitoring', workload: 'grafana', kind: 'Deployment', replicas: 3, pods: times(2, initCrash) },
  {
    namespace: 'shop',
    workload: 'checkout',
    kind: 'Deployment',
    replicas: 10,
    pods: times(3, notReady),
    beside: [{ name: 'proxy', image: 'registry.example/proxy:1.24', requests: { cpu: '50m', memory: '64Mi' } }],
  },
  { namespace: 'shop', workload: 'mailer', kind: 'Deployment', replicas: 4, pods: [terminating], extra: true },
  { namespace: 'payments', workload: 'gateway', kind: 'Deployment', replicas: 4, pods: [badConfig] },
  { namespace: 'batch', workload: 'importer', kind: 'Deployment', replicas: 5, pods: [evicted], extra: true },
  { namespace: 'shop', workload: 'uploads', kind: 'StatefulSet', replicas: 3, pods: [creating] },
];
