import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ToolError } from '../bridge/src/errors.ts';
import type { Tool } from '../bridge/src/tool.ts';
import { k8sEvents } from '../bridge/src/tools/k8s-events.ts';
import { k8sGet } from '../bridge/src/tools/k8s-get.ts';
import { k8sTop } from '../bridge/src/tools/k8s-top.ts';
import { tailPodLogs } from '../bridge/src/tools/tail-pod-logs.ts';
import type { Kubernetes } from '../bridge/src/upstreams/kubernetes.ts';
import { askTool } from '../bridge/test/ask-tool.ts';
import { startApiServer } from '../bridge/test/kubernetes/api-server.ts';
import type { Cluster } from '../bridge/test/kubernetes/cluster.ts';
import { kubernetesOf } from '../bridge/test/kubernetes/connect.ts';
import { SEED_SECRETS } from '../bridge/test/kubernetes/seed-config.ts';
import { SEED_NOW } from '../bridge/test/kubernetes/seed-time.ts';
import { seededCluster } from '../bridge/test/kubernetes/seeds.ts';
import { kubeAssets, startKubeApiServer } from './real/kube-apiserver.ts';
import { seedKubeApiServer } from './real/kube-seeding.ts';

/** A server that holds the seeded cluster, and the moment that its ages are from. */
interface Site {
  kubernetes: Kubernetes;
  now: Date;
  end(): Promise<void>;
}

/** Every suite asks the same of each of these. Without binaries of the real one only that of the tests is asked. */
const assets = kubeAssets();
const SITES: readonly (readonly [name: string, start: (cluster: Cluster) => Promise<Site>])[] = [
  ["the tests' API server", startOwn],
  ...(assets === null ? [] : [['kube-apiserver', (cluster: Cluster) => startReal(assets, cluster)] as const]),
];

async function startOwn(cluster: Cluster): Promise<Site> {
  const server = await startApiServer(cluster);
  const kubernetes = kubernetesOf(server);
  return {
    kubernetes,
    now: SEED_NOW,
    end: async () => {
      await kubernetes.close();
      await server.close();
    },
  };
}

async function startReal(folder: string, cluster: Cluster): Promise<Site> {
  const server = await startKubeApiServer(folder);
  await seedKubeApiServer(server, cluster);
  const kubernetes = kubernetesOf(server, { timeoutMs: 60_000 });
  return {
    kubernetes,
    now: new Date(),
    end: async () => {
      await kubernetes.close();
      await server.stop();
    },
  };
}

