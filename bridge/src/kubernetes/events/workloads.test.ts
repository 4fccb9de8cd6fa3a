import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../test/kubernetes/api-server.ts';
import { newCluster } from '../../../test/kubernetes/cluster.ts';
import { object } from '../../../test/kubernetes/cluster-objects.ts';
import { kubernetesOf } from '../../../test/kubernetes/connect.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';
import { findWorkloads } from './workloads.ts';

const namespace = 'payments';
const LONG = 'a-workload-whose-name-leaves-no-room-for-the-letters-of-its-pods';

let server: ApiServer;
let kubernetes: Kubernetes;
const { signal } = new AbortController();

beforeEach(async () => {
  const hash = { 'pod-template-hash': '7d9f8b6c5d' };
  const owner = { kind: 'Deployment', name: 'ledger' };
  server = await startApiServer(
    newCluster().add(
      object('apps/v1', 'ReplicaSet', { name: 'ledger-7d9f8b6c5d', namespace, labels: hash, owner }),
      object('apps/v1', 'ReplicaSet', { name: 'bare', namespace }),
      object('apps/v1', 'ReplicaSet', { name: LONG, namespace }),
      object('apps/v1', 'ReplicaSet', { name: 'both', namespace }),
      object('apps/v1', 'StatefulSet', { name: 'db', namespace }),
      object('apps/v1', 'DaemonSet', { name: 'agent', namespace }),
      object('apps/v1', 'DaemonSet', { name: 'both', namespace }),
      object('batch/v1', 'Job', { name: 'backup-28374650', namespace, owner: { kind: 'CronJob', name: 'backup' } }),
      object('batch/v1', 'Job', { name: 'render', namespace }),
      object('apps/v1', 'StatefulSet', { name: 'elsewhere', namespace: 'shop' }),
    ),
  );
  kubernetes = kubernetesOf(server);
});
afterEach(async () => {
  await kubernetes.close();
  await server.close();
});

const chain = async (kind: string, name: string) => {
  const about = { namespace, kind, name };
  const { ownersOf } = await findWorkloads([about], kubernetes, signal);
  return ownersOf(about).map((owner) => `${owner.kind}/${owner.name}`);
};

describe('findWorkloads', () => {
  it.each([
    ['Pod', 'ledger-7d9f8b6c5d-x2x7z', ['ReplicaSet/ledger-7d9f8b6c5d', 'Deployment/ledger']],
    ['ReplicaSet', 'ledger-7d9f8b6c5d', ['Deployment/ledger']],
    ['Pod', 'bare-x2x7z', ['ReplicaSet/bare']],
    ['Pod', 'db-0', ['StatefulSet/db']],
    ['Pod', 'db-12', ['StatefulSet/db']],
    ['Pod', 'agent-x2x7z', ['DaemonSet/agent']],
    ['Pod', 'backup-28374650-x2x7z', ['Job/backup-28374650', 'CronJob/backup']],
    ['Job', 'backup-28374650', ['CronJob/backup']],
    ['Pod', 'render-3-x2x7z', ['Job/render']],
    ['Pod', `${LONG.slice(0, 58)}x2x7z`, [`ReplicaSet/${LONG}`]],
  ])('finds who stands behind %s %s', async (kind, name, owners) => {
    expect(await chain(kind, name)).toEqual(owners);
  });

  it.each([
    ['Pod', 'ledger-6b8f7c9d4f-x2x7z', 'its ReplicaSet is gone'],
    ['Pod', 'both-x2x7z', 'two could have made it'],
    ['Pod', 'agent-0', 'a DaemonSet does not number its pods'],
    ['Pod', 'db-x2x7z', 'a StatefulSet numbers its pods'],
    ['Pod', 'bare', 'nothing is generated in its name'],
    ['Pod', 'elsewhere-0', 'that is in another namespace'],
    ['ReplicaSet', 'bare', 'it has none'],
    ['Deployment', 'ledger', 'it has none'],
  ])('claims no owner of %s %s: %s', async (kind, name) => {
    expect(await chain(kind, name)).toEqual([]);
  });

  it('asks nothing where nothing can have an owner', async () => {
    const { ownersOf, gaps } = await findWorkloads(
      [{ namespace: null, kind: 'Node', name: 'node-0001' }],
      kubernetes,
      signal,
    );
    expect([ownersOf({ namespace: null, kind: 'Node', name: 'node-0001' }), gaps]).toEqual([[], []]);
    expect(server.requests).toEqual([]);
  });

  it('asks for metadata only, by namespace while they are few', async () => {
    const about = (of: string) => ({ namespace: of, kind: 'Pod', name: 'db-0' });
    await findWorkloads([about('payments'), about('shop')], kubernetes, signal);
    const paths = () => server.requests.filter(({ path }) => /sets|jobs/.test(path));
    expect(paths().map(({ path }) => path.split('?')[0])).toContain('/apis/apps/v1/namespaces/shop/statefulsets');
    expect(paths().every(({ accept }) => accept?.includes('as=PartialObjectMetadataList'))).toBe(true);
    server.requests.length = 0;
    await findWorkloads('abcdef'.split('').map(about), kubernetes, signal);
    expect(
      paths()
        .map(({ path }) => path.split('?')[0])
        .sort(),
    ).toEqual([
      '/apis/apps/v1/daemonsets',
      '/apis/apps/v1/replicasets',
      '/apis/apps/v1/statefulsets',
      '/apis/batch/v1/jobs',
    ]);
  });

  it('says which kinds it may not read, and finds the others', async () => {
    server.denied.push({ verb: 'list', resource: 'replicasets' });
    const abouts = ['ledger-7d9f8b6c5d-x2x7z', 'db-0'].map((name) => ({ namespace, kind: 'Pod', name }));
    const { ownersOf, gaps } = await findWorkloads(abouts, kubernetes, signal);
    expect(abouts.map((about) => ownersOf(about).length)).toEqual([0, 1]);
    expect(gaps).toEqual([expect.stringMatching(/^ReplicaSets: .*replicasets.* is forbidden/)]);
  });

  it('gives up when the call does', async () => {
    server.faults.push({ path: '/replicasets', fault: { kind: 'silent' } });
    const controller = new AbortController();
    const found = findWorkloads([{ namespace, kind: 'Pod', name: 'bare-x2x7z' }], kubernetes, controller.signal);
    controller.abort();
    await expect(found).rejects.toThrow();
  });
});
