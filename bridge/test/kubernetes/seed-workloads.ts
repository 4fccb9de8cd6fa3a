import type { Cluster } from './cluster.ts';
import { condition } from './cluster-objects.ts';
import { type ContainerOptions, type PodOptions, pod } from './pod-objects.ts';
import { type Random, random } from './random.ts';
import type { SeedNodes } from './seed-nodes.ts';
import type { Sickness } from './seed-sickness.ts';
import { service } from './service-objects.ts';
import { daemonSet, deployment, replicaSet, statefulSet } from './workload-objects.ts';

/** What workloads are made with. */
export interface Site {
  cluster: Cluster;
  nodes: SeedNodes;
  /** Pods made so far. */
  podCount: number;
}

/** One workload and how its pods differ from ready ones. */
export interface Workload {
  namespace: string;
  name: string;
  replicas: number;
  image?: string;
  env?: Readonly<Record<string, string>>;
  sickness?: Sickness;
  age?: string;
}

/** A Deployment with its ReplicaSets (the current one, and an old empty one), pods and Service. */
export function seedDeployment(site: Site, workload: Workload): void {
  const { namespace, name, replicas, sickness, age = '12d' } = workload;
  const rolls = random(`${namespace}/${name}`);
  const image = workload.image ?? `registry.example/${name}:1.${rolls.between(0, 40)}.${rolls.between(0, 9)}`;
  const [hash, oldHash] = [rolls.suffix(rolls.between(8, 10)), rolls.suffix(9)];
  const sick = sickness?.pods ?? [];
  const isExtra = sickness?.extra === true;
  const ready = isExtra ? replicas : replicas - sick.filter((make) => !isReady(make(random(0)))).length;
  const stuck = sickness?.rollout === true;
  const env = workload.env ?? { LOG_LEVEL: 'info' };
  const common = { name, namespace, age, image, env };
  site.cluster.add(
    deployment({
      ...common,
      replicas,
      ready,
      ...(stuck ? { updated: sick.length, conditions: STUCK } : {}),
      labels: { app: name },
      annotations: { 'deployment.kubernetes.io/revision': '3' },
    }),
    service({ name, namespace, age, clusterIP: `10.96.${rolls.between(0, 255)}.${rolls.between(1, 254)}` }),
  );
  const set = (setHash: string, count: number, readyCount: number) => {
    const labels = { app: name, 'pod-template-hash': setHash };
    const owner = { kind: 'Deployment', name };
    const setName = `${name}-${setHash}`;
    site.cluster.add(
      replicaSet({ ...common, name: setName, labels, selector: labels, owner, replicas: count, ready: readyCount }),
    );
  };
  set(hash, stuck ? sick.length : replicas, stuck ? 0 : ready);
  set(oldHash, stuck ? replicas - sick.length : 0, stuck ? ready : 0);
  const total = isExtra ? replicas + sick.length : replicas;
  for (let index = 0; index < total; index += 1) {
    const isOld = stuck && index >= sick.length;
    const podHash = isOld ? oldHash : hash;
    seedPod(site, rolls, {
      name: `${name}-${podHash}-${rolls.suffix(5)}`,
      namespace,
      age,
      labels: { app: name, 'pod-template-hash': podHash },
      owner: { kind: 'ReplicaSet', name: `${name}-${podHash}` },
      ...sickened([{ image, env, ...resources(rolls) }, ...(sickness?.beside ?? [])], sick[index]?.(rolls)),
    });
  }
}

