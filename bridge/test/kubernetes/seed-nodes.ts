import type { Cluster } from './cluster.ts';
import { node, object } from './cluster-objects.ts';
import { microAgo } from './seed-time.ts';

/** Nodes by what may run on them. */
export interface SeedNodes {
  all: readonly string[];
  controlPlane: readonly string[];
  /** Where ordinary pods run. */
  workers: readonly string[];
  notReady: ReadonlySet<string>;
}

/**
 * Of each hundred nodes: 12 stopped posting its status two hours ago, 44 has no network plugin, 31 and 57 are cordoned, 63 is
 * short of memory, 71 of disk, 90 and 91 have GPUs and a taint, 7 an older kubelet. The first three are the control plane.
 */
export function seedNodes(cluster: Cluster, count: number): SeedNodes {
  const all: string[] = [];
  const workers: string[] = [];
  const notReady = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    const name = `node-${String(index).padStart(4, '0')}`;
    all.push(name);
    const trait = TRAITS[index % 100] ?? {};
    const isControlPlane = index < 3;
    if (trait.notReady !== undefined) notReady.add(name);
    if (
      !isControlPlane &&
      (Object.keys(trait).length === 0 || trait.pressure !== undefined || trait.version !== undefined)
    )
      workers.push(name);
    cluster.add(
      node({
        name,
        ip: `10.1.${index >> 8}.${index & 255}`,
        ...(isControlPlane
          ? {
              roles: ['control-plane'],
              taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
            }
          : {}),
        ...trait,
        labels: {
          'topology.kubernetes.io/zone': `zone-${'abc'[index % 3]}`,
          'node.kubernetes.io/instance-type': 'm5.4xlarge',
          ...trait.labels,
        },
      }),
      object(
        'coordination.k8s.io/v1',
        'Lease',
        { name, namespace: 'kube-node-lease', age: '120d' },
        { spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microAgo(trait.notReady ? 7230 : 6) } },
      ),
    );
  }
  return { all, controlPlane: all.slice(0, 3), workers, notReady };
}

type Trait = Partial<Parameters<typeof node>[0]>;

const GPU: Trait = {
  labels: { accelerator: 'nvidia-l4' },
  taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
};

const TRAITS: Readonly<Record<number, Trait>> = {
  7: { version: 'v1.35.4' },
  12: {
    ready: 'Unknown',
    notReady: { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', since: '2h' },
  },
  31: { cordoned: true },
  44: {
    notReady: {
      reason: 'KubeletNotReady',
      message:
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized',
      since: '18m',
    },
  },
  57: { cordoned: true },
  63: { pressure: ['MemoryPressure'] },
  71: { pressure: ['DiskPressure'] },
  90: GPU,
  91: GPU,
};
