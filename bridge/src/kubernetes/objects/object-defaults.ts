import type { Json } from '../json.ts';

/** Values as JSON that the API server fills in (defaults.go of the API groups). */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  terminationMessagePath: ['"/dev/termination-log"'],
  terminationMessagePolicy: ['"File"'],
  imagePullPolicy: ['"IfNotPresent"'],
  dnsPolicy: ['"ClusterFirst"'],
  schedulerName: ['"default-scheduler"'],
  enableServiceLinks: ['true'],
  preemptionPolicy: ['"PreemptLowerPriority"'],
  priority: ['0'],
  terminationGracePeriodSeconds: ['30'],
  serviceAccountName: ['"default"'],
  successThreshold: ['1'],
  failureThreshold: ['3'],
  periodSeconds: ['10'],
  timeoutSeconds: ['1'],
  scheme: ['"HTTP"'],
  protocol: ['"TCP"'],
  defaultMode: ['420'],
  revisionHistoryLimit: ['10'],
  progressDeadlineSeconds: ['600'],
  podManagementPolicy: ['"OrderedReady"'],
  persistentVolumeClaimRetentionPolicy: ['{"whenDeleted":"Retain","whenScaled":"Retain"}'],
  strategy: ['{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}}'],
  updateStrategy: [
    '{"type":"RollingUpdate","rollingUpdate":{"partition":0}}',
    '{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1,"maxSurge":0}}',
  ],
  sessionAffinity: ['"None"'],
  internalTrafficPolicy: ['"Cluster"'],
  externalTrafficPolicy: ['"Cluster"'],
  allocateLoadBalancerNodePorts: ['true'],
  ipFamilies: ['["IPv4"]'],
  ipFamilyPolicy: ['"SingleStack"'],
  volumeMode: ['"Filesystem"'],
  completionMode: ['"NonIndexed"'],
  podReplacementPolicy: ['"TerminatingOrFailed"'],
  manualSelector: ['false'],
  suspend: ['false'],
  concurrencyPolicy: ['"Allow"'],
  successfulJobsHistoryLimit: ['3'],
  failedJobsHistoryLimit: ['1'],
  parallelism: ['1'],
  completions: ['1'],
  backoffLimit: ['6'],
  collisionCount: ['0'],
  terminating: ['0'],
  started: ['true'],
  uncountedTerminatedPods: ['{}'],
  daemonEndpoints: ['{"kubeletEndpoint":{"Port":10250}}'],
};

/** Whether a field of a kind of Kubernetes itself has the value that the API server fills in. */
export function isDefault(key: string, value: Json, path: string): boolean {
  // Of a pod; a Job's own policy has no default.
  if (key === 'restartPolicy') return value === 'Always' && !path.endsWith('[]');
  return Object.hasOwn(DEFAULTS, key) && (DEFAULTS[key] ?? []).includes(JSON.stringify(value));
}

/** Whether a field says nothing while it is empty. Others may mean everything then, as `podSelector` of a NetworkPolicy. */
export function mayBeEmpty(key: string): boolean {
  return EMPTY.has(key);
}

const EMPTY: ReadonlySet<string> = new Set([
  'metadata',
  'resources',
  'securityContext',
  'status',
  'strategy',
  'loadBalancer',
  'lastState',
  'affinity',
  'nodeSelector',
  'tolerations',
  'env',
  'volumes',
  'volumeMounts',
  'finalizers',
]);