/** A StatefulSet with its pods; the last ones are sick. */
export function seedStatefulSet(site: Site, workload: Workload): void {
  const { namespace, name, replicas, sickness, age = '45d' } = workload;
  const rolls = random(`${namespace}/${name}`);
  const image = workload.image ?? `registry.example/${name}:7.${rolls.between(0, 9)}`;
  const sick = sickness?.pods ?? [];
  site.cluster.add(
    statefulSet({ name, namespace, age, image, replicas, ready: replicas - sick.length, labels: { app: name } }),
    service({ name, namespace, age, clusterIP: 'None' }),
  );
  for (let index = 0; index < replicas; index += 1) {
    seedPod(site, rolls, {
      name: `${name}-${index}`,
      namespace,
      age,
      labels: { app: name, 'apps.kubernetes.io/pod-index': String(index) },
      owner: { kind: 'StatefulSet', name },
      ...sickened([{ image, ...resources(rolls) }], sick[index - (replicas - sick.length)]?.(rolls)),
    });
  }
}

/** A DaemonSet on every node. What runs on nodes that are not ready stays as it was last seen, but is not ready either. */
export function seedDaemonSet(site: Site, { namespace, name, image }: Omit<Workload, 'replicas'>): void {
  const { all, notReady } = site.nodes;
  const rolls = random(`${namespace}/${name}`);
  const from = image ?? `registry.example/${name}:1.36.2`;
  const labels = { app: name, 'pod-template-generation': '2' };
  site.cluster.add(
    daemonSet({ name, namespace, age: '90d', image: from, replicas: all.length, ready: all.length - notReady.size }),
  );
  for (const node of all) {
    seedPod(site, rolls, {
      name: `${name}-${rolls.suffix(5)}`,
      namespace,
      age: '90d',
      labels,
      node,
      owner: { kind: 'DaemonSet', name },
      containers: [{ image: from, requests: { cpu: '100m', memory: '64Mi' } }],
      ...(notReady.has(node) ? { conditions: [condition({ type: 'Ready', status: 'False', since: '18m' })] } : {}),
    });
  }
}

/** Pods that the kubelets of the control plane run by themselves. */
export function seedStaticPods(site: Site): void {
  for (const node of site.nodes.controlPlane) {
    for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
      seedPod(site, random(name), {
        name: `${name}-${node}`,
        namespace: 'kube-system',
        age: '120d',
        node,
        labels: { component: name, tier: 'control-plane' },
        owner: { apiVersion: 'v1', kind: 'Node', name: node },
        containers: [{ name, image: `registry.example/${name}:1.36.2`, requests: { cpu: '250m' } }],
        priorityClassName: 'system-node-critical',
      });
    }
  }
}

/** A pod on one of the workers unless told where, with an address of its own. */
export function seedPod(site: Site, rolls: Random, options: PodOptions): void {
  site.podCount += 1;
  const node = options.node === undefined ? rolls.pick(site.nodes.workers) : options.node;
  const hasAddress = node !== null && options.reason !== 'Evicted';
  const ip = `10.244.${site.podCount >> 8}.${site.podCount & 255}`;
  site.cluster.add(pod({ ...options, node, ...(hasAddress ? { ip } : {}) }));
}

/** What a sick pod has instead; of its containers only what is said of them. */
function sickened(containers: readonly ContainerOptions[], sick: Partial<PodOptions> = {}): Partial<PodOptions> {
  const changed = containers.map((container, index) => ({ ...container, ...sick.containers?.[index] }));
  return { ...sick, containers: changed };
}

/** Whether a sick pod counts as ready for its workload all the same. */
function isReady(options: Partial<PodOptions>): boolean {
  const isWorking = ({ state = 'running', ready = true }: ContainerOptions) => state === 'running' && ready;
  return options.node !== null && options.initContainers === undefined && (options.containers ?? []).every(isWorking);
}

const STUCK = [
  condition({
    type: 'Available',
    status: 'False',
    reason: 'MinimumReplicasUnavailable',
    message: 'Deployment does not have minimum availability.',
    since: '38m',
  }),
  condition({
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet has timed out progressing.',
    since: '28m',
  }),
];

function resources(rolls: Random): ContainerOptions {
  const memory = rolls.pick(['256Mi', '512Mi', '1Gi']);
  return { requests: { cpu: rolls.pick(['100m', '250m', '500m']), memory }, limits: { memory } };
}
