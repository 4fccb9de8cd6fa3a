import type { Cluster } from './cluster.ts';
import { object } from './cluster-objects.ts';
import { autoscaler, claim, ingress, service, volume } from './service-objects.ts';

/** Services, Ingresses and autoscalers, some of them in trouble. */
export function seedTraffic(cluster: Cluster): void {
  cluster.add(
    service({
      name: 'edge',
      namespace: 'shop',
      type: 'LoadBalancer',
      port: 443,
      nodePort: 31443,
      age: '20m',
      clusterIP: '10.97.0.1',
    }),
    service({
      name: 'public',
      namespace: 'shop',
      type: 'LoadBalancer',
      port: 443,
      nodePort: 30443,
      address: '203.0.113.10',
      age: '90d',
      clusterIP: '10.97.0.2',
    }),
    service({
      name: 'debug',
      namespace: 'monitoring',
      type: 'NodePort',
      nodePort: 30080,
      age: '90d',
      clusterIP: '10.97.0.3',
    }),
    ...['shop', 'checkout', 'search', 'admin'].map((name) =>
      ingress({
        name,
        namespace: 'shop',
        age: '90d',
        host: `${name}.example.com`,
        service: name,
        address: '203.0.113.10',
        tls: true,
      }),
    ),
    ingress({
      name: 'preview',
      namespace: 'shop',
      age: '35m',
      host: 'preview.example.com',
      service: 'web',
      className: 'alb',
    }),
    autoscaler({
      name: 'checkout',
      namespace: 'shop',
      target: 'checkout',
      max: 10,
      current: 10,
      utilization: 143,
      age: '90d',
    }),
    autoscaler({
      name: 'gateway',
      namespace: 'payments',
      target: 'gateway',
      max: 8,
      current: 4,
      utilization: null,
      age: '90d',
    }),
    autoscaler({
      name: 'cart',
      namespace: 'shop',
      target: 'cart',
      min: 6,
      max: 20,
      current: 12,
      utilization: 71,
      age: '90d',
    }),
    autoscaler({
      name: 'fraud',
      namespace: 'payments',
      target: 'fraud',
      max: 12,
      current: 6,
      utilization: 38,
      age: '90d',
    }),
    autoscaler({
      name: 'mailer',
      namespace: 'shop',
      target: 'mailer',
      max: 6,
      current: 4,
      utilization: 55,
      age: '90d',
    }),
    ...['fast', 'slow'].map((name) =>
      object(
        'storage.k8s.io/v1',
        'StorageClass',
        {
          name,
          age: '120d',
          ...(name === 'fast' ? { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } : {}),
        },
        {
          provisioner: 'csi.example',
          reclaimPolicy: 'Delete',
          volumeBindingMode: 'WaitForFirstConsumer',
          allowVolumeExpansion: true,
        },
      ),
    ),
  );
}

/** Claims of the StatefulSets with their volumes, and ones in trouble. */
export function seedStorage(
  cluster: Cluster,
  sets: readonly { namespace: string; name: string; replicas: number }[],
): void {
  for (const { namespace: of, name, replicas } of sets) {
    for (let index = 0; index < replicas; index += 1) {
      const claimName = `data-${name}-${index}`;
      if (name === 'uploads' && index === replicas - 1) {
        // Its pod has a node, and the volume is not made there.
        const annotations = { 'volume.kubernetes.io/selected-node': 'node-0008' };
        cluster.add(claim({ name: claimName, namespace: of, age: '25m', storageClass: 'fast', annotations }));
        continue;
      }
      const volumeName = `pvc-${of}-${name}-${index}`;
      cluster.add(
        claim({ name: claimName, namespace: of, volume: volumeName, age: '45d' }),
        volume({ name: volumeName, claim: { namespace: of, name: claimName }, age: '45d' }),
      );
    }
  }
  cluster.add(
    claim({ name: 'scratch', namespace: 'batch', storageClass: 'fastt', age: '6h' }),
    claim({
      name: 'archive',
      namespace: 'batch',
      volume: 'pv-archive',
      phase: 'Lost',
      age: '300d',
      storageClass: 'slow',
    }),
    volume({
      name: 'pv-old-exports',
      claim: { namespace: 'batch', name: 'exports' },
      phase: 'Released',
      age: '300d',
      storageClass: 'slow',
    }),
    volume({
      name: 'pv-broken',
      claim: { namespace: 'batch', name: 'broken' },
      phase: 'Failed',
      age: '20d',
      message: 'error deleting volume: disk is still attached',
    }),
  );
}
