import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResourceType } from '../../upstreams/kubernetes.ts';
import type { Json, JsonObject } from '../json.ts';
import { viewOf } from './health.ts';
import { isUnhealthy } from './judge.ts';

const now = new Date('2026-03-01T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();

function typeOf(kind: string, group: string): ResourceType {
  const plural = `${kind.toLowerCase()}s`;
  const shape = { shortNames: [], namespaced: true, verbs: ['list'], subresources: [] };
  return { kind, group, version: 'v1', plural, singular: kind.toLowerCase(), ...shape };
}

function judge(kind: string, object: JsonObject) {
  const [name = '', ...group] = kind.split('.');
  return viewOf(typeOf(name, group.join('.'))).judge(object, now);
}

const condition = (type: string, status: string, rest: JsonObject = {}): JsonObject => ({
  type,
  status,
  lastTransitionTime: minutesAgo(8),
  ...rest,
});
const replicas = (wanted: number, have: number): JsonObject => ({
  spec: { replicas: wanted },
  status: { replicas: wanted, readyReplicas: have, availableReplicas: have, updatedReplicas: wanted },
});

describe('what is unhealthy', () => {
  it.each<[string, JsonObject, string, string]>([
    [
      'Node',
      {
        status: {
          conditions: [
            condition('Ready', 'False', { reason: 'KubeletNotReady', message: 'container runtime is down' }),
          ],
        },
      },
      'NotReady',
      'not ready (for 8m): container runtime is down',
    ],
    [
      'Node',
      {
        status: {
          conditions: [
            condition('Ready', 'Unknown', {
              reason: 'NodeStatusUnknown',
              message: 'Kubelet stopped posting node status.',
            }),
          ],
        },
      },
      'NotReady',
      'silent (for 8m): Kubelet stopped posting node status',
    ],
    [
      'Node',
      {
        status: {
          conditions: [
            condition('DiskPressure', 'True', { reason: 'KubeletHasDiskPressure' }),
            condition('Ready', 'True'),
          ],
        },
      },
      'DiskPressure',
      'KubeletHasDiskPressure (for 8m)',
    ],
    [
      'Node',
      {
        status: {
          conditions: [condition('KernelDeadlock', 'True', { message: 'task hung' }), condition('Ready', 'True')],
        },
      },
      'KernelDeadlock',
      'KernelDeadlock: task hung (for 8m)',
    ],
    ['Deployment.apps', replicas(3, 0), 'Down', 'none of 3 available'],
    ['Deployment.apps', replicas(20, 17), 'Degraded', '3 of 20 not available'],
    [
      'Deployment.apps',
      {
        ...replicas(3, 3),
        status: {
          replicas: 4,
          availableReplicas: 3,
          updatedReplicas: 1,
          conditions: [
            condition('Progressing', 'False', {
              reason: 'ProgressDeadlineExceeded',
              message: 'ReplicaSet "a-1" has timed out progressing.',
            }),
          ],
        },
      },
      'NotProgressing',
      'ProgressDeadlineExceeded: ReplicaSet "a-1" has timed out progressing (for 8m)',
    ],
    [
      'ReplicaSet.apps',
      {
        ...replicas(2, 0),
        status: {
          conditions: [
            condition('ReplicaFailure', 'True', { reason: 'FailedCreate', message: 'exceeded quota: team' }),
          ],
        },
      },
      'ReplicaFailure',
      'FailedCreate: exceeded quota: team (for 8m)',
    ],
    ['StatefulSet.apps', replicas(3, 2), 'Degraded', '1 of 3 not ready'],
    ['DaemonSet.apps', { status: { desiredNumberScheduled: 100, numberReady: 97 } }, 'Degraded', '3 of 100 not ready'],
    [
      'Job.batch',
      {
        status: {
          failed: 7,
          conditions: [
            condition('Failed', 'True', {
              reason: 'BackoffLimitExceeded',
              message: 'Job has reached the specified backoff limit',
            }),
          ],
        },
      },
      'Failed',
      'BackoffLimitExceeded: Job has reached the specified backoff limit 8m ago',
    ],
    ['Job.batch', { status: { failed: 2, active: 1 } }, 'Failing', '2 pods failed, still tries'],
    [
      'CronJob.batch',
      { spec: { schedule: '*/5 * * * *' }, status: { lastScheduleTime: minutesAgo(180) } },
      'Missed',
      'last run 3h ago, schedule is missed',
    ],
    [
      'PersistentVolumeClaim',
      {
        metadata: { creationTimestamp: minutesAgo(30) },
        spec: { storageClassName: 'fast' },
        status: { phase: 'Pending' },
      },
      'Pending',
      'not bound, storage class fast',
    ],
    ['PersistentVolumeClaim', { status: { phase: 'Lost' } }, 'Lost', 'its volume is gone'],
    [
      'PersistentVolume',
      { status: { phase: 'Failed', message: 'volume is attached' } },
      'Failed',
      'volume is attached',
    ],
    [
      'PersistentVolume',
      { spec: { persistentVolumeReclaimPolicy: 'Retain' }, status: { phase: 'Released' } },
      'Released',
      'claim is gone, policy Retain',
    ],
    [
      'HorizontalPodAutoscaler.autoscaling',
      {
        spec: {
          maxReplicas: 10,
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 70 } } }],
        },
        status: {
          desiredReplicas: 10,
          currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 95 } } }],
        },
      },
      'AtLimit',
      'at its most (10): cpu 95%/70%',
    ],
    [
      'HorizontalPodAutoscaler.autoscaling',
      {
        status: {
          conditions: [
            condition('ScalingActive', 'False', { reason: 'FailedGetResourceMetric', message: 'no metrics returned' }),
          ],
        },
      },
      'NoMetrics',
      'FailedGetResourceMetric: no metrics returned (for 8m)',
    ],
    [
      'VerticalPodAutoscaler.autoscaling.k8s.io',
      { status: { conditions: [condition('NoPodsMatched', 'True', { message: 'No pods match' })] } },
      'NoPodsMatched',
      'No pods match (for 8m)',
    ],
    [
      'Namespace',
      {
        metadata: { deletionTimestamp: minutesAgo(60) },
        status: {
          phase: 'Terminating',
          conditions: [
            condition('NamespaceContentRemaining', 'True', {
              reason: 'SomeResourcesRemain',
              message: 'pods. has 2 resource instances',
            }),
          ],
        },
      },
      'Terminating',
      'SomeResourcesRemain: pods. has 2 resource instances',
    ],
    [
      'Service',
      { metadata: { creationTimestamp: minutesAgo(60) }, spec: { type: 'LoadBalancer' } },
      'NoAddress',
      'load balancer has no address',
    ],
    ['Event', { type: 'Warning', lastTimestamp: minutesAgo(1) }, 'Warning', ''],
    [
      'Certificate.cert-manager.io',
      {
        status: {
          conditions: [condition('Ready', 'False', { reason: 'Expired', message: 'Certificate expired on Tuesday' })],
        },
      },
      'NotReady',
      'Certificate expired on Tuesday (for 8m)',
    ],
    [
      'Thing.example.com',
      { status: { conditions: [condition('Stalled', 'True', { reason: 'BuildFailed' })] } },
      'Stalled',
      'BuildFailed (for 8m)',
    ],
    ['Thing.example.com', { status: { phase: 'Error', message: 'disk is gone' } }, 'Error', 'disk is gone'],
    [
      'ConfigMap',
      { metadata: { deletionTimestamp: minutesAgo(60), finalizers: ['a/b'] } },
      'Terminating',
      'should be gone since 1h, held by a/b',
    ],
  ])('%s %#', (kind, object, state, why) => {
    const health = judge(kind, object);
    expect(health).toMatchObject({ state, why });
    expect(isUnhealthy(health)).toBe(true);
  });
});