describe.each(SITES)('the Kubernetes tools on %s', (_, start) => {
  let site: Site;
  beforeAll(async () => {
    site = await start(seededCluster({ nodes: 20, pods: 450, events: 300 }));
  }, 300_000);
  afterAll(() => site?.end());

  const ask = (tool: Tool, args: Record<string, unknown>) => {
    const { kubernetes, now } = site;
    return askTool(tool, args, null, { now, upstreams: { kubernetes } });
  };

  /** Everything that must be in an answer, and nothing that may not. */
  async function expectFindings(tool: Tool, args: Record<string, unknown>, findings: readonly (string | RegExp)[]) {
    const { text } = await ask(tool, args);
    for (const finding of findings) expect(text).toMatch(finding);
    for (const secret of SEED_SECRETS) expect(text).not.toContain(secret);
  }

  it.each<[Record<string, unknown>, readonly (string | RegExp)[]]>([
    [
      { kind: 'pods' },
      [
        /450 in 5 namespaces/,
        /9 CrashLoopBackOff/,
        /3 ImagePullBackOff/,
        /ledger-\S+ 0\/1 CrashLoopBackOff .*exit 1 \(Error\)/,
        /fraud-\S+ 0\/1 CrashLoopBackOff .*OOMKilled/,
        /grafana-\S+ 0\/1 Init:CrashLoopBackOff .*migrate: exit 1/,
        /gateway-\S+ 0\/1 CreateContainerConfigError .*gateway-tls/,
        /importer-\S+ 0\/1 Evicted/,
        /report-\S+ 0\/1 Error/,
      ],
    ],
    [{ kind: 'po', labelSelector: 'app in (ledger,cart)' }, [/20 in 2 namespaces/, /6 CrashLoopBackOff/, /5 Pending/]],
    [
      { kind: 'pods', fieldSelector: 'status.phase=Failed' },
      [/4 unhealthy: 3 Error, 1 Evicted/, /importer-\S+ .*Evicted/],
    ],
    [{ kind: 'nodes' }, [/20, 1 unhealthy/, /node-0012 NotReady .*Kubelet stopped posting node status/, /v1\.35\.4/]],
    [
      { kind: 'deploy' },
      [/search 2\/6 4 2 .*ProgressDeadlineExceeded/, /ledger 2\/8 8 2 .*6 of 8/, /checkout 7\/10/, /gateway 3\/4/],
    ],
    [{ kind: 'sts' }, [/uploads 2\/3/]],
    [{ kind: 'ds' }, [/kube-proxy .*1 of 20/]],
    [{ kind: 'jobs' }, [/report-\d+ Failed 0\/1 .*BackoffLimitExceeded/]],
    [{ kind: 'cronjobs' }, [/legacy-sync .*suspended/]],
    [{ kind: 'hpa' }, [/gateway .*FailedGetResourceMetric/, /checkout .*at its most \(10\)/]],
    [{ kind: 'pvc' }, [/archive Lost/, /scratch Pending/]],
    [{ kind: 'pv' }, [/pv-broken .*Failed/]],
    [{ kind: 'ns' }, [/legacy Terminating/]],
    [{ kind: 'services', namespace: 'shop' }, [/edge LoadBalancer/, /public .*203\.0\.113\.10/]],
    [{ kind: 'cert' }, [/12 in 2 namespaces, 2 unhealthy/, /gateway False gateway-tls .*rate limited/]],
    [{ kind: 'vpa' }, [/gone .*no pods match the target/]],
    [{ kind: 'secrets' }, [/payments db-password Opaque 1/, /shop-tls kubernetes\.io\/tls 2/]],
    [{ kind: 'secret', name: 'db-password' }, [/password: .*21 bytes/]],
    [{ kind: 'cm', namespace: 'payments', name: 'ledger-config' }, [/server\.port=8080/, /SMTP_PASSWORD/]],
    [{ kind: 'pods', fields: 'spec.containers[*].image' }, [/registry\.example|cilium:1\.18\.2/]],
  ])('k8s.get %j', async (args, findings) => {
    await expectFindings(k8sGet, args, findings);
  });

  it('k8s.get of one pod, as YAML', async () => {
    const { text } = await ask(k8sGet, { kind: 'pods', namespace: 'payments', labelSelector: 'app=ledger' });
    const name = /ledger-\S+/.exec(text)?.[0];
    await expectFindings(k8sGet, { kind: 'Pod', namespace: 'payments', name }, [/CrashLoopBackOff/, /API_TOKEN/]);
  });

  it.each<[Record<string, unknown>, string, RegExp]>([
    [{ kind: 'podz' }, 'not_found', /podz/],
    [{ kind: 'pods', namespace: 'shop', name: 'absent' }, 'not_found', /absent/],
    [{ kind: 'pods', labelSelector: '===' }, 'bad_query', /found '=='/],
    [{ kind: 'pods', fieldSelector: 'status.nonsense=x' }, 'bad_query', /field label not supported: status\.nonsense/],
    [{ kind: 'pods', namespace: 'shpo' }, 'not_found', /shpo/],
  ])('k8s.get %j is refused', async (args, code, message) => {
    const refused = await ask(k8sGet, args).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ToolError);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each<[Record<string, unknown>, readonly RegExp[]]>([
    [
      { since: '24h' },
      [
        /300 events/,
        /BackOff payments "?Deployment\/ledger \(6 pods\)/,
        /FailedScheduling shop "?Deployment\/cart \(5 pods\)/,
        /ProvisioningFailed batch PersistentVolumeClaim\/scratch/,
        /FailedGetResourceMetric payments HorizontalPodAutoscaler\/gateway/,
      ],
    ],
    [{ since: '24h', namespace: 'shop', kind: 'deploy', name: 'search' }, [/Failed/, /search:2\.8\.0-rc1/]],
    [{ since: '24h', kind: 'node', type: 'Normal' }, [/NodeNotReady/]],
  ])('k8s.events %j', async (args, findings) => {
    await expectFindings(k8sEvents, args, findings);
  });

  it('k8s.top says what it would need', async () => {
    await expect(ask(k8sTop, { kind: 'pods' })).rejects.toMatchObject({ code: 'not_configured' });
  });

  it('tail.pod_logs says why a pod has no log', async () => {
    const { text } = await ask(k8sGet, { kind: 'pods', namespace: 'shop', fieldSelector: 'spec.nodeName=' });
    const pod = /cart-\S+/.exec(text)?.[0];
    await expectFindings(tailPodLogs, { namespace: 'shop', pod }, [
      /no log yet.*the pod has no node yet.*Insufficient memory/,
    ]);
    await expect(ask(tailPodLogs, { namespace: 'shop', pod: 'absent' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

it('the Kubernetes tools send nothing but GET', async () => {
  const server = await startApiServer(seededCluster({ nodes: 20, pods: 450, events: 300, metrics: true }), {
    metrics: true,
  });
  const kubernetes = kubernetesOf(server);
  const questions: readonly (readonly [Tool, Record<string, unknown>])[] = [
    [k8sGet, { kind: 'pods' }],
    [k8sGet, { kind: 'secrets', output: 'yaml' }],
    [k8sEvents, { since: '24h' }],
    [k8sTop, { kind: 'pods' }],
    [tailPodLogs, { namespace: 'payments', workload: 'deployment/ledger' }],
  ];
  for (const [tool, args] of questions) {
    const before = server.requests.length;
    const { text } = await askTool(tool, args, null, { now: SEED_NOW, upstreams: { kubernetes } });
    expect(server.requests.length).toBeGreaterThan(before);
    for (const secret of SEED_SECRETS) expect(text).not.toContain(secret);
  }
  expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  await kubernetes.close();
  await server.close();
});
