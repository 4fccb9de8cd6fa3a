import { afterEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../test/kubernetes/api-server.ts';
import { newCluster } from '../../test/kubernetes/cluster.ts';
import { kubernetesOf } from '../../test/kubernetes/connect.ts';
import { pod } from '../../test/kubernetes/pod-objects.ts';
import type { Kubernetes, ResourceType } from '../upstreams/kubernetes.ts';
import { checkNamespace, findPlaces, nameSelector, notFound, readName } from './named-object.ts';

const PODS: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  namespaced: true,
  verbs: ['get', 'list'],
  subresources: [],
};
const NODES: ResourceType = {
  ...PODS,
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: [],
  namespaced: false,
};

describe('readName', () => {
  it.each([
    ['ledger', undefined, { namespace: undefined, name: 'ledger' }],
    ['payments/ledger', undefined, { namespace: 'payments', name: 'ledger' }],
    ['payments/ledger', 'payments', { namespace: 'payments', name: 'ledger' }],
    ['pod/ledger', undefined, { namespace: undefined, name: 'ledger' }],
    ['Pods/ledger', 'shop', { namespace: 'shop', name: 'ledger' }],
    ['po/ledger', undefined, { namespace: undefined, name: 'ledger' }],
  ])('takes %s in %s', (written, namespace, place) => {
    expect(readName(written, namespace, PODS)).toEqual(place);
  });

  it.each([
    ['payments/ledger', 'shop', PODS],
    ['a/b/c', undefined, PODS],
    ['/ledger', undefined, PODS],
    ['ledger/', undefined, PODS],
    ['shop/node-0001', undefined, NODES],
  ])('refuses %s in %s', (written, namespace, type) => {
    expect(() => readName(written, namespace, type)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });
});

it('does not let a name become another selector', () => {
  expect(nameSelector('a,metadata.namespace=b')).toBe('metadata.name=a\\,metadata.namespace\\=b');
});

describe('at a server', () => {
  let server: ApiServer;
  let kubernetes: Kubernetes;
  const { signal } = new AbortController();

  async function connect() {
    const cluster = newCluster().add(
      pod({ name: 'ledger-7d9f8b6c5d-x2x7z', namespace: 'payments' }),
      pod({ name: 'db-0', namespace: 'payments' }),
      pod({ name: 'db-0', namespace: 'shop' }),
    );
    server = await startApiServer(cluster);
    kubernetes = kubernetesOf(server);
  }
  afterEach(async () => {
    await kubernetes.close();
    await server.close();
  });

  it('finds a name in whatever namespaces have it, and does not assume one', async () => {
    await connect();
    const find = (name: string) => findPlaces({ namespace: undefined, name }, PODS, kubernetes, signal);
    expect(await find('ledger-7d9f8b6c5d-x2x7z')).toMatchObject([{ namespace: 'payments' }]);
    expect(await find('db-0')).toMatchObject([{ namespace: 'payments' }, { namespace: 'shop' }]);
  });

  it.each([
    ['db-1', undefined, 'Near to it: payments/db-0.'],
    ['ledgr', undefined, 'Near to it: payments/ledger-7d9f8b6c5d-x2x7z.'],
    ['ledger', undefined, 'Near to it: payments/ledger-7d9f8b6c5d-x2x7z.'],
    ['ledger-7d9f8b6c5d-x2x7z', 'shop', 'It is in namespace payments.'],
    ['zzz', undefined, 'k8s.get with kind="pods" lists what there is.'],
  ])('says what %s in %s may have been meant for', async (name, namespace, hint) => {
    await connect();
    expect(await notFound({ namespace, name }, PODS, kubernetes, signal)).toMatchObject({ code: 'not_found', hint });
  });

  it('still says that it is not there when the names may not be listed', async () => {
    await connect();
    server.denied.push({ verb: 'list', resource: 'pods' });
    const error = await notFound({ namespace: 'shop', name: 'ledgr' }, PODS, kubernetes, signal);
    expect(error.message).toBe('pod "ledgr" in namespace shop does not exist');
  });

  it('tells an empty namespace from one that is not', async () => {
    await connect();
    await expect(checkNamespace('default', kubernetes, signal)).resolves.toBeUndefined();
    await expect(checkNamespace('paymnts', kubernetes, signal)).rejects.toMatchObject({
      code: 'not_found',
      hint: 'Near to it: payments.',
    });
    server.denied.push({ verb: 'get', resource: 'namespaces' });
    await expect(checkNamespace('paymnts', kubernetes, signal)).resolves.toBeUndefined();
  });
});
