import { type CannedAlert, type CannedAlerting, fingerprint } from './canned-alerts.ts';

const RUNBOOKS = 'https://runbooks.prometheus-operator.dev/runbooks';

const places = (count: number, namespaces: readonly string[], pod: string) =>
  Array.from({ length: count }, (_, index) => ({
    namespace: namespaces[index % namespaces.length] ?? '',
    pod: `${pod}-7d9f8b6c5d-${String(index).padStart(5, 'x')}`,
    container: 'main',
    job: 'kube-state-metrics',
    instance: '10.42.3.7:8080',
  }));

function many(
  name: string,
  severity: string,
  labels: readonly Record<string, string>[],
  about: { runbook?: string; summary: (labels: Record<string, string>) => string; minutes: number; value?: number },
): CannedAlert[] {
  return labels.map((each, index) => ({
    name,
    severity,
    labels: each,
    minutes: about.minutes + 3 * index,
    value: (about.value ?? 1) + index / 10,
    annotations: {
      summary: about.summary(each),
      description: `${about.summary(each)} for longer than it may.`,
      ...(about.runbook === undefined ? {} : { runbook_url: `${RUNBOOKS}/${about.runbook}/${name.toLowerCase()}` }),
    },
  }));
}

const nodes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ node: `node-${String(index * 7 + 3).padStart(4, '0')}` }));

const nodeDown = many('KubeNodeNotReady', 'warning', nodes(3), {
  runbook: 'kubernetes',
  summary: ({ node }) => `Node ${node} is not ready.`,
  minutes: 22,
});

/** Twelve alerts of a shop's cluster firing sixty times, four pending, some held back, as kube-prometheus words them. */
export const SHOP: CannedAlerting = {
  external: { cluster: 'prod' },
  alerts: [
    { name: 'Watchdog', severity: 'none', minutes: 9000, forMinutes: 0, annotations: { summary: 'Always fires.' } },
    ...many('KubePodCrashLooping', 'warning', places(18, ['shop', 'payments', 'batch', 'ads'], 'ledger'), {
      runbook: 'kubernetes',
      summary: ({ namespace, pod }) => `Pod ${namespace}/${pod} (main) is in waiting state (reason: CrashLoopBackOff).`,
      minutes: 6,
    }),
    ...many('KubePodNotReady', 'warning', places(12, ['shop', 'payments'], 'cart'), {
      runbook: 'kubernetes',
      summary: ({ namespace, pod }) =>
        `Pod ${namespace}/${pod} has been in a non-ready state for longer than 15 minutes.`,
      minutes: 15,
    }),
    ...many(
      'NodeFilesystemAlmostOutOfSpace',
      'critical',
      [{ instance: 'node-0007', device: '/dev/sda1', mountpoint: '/var/lib', fstype: 'ext4', job: 'node-exporter' }],
      { runbook: 'node', summary: () => 'Filesystem has less than 3% space left.', minutes: 41, value: 2.31 },
    ),
    ...many('KubePersistentVolumeFillingUp', 'critical', [{ namespace: 'shop', persistentvolumeclaim: 'data-db-0' }], {
      runbook: 'kubernetes',
      summary: () => 'PersistentVolume is filling up.',
      minutes: 190,
      value: 0.017,
    }),
    ...nodeDown,
    ...many(
      'TargetDown',
      'warning',
      [
        { job: 'ledger', namespace: 'payments', service: 'ledger' },
        { job: 'cart', namespace: 'shop', service: 'cart' },
      ],
      {
        runbook: 'general',
        summary: () => 'One or more targets are unreachable.',
        minutes: 30,
        value: 50,
      },
    ),
    ...many('CPUThrottlingHigh', 'info', places(11, ['shop', 'ads', 'monitoring'], 'search'), {
      runbook: 'kubernetes',
      summary: () => 'Processes experience elevated CPU throttling.',
      minutes: 300,
      value: 0.3,
    }),
    ...many(
      'KubeJobFailed',
      'warning',
      [
        { namespace: 'batch', job_name: 'report-28374650' },
        { namespace: 'batch', job_name: 'report-28374651' },
      ],
      {
        runbook: 'kubernetes',
        summary: () => 'Job failed to complete.',
        minutes: 600,
      },
    ),
    ...many('KubeHpaMaxedOut', 'warning', [{ namespace: 'shop', horizontalpodautoscaler: 'cart' }], {
      runbook: 'kubernetes',
      summary: () => 'HPA is running at max replicas',
      minutes: 50,
    }),
    ...many('NodeClockNotSynchronising', 'warning', nodes(2), {
      runbook: 'node',
      summary: () => 'Clock not synchronising.',
      minutes: 80,
      value: 0,
    }),
    ...many('CheckoutErrorBudgetBurn', 'critical', [{ service: 'checkout', slo: 'availability' }], {
      summary: () => 'Checkout burns its error budget 14 times too fast',
      minutes: 4,
      value: 14.4,
    }),
    ...many(
      'KubeDeploymentReplicasMismatch',
      'warning',
      places(6, ['shop', 'ads'], 'web').map(({ namespace }, index) => ({ namespace, deployment: `web-${index}` })),
      {
        runbook: 'kubernetes',
        summary: () => 'Deployment has not matched the expected number of replicas.',
        minutes: 18,
      },
    ),
    ...many(
      'LedgerLag',
      'warning',
      [
        { namespace: 'payments', pod: 'ledger-0' },
        { namespace: 'payments', pod: 'ledger-1' },
        { namespace: 'payments', pod: 'ledger-2' },
      ],
      {
        summary: () => 'Ledger is behind',
        minutes: 9,
      },
    ).map((alert) => ({ ...alert, silencedBy: ['5c1d6d3e-3e1f-4c54-8f8e-6a8f2f1d0a11'] })),
    ...many('KubeletDown', 'warning', nodes(2), { summary: () => 'Kubelet is unreachable', minutes: 21 }).map(
      (alert, index) => ({ ...alert, inhibitedBy: [fingerprint(nodeDown[index] ?? { name: '' })] }),
    ),
    ...many('KubeMemoryOvercommit', 'warning', [{}], {
      runbook: 'kubernetes',
      summary: () => 'Cluster has overcommitted memory resource requests.',
      minutes: -3,
      value: 1.2,
    }).map((alert): CannedAlert => ({ ...alert, state: 'pending' })),
  ],
  silences: [
    {
      id: '5c1d6d3e-3e1f-4c54-8f8e-6a8f2f1d0a11',
      by: 'bob',
      comment: 'migration of the ledger, ticket OPS-431',
      matchers: ['alertname=LedgerLag', 'namespace=~payments|ledger'],
      minutesLeft: 12,
    },
    {
      id: '7a77c1be-20a3-4f0f-8e01-9c7d1f1f0b22',
      by: 'ci',
      comment: 'deploy',
      matchers: ['namespace=staging'],
      minutesLeft: 300,
    },
    {
      id: '9b88c1be-20a3-4f0f-8e01-9c7d1f1f0b33',
      by: 'eve',
      comment: 'old',
      matchers: ['namespace=dev'],
      minutesLeft: -5,
      state: 'expired',
    },
  ],
};