describe('more that is unhealthy', () => {
  it.each<[string, JsonObject, string, string]>([
    [
      'PodDisruptionBudget.policy',
      { status: { desiredHealthy: 3, currentHealthy: 2, expectedPods: 4 } },
      'Violated',
      '2 healthy, wants 3',
    ],
    [
      'ResourceQuota',
      { status: { hard: { pods: '10', 'requests.cpu': '4' }, used: { pods: '10', 'requests.cpu': '3900m' } } },
      'UsedUp',
      'used up: pods 10',
    ],
    ['Application.argoproj.io', { status: { health: { status: 'Degraded' } } }, 'Degraded', ''],
    [
      'HTTPRoute.gateway.networking.k8s.io',
      { status: { parents: [{ conditions: [condition('Accepted', 'False', { message: 'no such listener' })] }] } },
      'NotAccepted',
      'no such listener (for 8m)',
    ],
    [
      'Service.serving.knative.dev',
      { status: { conditions: [condition('Ready', 'Unknown', { reason: 'Deploying' })] } },
      'ReadyUnknown',
      'Deploying (for 8m)',
    ],
  ])('%s %#', (kind, object, state, why) => {
    const health = judge(kind, object);
    expect(health).toMatchObject({ state, why });
    expect(isUnhealthy(health)).toBe(true);
  });
});

