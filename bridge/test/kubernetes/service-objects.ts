import type { JsonObject } from '../../src/kubernetes/json.ts';
import { condition, type Named, object } from './cluster-objects.ts';

export interface ServiceOptions extends Named {
  type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  /** `None`: headless. */
  clusterIP?: string;
  port?: number;
  nodePort?: number;
  /** Of a LoadBalancer; none: still pending. */
  address?: string;
  selector?: Readonly<Record<string, string>>;
}

/** A Service. */
export function service(options: ServiceOptions): JsonObject {
  const { type = 'ClusterIP', clusterIP = '10.96.0.10', port = 80, nodePort, address, selector } = options;
  return object('v1', 'Service', options, {
    spec: {
      ports: [
        { name: 'http', protocol: 'TCP', port, targetPort: 8080, ...(nodePort === undefined ? {} : { nodePort }) },
      ],
      selector: selector ?? { app: options.name },
      clusterIP,
      clusterIPs: [clusterIP],
      type,
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    },
    status: { loadBalancer: address === undefined ? {} : { ingress: [{ ip: address }] } },
  });
}

/** An Ingress of one host; without `address` none was given to it yet. */
export function ingress(
  options: Named & { host: string; service: string; address?: string; className?: string; tls?: boolean },
): JsonObject {
  const { host, service: backend, address, className = 'nginx', tls = false } = options;
  return object('networking.k8s.io/v1', 'Ingress', options, {
    spec: {
      ingressClassName: className,
      ...(tls ? { tls: [{ hosts: [host], secretName: `${options.name}-tls` }] } : {}),
      rules: [
        {
          host,
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: backend, port: { number: 80 } } } }],
          },
        },
      ],
    },
    status: { loadBalancer: address === undefined ? {} : { ingress: [{ ip: address }] } },
  });
}

export interface AutoscalerOptions extends Named {
  /** The Deployment. */
  target: string;
  min?: number;
  max: number;
  current: number;
  desired?: number;
  /** CPU utilization, percent; null: it could not be computed. */
  utilization: number | null;
  /** 80 unless given. */
  targetUtilization?: number;
}

/** A HorizontalPodAutoscaler on CPU utilization. */
export function autoscaler(options: AutoscalerOptions): JsonObject {
  const { target, min = 2, max, current, desired = current, utilization, targetUtilization = 80 } = options;
  const isLimited = utilization !== null && desired === max && utilization > targetUtilization;
  return object('autoscaling/v2', 'HorizontalPodAutoscaler', options, {
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: target, apiVersion: 'apps/v1' },
      minReplicas: min,
      maxReplicas: max,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: targetUtilization } },
        },
      ],
    },
    status: {
      currentReplicas: current,
      desiredReplicas: desired,
      currentMetrics:
        utilization === null
          ? null
          : [
              {
                type: 'Resource',
                resource: {
                  name: 'cpu',
                  current: { averageUtilization: utilization, averageValue: `${utilization * 5}m` },
                },
              },
            ],
      conditions: [
        condition({ type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale' }),
        condition({
          type: 'ScalingActive',
          status: utilization === null ? 'False' : 'True',
          reason: utilization === null ? 'FailedGetResourceMetric' : 'ValidMetricFound',
          ...(utilization === null
            ? {
                message:
                  'the HPA was unable to compute the replica count: no metrics returned from resource metrics API',
              }
            : {}),
        }),
        condition({
          type: 'ScalingLimited',
          status: isLimited ? 'True' : 'False',
          reason: isLimited ? 'TooManyReplicas' : 'DesiredWithinRange',
          ...(isLimited ? { message: 'the desired replica count is more than the maximum replica count' } : {}),
        }),
      ],
    },
  });
}

/** A claim of storage; `Bound` to `volume`, else waiting. */
export function claim(
  options: Named & { volume?: string; storageClass?: string; size?: string; phase?: 'Bound' | 'Pending' | 'Lost' },
): JsonObject {
  const { volume, storageClass = 'fast', size = '20Gi', phase = volume === undefined ? 'Pending' : 'Bound' } = options;
  return object('v1', 'PersistentVolumeClaim', options, {
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      ...(volume === undefined ? {} : { volumeName: volume }),
      storageClassName: storageClass,
      volumeMode: 'Filesystem',
    },
    status: phase === 'Bound' ? { phase, accessModes: ['ReadWriteOnce'], capacity: { storage: size } } : { phase },
  });
}

/** A volume; `Bound` to a claim when it has one. */
export function volume(
  options: Omit<Named, 'namespace'> & {
    claim?: { namespace: string; name: string };
    phase?: 'Available' | 'Bound' | 'Released' | 'Failed';
    size?: string;
    storageClass?: string;
    message?: string;
  },
): JsonObject {
  const { claim: of, size = '20Gi', storageClass = 'fast', message } = options;
  return object('v1', 'PersistentVolume', options, {
    spec: {
      capacity: { storage: size },
      csi: { driver: 'csi.example', volumeHandle: `vol-${options.name}`, fsType: 'ext4' },
      accessModes: ['ReadWriteOnce'],
      ...(of === undefined ? {} : { claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', ...of } }),
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: storageClass,
      volumeMode: 'Filesystem',
    },
    status: {
      phase: options.phase ?? (of === undefined ? 'Available' : 'Bound'),
      ...(message === undefined ? {} : { message }),
    },
  });
}

/** A ConfigMap. */
export function configMap(options: Named & { data: Readonly<Record<string, string>> }): JsonObject {
  return object('v1', 'ConfigMap', options, { data: options.data });
}

/** A Secret; `data` in the clear, which the object has in base64. */
export function secret(options: Named & { data: Readonly<Record<string, string>>; type?: string }): JsonObject {
  const { type = 'Opaque' } = options;
  const data = Object.entries(options.data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return object('v1', 'Secret', options, { data: Object.fromEntries(data), type });
}

/** A namespace; with `stuck` it is Terminating and says why it does not end. */
export function namespace(options: Omit<Named, 'namespace'> & { stuck?: string }): JsonObject {
  const { name, stuck, labels } = options;
  const { apiVersion, kind, metadata } = object('v1', 'Namespace', {
    ...options,
    labels: { 'kubernetes.io/metadata.name': name, ...labels },
  });
  return {
    apiVersion,
    kind,
    metadata,
    spec: { finalizers: ['kubernetes'] },
    status: {
      phase: stuck === undefined ? 'Active' : 'Terminating',
      ...(stuck === undefined
        ? {}
        : {
            conditions: [
              condition({
                type: 'NamespaceContentRemaining',
                status: 'True',
                reason: 'SomeResourcesRemain',
                message: stuck,
              }),
            ],
          }),
    },
  };
}
