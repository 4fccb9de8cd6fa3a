import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askTool } from '../../../test/ask-tool.ts';
import { type ApiServer, startApiServer } from '../../../test/kubernetes/api-server.ts';
import { type Cluster, newCluster } from '../../../test/kubernetes/cluster.ts';
import { node } from '../../../test/kubernetes/cluster-objects.ts';
import { kubernetesOf } from '../../../test/kubernetes/connect.ts';
import {
  CERTIFICATES,
  certificate,
  definition,
  VERTICAL_AUTOSCALERS,
  verticalAutoscaler,
} from '../../../test/kubernetes/custom-objects.ts';
import { event } from '../../../test/kubernetes/event-objects.ts';
import { SEED_NOW } from '../../../test/kubernetes/seed-time.ts';
import {
  autoscaler,
  claim,
  configMap,
  ingress,
  namespace,
  secret,
  service,
  volume,
} from '../../../test/kubernetes/service-objects.ts';
import {
  cronJob,
  daemonSet,
  deployment,
  job,
  replicaSet,
  statefulSet,
} from '../../../test/kubernetes/workload-objects.ts';
import { ToolError } from '../../errors.ts';
import { k8sGet } from '../../tools/k8s-get.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';

/** One or two well and one unwell of every kind. */
function cluster() {
  const inShop = { namespace: 'shop' };
  const inPayments = { namespace: 'payments' };
  return newCluster().add(
    node({ name: 'node-0001', roles: ['control-plane'], version: 'v1.35.4' }),
    node({ name: 'node-0002', pressure: ['DiskPressure'] }),
    node({ name: 'node-0003', cordoned: true }),
    node({
      name: 'node-0004',
      notReady: { reason: 'KubeletNotReady', message: 'container runtime is down', since: '8m' },
    }),
    deployment({ name: 'cart', ...inShop, replicas: 20, ready: 17 }),
    deployment({ name: 'ledger', ...inPayments, replicas: 3, ready: 0 }),
    deployment({ name: 'web', ...inShop, replicas: 2 }),
    replicaSet({
      name: 'web-5d',
      ...inShop,
      replicas: 2,
      owner: { kind: 'Deployment', name: 'web' },
      labels: { 'pod-template-hash': '5d' },
    }),
    replicaSet({ name: 'web-4c', ...inShop, replicas: 0, owner: { kind: 'Deployment', name: 'web' } }),
    statefulSet({ name: 'db', ...inPayments, replicas: 3, ready: 2 }),
    statefulSet({ name: 'cache', ...inShop, replicas: 3 }),
    daemonSet({ name: 'proxy', namespace: 'kube-system', replicas: 100, ready: 97 }),
    daemonSet({ name: 'logs', namespace: 'kube-system', replicas: 100 }),
    job({
      name: 'import',
      ...inShop,
      failed: 7,
      failure: { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' },
    }),
    job({ name: 'backup', ...inShop, succeeded: 1 }),
    cronJob({ name: 'report', ...inShop, schedule: '*/5 * * * *', lastSchedule: '3h' }),
    cronJob({ name: 'cleanup', ...inShop, schedule: '0 3 * * *', lastSchedule: '10h', suspended: true }),
    service({ name: 'web', ...inShop, type: 'LoadBalancer' }),
    service({ name: 'api', ...inShop }),
    ingress({ name: 'web', ...inShop, host: 'shop.example', service: 'web', address: '203.0.113.7' }),
    ingress({ name: 'api', ...inShop, host: 'api.example', service: 'api' }),
    autoscaler({ name: 'cart', ...inShop, target: 'cart', max: 10, current: 10, utilization: 95 }),
    autoscaler({ name: 'web', ...inShop, target: 'web', max: 10, current: 4, utilization: 60 }),
    autoscaler({ name: 'ledger', ...inPayments, target: 'ledger', max: 10, current: 3, utilization: null }),
    claim({ name: 'data-db-0', ...inPayments, volume: 'pv-1' }),
    claim({ name: 'data-db-1', ...inPayments, storageClass: 'nvme' }),
    volume({ name: 'pv-1', claim: { namespace: 'payments', name: 'data-db-0' } }),
    volume({ name: 'pv-2', phase: 'Failed', message: 'error deleting volume: still attached to node-0004' }),
    configMap({ name: 'settings', ...inShop, data: { 'app.conf': 'password=hunter2-must-not-leak', mode: 'live' } }),
    secret({ name: 'db-password', ...inPayments, data: { password: 'hunter2-must-not-leak' } }),
    namespace({ name: 'old', deleted: '3h', stuck: 'persistentvolumeclaims. has 1 resource instances' }),
    event({
      name: 'ledger.1',
      ...inPayments,
      about: { kind: 'Pod', name: 'ledger-7d9f8b6c5d-x2x7z' },
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off restarting failed container main in pod ledger-7d9f8b6c5d-x2x7z',
      count: 42,
      first: '3h',
      last: '4m',
    }),
    event({
      name: 'web.1',
      ...inShop,
      about: { kind: 'Deployment', name: 'web' },
      reason: 'ScalingReplicaSet',
      message: 'Scaled up replica set web-5d to 2',
      first: '10m',
    }),
    CERTIFICATES,
    certificate({ name: 'shop', ...inShop, host: 'shop.example', expiresIn: '60d' }),
    certificate({
      name: 'api',
      ...inShop,
      host: 'api.example',
      expiresIn: '2d',
      problem: { reason: 'Pending', message: 'Waiting on certificate issuance from order shop/api-1', since: '5h' },
    }),
    VERTICAL_AUTOSCALERS,
    verticalAutoscaler({ name: 'cart', ...inShop, deployment: 'cart', target: { cpu: '250m', memory: '512Mi' } }),
    verticalAutoscaler({ name: 'web', ...inShop, deployment: 'web' }),
  );
}

let server: ApiServer;
let kubernetes: Kubernetes;

beforeAll(async () => {
  server = await startApiServer(cluster());
  kubernetes = kubernetesOf(server);
});
afterAll(async () => {
  await kubernetes.close();
  await server.close();
});

const ask = (args: Record<string, unknown>) =>
  askTool(k8sGet, args, null, { now: SEED_NOW, upstreams: { kubernetes } });

const KINDS = [
  'nodes',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'services',
  'ingresses',
  'hpa',
  'vpa',
  'pvc',
  'pv',
  'namespaces',
  'events',
  'certificates',
  'crd',
  'configmaps',
  'secrets',
];

describe('every kind', () => {
  it('is listed worst first, with the reason', async () => {
    const answers: string[] = [];
    for (const kind of KINDS) answers.push((await ask({ kind })).text);
    await expect(`${answers.join('\n\n')}\n`).toMatchFileSnapshot('../../../test/golden/k8s-get-kinds.txt');
  });

  it('is listed without a secret, in text and in structure', async () => {
    for (const kind of KINDS) {
      const { text, structured } = await ask({ kind });
      expect(text + JSON.stringify(structured)).not.toContain('hunter2');
    }
  });

  it('is read without what may be big or secret', async () => {
    server.requests.length = 0;
    await ask({ kind: 'secrets' });
    await ask({ kind: 'configmaps' });
    const lists = server.requests.map(({ path }) => path).filter((path) => /(?:secrets|configmaps)\?/.test(path));
    expect(lists.length).toBeGreaterThan(1);
    expect(lists.every((path) => path.includes('includeObject=Metadata'))).toBe(true);
  });

  it.each([
    ['hpa', 'payments ledger'],
    ['deployments', 'payments ledger'],
    ['statefulsets', 'payments db'],
    ['certificates', 'shop api'],
  ])('of %s begins with %s', async (kind, first) => {
    const { text } = await ask({ kind });
    expect(
      text
        .split('\n')
        .find((line) => line.startsWith('shop ') || line.startsWith('payments ') || line.startsWith('api ')),
    ).toContain(first.split(' ').at(-1));
  });
});

describe('columns that a CustomResourceDefinition prints', () => {
  const PLAIN = 'pl4in-w0rd';
  const columns = [
    { name: 'Password', type: 'string', jsonPath: '.spec.password' },
    { name: 'Creds', type: 'string', jsonPath: '.spec.password' },
    { name: 'Env', type: 'string', jsonPath: '.spec.template.spec.containers[0].env[0].value' },
    { name: 'Pin', type: 'integer', jsonPath: '.spec.adminPassword' },
    { name: 'Secret', type: 'string', jsonPath: '.spec.secretName' },
    { name: 'Host', type: 'string', jsonPath: '.spec.host' },
  ];
  const containers = [{ name: 'main', env: [{ name: 'DB_PASSWORD', value: PLAIN }] }];
  const database = (name: string) => ({
    apiVersion: 'example.org/v1',
    kind: 'Database',
    metadata: { name, namespace: 'shop' },
    spec: {
      password: PLAIN,
      adminPassword: 48151623,
      secretName: 'db-login',
      host: name,
      template: { spec: { containers } },
    },
  });
  const databases = () =>
    newCluster().add(
      definition({ group: 'example.org', version: 'v1', kind: 'Database', plural: 'databases', columns }),
      database('a'),
      database('b'),
    );

  it('show no credential, whatever they are called, and still which Secret is meant', async () => {
    await using site = await siteOf(databases());
    for (const args of [{}, { output: 'table' }, { name: 'a', output: 'table' }, { limit: 1 }]) {
      const { text, structured } = await site.ask({ kind: 'databases', ...args });
      expect(text + JSON.stringify(structured)).not.toMatch(/pl4in-w0rd|48151623/);
      expect(text).toContain('db-login');
    }
  });

  it('are left out where the objects are too large to tell what is printed', async () => {
    await using site = await siteOf(databases());
    const { text } = await site.ask({ kind: 'databases' }, tooLarge(site.kubernetes));
    expect(text).toContain('health is not known');
    expect(text).not.toMatch(/pl4in-w0rd|password/i);
  });
});

it('does not take what was not read for unwell', async () => {
  const { text } = await askTool(k8sGet, { kind: 'nodes' }, null, {
    now: SEED_NOW,
    upstreams: { kubernetes: tooLarge(kubernetes) },
  });
  expect(text).toContain('health is not known');
  expect(text).not.toMatch(/unhealthy|Unknown|no Ready condition/);
});

it('takes a list whose objects are too large without them, and says that health is not known', async () => {
  const huge = tooLarge(kubernetes);
  const { text } = await askTool(k8sGet, { kind: 'crd' }, null, { now: SEED_NOW, upstreams: { kubernetes: huge } });
  expect(text).toContain('certificates.cert-manager.io');
  expect(text).toContain('health is not known');
  expect(text).not.toContain('unhealthy');
});

function tooLarge(real: Kubernetes): Kubernetes {
  return {
    ...real,
    table: (type, query, pick, signal) =>
      query.include === 'Object'
        ? Promise.reject(new ToolError('too_large', 'more than 64 MiB'))
        : real.table(type, query, pick, signal),
  };
}

/** Another cluster for one test. */
async function siteOf(content: Cluster) {
  const own = await startApiServer(content);
  const upstream = kubernetesOf(own);
  return {
    kubernetes: upstream,
    ask: (args: Record<string, unknown>, of: Kubernetes = upstream) =>
      askTool(k8sGet, args, null, { now: SEED_NOW, upstreams: { kubernetes: of } }),
    [Symbol.asyncDispose]: async () => {
      await upstream.close();
      await own.close();
    },
  };
}
