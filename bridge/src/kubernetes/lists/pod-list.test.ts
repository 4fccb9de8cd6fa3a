import { afterEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../test/kubernetes/api-server.ts';
import { type Cluster, newCluster } from '../../../test/kubernetes/cluster.ts';
import { node } from '../../../test/kubernetes/cluster-objects.ts';
import { kubernetesOf } from '../../../test/kubernetes/connect.ts';
import { type PodOptions, pod } from '../../../test/kubernetes/pod-objects.ts';
import { SEED_NOW } from '../../../test/kubernetes/seed-time.ts';
import type { Kubernetes, ListQuery } from '../../upstreams/kubernetes.ts';
import type { Listing } from './listed-row.ts';
import { explainPods, readPods } from './pod-list.ts';

let server: ApiServer | null = null;
let kubernetes: Kubernetes | null = null;

afterEach(async () => {
  await kubernetes?.close();
  await server?.close();
});

async function readerOf(cluster: Cluster, query: ListQuery = {}) {
  server = await startApiServer(cluster);
  kubernetes = kubernetesOf(server);
  const { signal } = new AbortController();
  const type = await kubernetes.resolve('pods', signal);
  return { server, reader: { kubernetes, type, query, signal, now: SEED_NOW } };
}

/** Pods in three namespaces, of which the first is in a crash loop. */
function podsOf(count: number, options: Partial<PodOptions> = {}): Cluster {
  const cluster = newCluster();
  const owner = { kind: 'ReplicaSet', name: 'web-7d9f8b6c5d' };
  const labels = { 'pod-template-hash': '7d9f8b6c5d' };
  for (let index = 0; index < count; index += 1) {
    const namespace = ['batch', 'payments', 'shop'][index % 3] ?? '';
    const name = `web-7d9f8b6c5d-${String(index).padStart(5, '0')}`;
    cluster.add(pod({ name, namespace, owner, labels, ...(index === 0 ? CRASHING : {}), ...options }));
  }
  return cluster;
}

const CRASHING: Partial<PodOptions> = {
  containers: [{ restarts: 42, state: { waiting: 'CrashLoopBackOff' }, last: { exitCode: 1, ago: '4m' } }],
};

const names = ({ rows }: Listing) => rows.map(({ namespace, name }) => `${namespace}/${name}`);
const tables = ({ requests }: ApiServer) => requests.map(({ path }) => path).filter((path) => path.includes('pods?'));

describe('a short list', () => {
  it('is read once, with the owners', async () => {
    const { server, reader } = await readerOf(podsOf(30));
    const listing = await readPods(reader);
    expect(new Set(names(listing)).size).toBe(30);
    expect(new Set(listing.rows.map(({ owner }) => owner))).toEqual(new Set(['Deployment/web']));
    expect(tables(server)).toEqual([expect.stringContaining('includeObject=Metadata')]);
  });

  it('is what the selectors say', async () => {
    const { reader } = await readerOf(podsOf(30), { namespace: 'shop', fieldSelector: 'status.phase=Pending' });
    expect((await readPods(reader)).rows).toEqual([]);
  });
});

describe('a long list', () => {
  it('is asked of each namespace without objects, since only then is it small and still known where a pod is', async () => {
    const { server, reader } = await readerOf(podsOf(900));
    const listing = await readPods(reader);
    expect(new Set(names(listing)).size).toBe(900);
    expect(listing.rows.find(({ health }) => health.severity > 0)).toMatchObject({
      namespace: 'batch',
      name: 'web-7d9f8b6c5d-00000',
      health: { state: 'CrashLoopBackOff' },
      cells: ['0/1', 'CrashLoopBackOff', 42, expect.any(String), 'node-0001'],
    });
    const later = tables(server).slice(1);
    expect(later.length).toBeGreaterThan(2);
    expect(later.every((path) => path.includes('/namespaces/') && path.includes('includeObject=None'))).toBe(true);
  });

  it('of one namespace needs no list of namespaces', async () => {
    const { server, reader } = await readerOf(podsOf(600, { namespace: 'shop' }), { namespace: 'shop' });
    server.denied.push({ verb: 'list', resource: 'namespaces' });
    const listing = await readPods(reader);
    expect(new Set(names(listing)).size).toBe(600);
    expect(listing.rows.every(({ namespace }) => namespace === 'shop')).toBe(true);
  });

  it('is read page by page where namespaces may not be listed', async () => {
    const { server, reader } = await readerOf(podsOf(1200));
    server.denied.push({ verb: 'list', resource: 'namespaces' });
    const listing = await readPods(reader);
    expect(new Set(names(listing)).size).toBe(1200);
    expect(tables(server).every((path) => path.includes('includeObject=Metadata'))).toBe(true);
  });

  it('keeps to selectors in every namespace', async () => {
    const cluster = podsOf(700).add(pod({ name: 'db-0', namespace: 'shop', labels: { app: 'db' } }));
    const { reader } = await readerOf(cluster, { labelSelector: 'app!=db' });
    const listing = await readPods(reader);
    expect(listing.rows).toHaveLength(700);
  });
});

describe('a pod in deletion', () => {
  it.each([3, 700])('is trouble only when it should be gone for long, in a list of %d', async (count) => {
    const cluster = podsOf(count);
    cluster.add(pod({ name: 'stuck', namespace: 'shop', deleted: '40m', finalizers: ['example.com/backup'] }));
    cluster.add(pod({ name: 'leaving', namespace: 'shop', deleted: '20s' }));
    const { reader } = await readerOf(cluster);
    const { rows } = await readPods(reader);
    const health = (name: string) => rows.find((row) => row.name === name)?.health;
    expect(health('stuck')).toMatchObject({ state: 'Terminating', severity: expect.toSatisfy((n) => n > 20) });
    expect(health('leaving')).toMatchObject({ state: 'Terminating', severity: expect.toSatisfy((n) => n <= 20) });
  });
});

it('says of how many pods in deletion it did not look whether they hang', async () => {
  const cluster = podsOf(600);
  for (let index = 0; index < 50; index += 1)
    cluster.add(pod({ name: `gone-${index}`, namespace: 'shop', deleted: '40m', finalizers: ['a.b/c'] }));
  const { reader } = await readerOf(cluster);
  expect((await readPods(reader)).notes).toEqual([
    'Of 10 Terminating pods it is not known how long they should be gone.',
  ]);
});

it('judges pods by themselves where the server cannot print them', async () => {
  const { reader } = await readerOf(podsOf(3));
  const unprinted: Kubernetes = {
    ...reader.kubernetes,
    table: async (type, query, pick, signal) => {
      const columns = [{ name: 'Name', type: 'string', format: 'name', priority: 0 }];
      const listed = await reader.kubernetes.list(
        type,
        query,
        (object) => pick({ cells: [], object }, columns),
        signal,
      );
      return { ...listed, columns };
    },
  };
  const { rows } = await readPods({ ...reader, kubernetes: unprinted });
  expect(rows.map(({ name, health }) => [name, health.state])).toEqual([
    ['web-7d9f8b6c5d-00000', 'CrashLoopBackOff'],
    ['web-7d9f8b6c5d-00001', 'Running'],
    ['web-7d9f8b6c5d-00002', 'Running'],
  ]);
});

describe('why', () => {
  it('comes from the pods themselves', async () => {
    const { reader } = await readerOf(podsOf(3));
    const { rows } = await readPods(reader);
    const [crashing] = rows.filter(({ health }) => health.severity > 0);
    const { reasons } = await explainPods(crashing === undefined ? [] : [crashing], reader);
    expect([...reasons.values()]).toEqual(['exit 1 (Error) 4m ago']);
  });

  it('says of a pod that it is gone since, instead of failing', async () => {
    const cluster = podsOf(3);
    const { reader } = await readerOf(cluster);
    const { rows } = await readPods(reader);
    cluster.remove('Pod', 'web-7d9f8b6c5d-00000', 'batch');
    const gone = rows.filter(({ health }) => health.severity > 0);
    expect([...(await explainPods(gone, reader)).reasons.values()]).toEqual(['gone since it was listed']);
  });

  it('is left out where single pods may not be read', async () => {
    const { server, reader } = await readerOf(podsOf(3));
    server.denied.push({ verb: 'get', resource: 'pods' });
    const { rows } = await readPods(reader);
    const crashing = rows.filter(({ health }) => health.severity > 0);
    const { reasons, notes } = await explainPods(crashing, reader);
    expect([...reasons.values()]).toEqual(['restarted 4m ago']);
    expect(notes).toEqual([expect.stringMatching(/^why is not known of 1 pod: .*cannot get resource "pods"/)]);
  });

  it('costs the list nothing when the server stops to answer for single pods', async () => {
    const { server, reader } = await readerOf(podsOf(3));
    const { rows } = await readPods(reader);
    server.faults.push({ path: '/pods/web', fault: { kind: 'status', status: 500 } });
    const { notes } = await explainPods(rows, reader);
    expect(notes).toEqual([expect.stringMatching(/^why is not known of 3 pods: /)]);
  });
});

describe('pods on a node that is not ready', () => {
  const withNodes = () =>
    podsOf(6, { node: 'node-0002' }).add(
      node({ name: 'node-0001' }),
      node({ name: 'node-0002', notReady: { reason: 'NodeStatusUnknown', message: 'silent', since: '2h' } }),
      pod({ name: 'alive', namespace: 'shop', node: 'node-0001' }),
    );

  it('are counted, for they are printed as they were last seen', async () => {
    const { reader } = await readerOf(withNodes());
    expect((await readPods(reader)).notes).toEqual(['5 Running pods on NotReady node-0002, as last seen there.']);
  });

  it('are not spoken of where nodes may not be listed', async () => {
    const { server, reader } = await readerOf(withNodes());
    server.denied.push({ verb: 'list', resource: 'nodes' });
    const listing = await readPods(reader);
    expect(listing.rows).toHaveLength(7);
    expect(listing.notes).toEqual([]);
  });
});

it('fails as the server does when pods may not be listed', async () => {
  const { server, reader } = await readerOf(podsOf(3));
  server.denied.push({ verb: 'list', resource: 'pods' });
  await expect(readPods(reader)).rejects.toMatchObject({ code: 'denied', message: expect.stringContaining('pods') });
});