describe('what is not', () => {
  it.each<[string, JsonObject]>([
    ['Node', { spec: { unschedulable: true }, status: { conditions: [condition('Ready', 'True')] } }],
    [
      'Node',
      {
        spec: { taints: [{ key: 'gpu', value: 'true', effect: 'NoSchedule' }] },
        status: {
          conditions: [
            condition('Ready', 'True'),
            condition('StorageReady', 'True'),
            condition('DiskPressure', 'False'),
          ],
        },
      },
    ],
    ['Deployment.apps', replicas(0, 0)],
    ['Deployment.apps', { ...replicas(3, 3), status: { availableReplicas: 3, updatedReplicas: 1 } }],
    ['ReplicaSet.apps', replicas(0, 0)],
    ['DaemonSet.apps', { status: { desiredNumberScheduled: 0, numberReady: 0 } }],
    ['Job.batch', { status: { failed: 2, conditions: [condition('Complete', 'True')] } }],
    [
      'CronJob.batch',
      { spec: { schedule: '0 3 * * *', suspend: true }, status: { lastScheduleTime: minutesAgo(99_999) } },
    ],
    ['CronJob.batch', { spec: { schedule: '0 3 * * *' }, status: { lastScheduleTime: minutesAgo(1300) } }],
    ['PersistentVolumeClaim', { metadata: { creationTimestamp: minutesAgo(1) }, status: { phase: 'Pending' } }],
    [
      'HorizontalPodAutoscaler.autoscaling',
      { spec: { maxReplicas: 10 }, status: { desiredReplicas: 10, conditions: [condition('ScalingActive', 'True')] } },
    ],
    ['Namespace', { metadata: { deletionTimestamp: minutesAgo(1) }, status: { phase: 'Terminating' } }],
    ['Service', { spec: { type: 'ClusterIP' } }],
    ['Ingress.networking.k8s.io', { spec: {} }],
    [
      'Thing.example.com',
      { status: { phase: 'Active', conditions: [condition('Ready', 'True'), condition('Reconciling', 'True')] } },
    ],
    ['Thing.example.com', {}],
    ['Service', { spec: {}, status: { conditions: [condition('LoadBalancerPortsError', 'False')] } }],
    [
      'HorizontalPodAutoscaler.autoscaling',
      {
        spec: {
          maxReplicas: 10,
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 70 } } }],
        },
        status: {
          desiredReplicas: 10,
          currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 74 } } }],
          conditions: [condition('ScalingLimited', 'False')],
        },
      },
    ],
    [
      'ClusterVersion.config.openshift.io',
      { status: { conditions: [condition('UpdateAvailable', 'False'), condition('NotReady', 'False')] } },
    ],
    ['TaskRun.tekton.dev', { status: { conditions: [condition('Succeeded', 'Unknown', { reason: 'Running' })] } }],
    ['ResourceQuota', { status: { hard: { pods: '0' }, used: { pods: '0' } } }],
    ['PodDisruptionBudget.policy', { status: { desiredHealthy: 1, currentHealthy: 0, expectedPods: 0 } }],
    ['ConfigMap', {}],
  ])('%s %#', (kind, object) => {
    expect(isUnhealthy(judge(kind, object))).toBe(false);
  });
});

it('puts a node that is gone before one under pressure, and that before a cordon, which is still named', () => {
  const severities = [
    { status: { conditions: [condition('Ready', 'Unknown')] } },
    { status: { conditions: [condition('Ready', 'True'), condition('MemoryPressure', 'True')] } },
    { spec: { unschedulable: true }, status: { conditions: [condition('Ready', 'True')] } },
    { status: { conditions: [condition('Ready', 'True')] } },
  ].map((node) => judge('Node', node).severity);
  expect(severities).toEqual([...severities].sort((a, b) => b - a));
  expect(new Set(severities).size).toBe(4);
});

it('never reads the whole of what may be secret or big for a list', () => {
  expect(viewOf(typeOf('Secret', '')).include).toBe('Metadata');
  expect(viewOf(typeOf('ConfigMap', '')).include).toBe('Metadata');
  expect(viewOf(typeOf('ClusterRole', 'rbac.authorization.k8s.io')).include).toBe('Metadata');
});

it('takes any document for an object of any kind', () => {
  const json = fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value)));
  const part = fc.dictionary(
    fc.constantFrom('conditions', 'phase', 'replicas', 'schedule', 'metrics', 'type', 'deletionTimestamp', 'taints'),
    fc.oneof(json, fc.array(fc.record({ type: json, status: json, reason: json, lastTransitionTime: json }))),
  );
  const kinds = [
    'Node',
    'Deployment.apps',
    'StatefulSet.apps',
    'DaemonSet.apps',
    'Job.batch',
    'CronJob.batch',
    'Service',
    'Event',
    'Namespace',
    'HorizontalPodAutoscaler.autoscaling',
    'VerticalPodAutoscaler.autoscaling.k8s.io',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'Thing.example.com',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...kinds), part, part, part, (kind, metadata, spec, status) => {
      expect(judge(kind, { metadata, spec, status }).severity).toBeGreaterThanOrEqual(0);
    }),
  );
});
