import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../test/kubernetes/api-server.ts';
import { type Cluster, newCluster } from '../../test/kubernetes/cluster.ts';
import { object } from '../../test/kubernetes/cluster-objects.ts';
import { kubernetesOf } from '../../test/kubernetes/connect.ts';
import { pod } from '../../test/kubernetes/pod-objects.ts';
import { textAt } from '../kubernetes/json.ts';
import type { Kubernetes, ResourceType } from './kubernetes.ts';

const PODS = 700;
const SECRET = 'hunter2-must-not-leak';
const { signal } = new AbortController();
const cleanups: (() => Promise<unknown>)[] = [];
const nameOf = (each: Parameters<typeof textAt>[0]) => textAt(each, 'metadata', 'name');
let cluster: Cluster;

beforeAll(() => {
  cluster = newCluster();
  for (let index = 0; index < PODS; index += 1)
    cluster.add(pod({ name: `p-${String(index).padStart(4, '0')}`, namespace: index % 2 === 0 ? 'even' : 'odd' }));
  const data = { password: Buffer.from(SECRET).toString('base64') };
  cluster.add(object('v1', 'Secret', { name: 'db', namespace: 'even' }, { type: 'Opaque', data }));
  cluster.add(object('v1', 'ConfigMap', { name: 'settings', namespace: 'even' }, { data: { LEVEL: 'info' } }));
  cluster.setLog({ namespace: 'even', pod: 'p-0000', container: 'main' }, 'one\ntwo\nthree\n');
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connected(
  options: ApiServerOptions = {},
  connecting: Parameters<typeof kubernetesOf>[1] = {},
): Promise<{ server: ApiServer; kubernetes: Kubernetes }> {
  const server = await startApiServer(cluster, options);
  const kubernetes = kubernetesOf(server, connecting);
  cleanups.push(server.close, kubernetes.close);
  return { server, kubernetes };
}

async function podsOf(kubernetes: Kubernetes): Promise<ResourceType> {
  return await kubernetes.resolve('pods', signal);
}

describe('the Kubernetes client', () => {
  it('reads all pages of a list, each object once', async () => {
    const { server, kubernetes } = await connected();
    const { items, remaining, resourceVersion } = await kubernetes.list(await podsOf(kubernetes), {}, nameOf, signal);
    expect(new Set(items).size).toBe(PODS);
    expect(items).toHaveLength(PODS);
    expect({ remaining, resourceVersion }).toEqual({ remaining: 0, resourceVersion: String(cluster.revision) });
    expect(server.requests.filter(({ path }) => path.includes('continue=')).length).toBeGreaterThan(0);
  });

  it('begins a list again that expires midway, without an object twice or missing', async () => {
    const { server, kubernetes } = await connected();
    const pods = await podsOf(kubernetes);
    server.expire = { afterPages: 0, times: 2 };
    const { items } = await kubernetes.list(pods, {}, nameOf, signal);
    expect(items).toHaveLength(PODS);
    expect(new Set(items).size).toBe(PODS);
  });

  it('gives up, and says so, on a list that always expires', async () => {
    const { server, kubernetes } = await connected();
    const pods = await podsOf(kubernetes);
    server.expire = { afterPages: 0, times: 1000 };
    await expect(kubernetes.list(pods, {}, nameOf, signal)).rejects.toMatchObject({
      code: 'bad_response',
      message: expect.stringMatching(/expired/i),
    });
  });

  it('stops after the first so many, and says how many there are besides', async () => {
    const { server, kubernetes } = await connected();
    const pods = await podsOf(kubernetes);
    const { items, remaining } = await kubernetes.listMetadata(pods, { first: 100 }, nameOf, signal);
    expect({ shown: items.length, remaining }).toEqual({ shown: 100, remaining: PODS - 100 });
    expect(server.requests.filter(({ path }) => path.includes('/pods'))).toHaveLength(1);
    const selected = { first: 100, fieldSelector: 'metadata.namespace=odd' };
    expect((await kubernetes.listMetadata(pods, selected, nameOf, signal)).remaining).toBeNull();
  });

  it('reads tables in each form, and hands over what the row is about', async () => {
    const { kubernetes } = await connected();
    const pods = await podsOf(kubernetes);
    const query = { namespace: 'odd', first: 1 };
    const none = await kubernetes.table(pods, { ...query, include: 'None' }, (row) => row, signal);
    expect(none.items).toEqual([{ cells: expect.arrayContaining(['p-0001', '1/1', 'Running']), object: null }]);
    expect(none.columns.slice(0, 3).map(({ name }) => name)).toEqual(['Name', 'Ready', 'Status']);
    const whole = await kubernetes.table(pods, { ...query, include: 'Object' }, ({ object: it }) => it, signal);
    expect(textAt(whole.items[0], 'spec', 'containers', 0, 'name')).toBe('main');
    const cached = await kubernetes.table(pods, { include: 'None', cached: true }, ({ cells }) => cells[0], signal);
    expect(cached.items).toHaveLength(PODS);
  });

  it('tells what items of a list are, which the server leaves out', async () => {
    const { kubernetes } = await connected();
    const type = await kubernetes.resolve('cm', signal);
    const { items } = await kubernetes.list(type, { namespace: 'even' }, (each) => each, signal);
    expect(items).toEqual([expect.objectContaining({ apiVersion: 'v1', kind: 'ConfigMap', data: { LEVEL: 'info' } })]);
  });

  it('never has the value of a Secret, in whichever form it is read', async () => {
    const { kubernetes } = await connected();
    const secrets = await kubernetes.resolve('secret', signal);
    const query = { namespace: 'even' };
    const seen = [
      await kubernetes.get(secrets, { ...query, name: 'db' }, signal),
      await kubernetes.list(secrets, query, (each) => each, signal),
      await kubernetes.listMetadata(secrets, query, (each) => each, signal),
      await kubernetes.table(secrets, { ...query, include: 'Object' }, (row) => row, signal),
    ];
    expect(JSON.stringify(seen)).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 12));
    expect(seen[0]).toMatchObject({ data: { password: `<${SECRET.length} bytes>` } });
  });

  it.each(['configmaps', 'ConfigMap', 'cm', 'v1/configmap'])(
    'refuses what the operator excluded as %s on every path',
    async (kind) => {
      const type = await (await connected()).kubernetes.resolve('cm', signal);
      const { server, kubernetes } = await connected({}, { deniedKinds: [kind] });
      const all = (each: unknown) => each;
      const denied = { code: 'denied', message: expect.stringContaining('the operator excluded this kind') };
      await expect(kubernetes.resolve('cm', signal)).rejects.toMatchObject(denied);
      await expect(kubernetes.get(type, { namespace: 'even', name: 'settings' }, signal)).rejects.toMatchObject(denied);
      await expect(kubernetes.list(type, {}, all, signal)).rejects.toMatchObject(denied);
      await expect(kubernetes.listMetadata(type, {}, all, signal)).rejects.toMatchObject(denied);
      await expect(kubernetes.table(type, { include: 'None' }, all, signal)).rejects.toMatchObject(denied);
      expect((await kubernetes.types(signal)).map(({ plural }) => plural)).not.toContain('configmaps');
      expect(server.requests.filter(({ path }) => path.includes('configmaps'))).toEqual([]);
    },
  );

  it('refuses logs where pods are excluded', async () => {
    const { kubernetes } = await connected({}, { deniedKinds: ['pods'] });
    const read = async () => {
      for await (const _ of kubernetes.log({ namespace: 'even', name: 'p-0000' }, { container: 'main' }, signal)) break;
    };
    await expect(read()).rejects.toMatchObject({ code: 'denied' });
  });

  it('reads a log while it comes', async () => {
    const { kubernetes } = await connected();
    const chunks: Buffer[] = [];
    const log = kubernetes.log({ namespace: 'even', name: 'p-0000' }, { container: 'main', tailLines: 2 }, signal);
    for await (const chunk of log) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('two\nthree\n');
  });

  it.each(['x/log', '..', 'a%2Flog', '', 'a b'])('asks for no name that leads elsewhere: %j', async (name) => {
    const { server, kubernetes } = await connected();
    const pods = await podsOf(kubernetes);
    const before = server.requests.length;
    for (const of of [
      { namespace: 'even', name },
      { namespace: name, name: 'x' },
    ])
      await expect(kubernetes.get(pods, of, signal)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(server.requests).toHaveLength(before);
  });

  it('looks for a kind that is new, and knows it from then on', async () => {
    const { kubernetes } = await connected();
    vi.useFakeTimers({ toFake: ['performance'] });
    cleanups.push(async () => void vi.useRealTimers());
    await expect(kubernetes.resolve('widgets', signal)).rejects.toMatchObject({ code: 'not_found' });
    const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'] };
    const versions = [{ name: 'v1', served: true, storage: true, additionalPrinterColumns: [] }];
    const spec = { group: 'example.org', scope: 'Namespaced', names, versions };
    cluster.add(
      object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { name: 'widgets.example.org' }, { spec }),
    );
    vi.advanceTimersByTime(11_000);
    await expect(kubernetes.resolve('wd', signal)).resolves.toMatchObject({ group: 'example.org', plural: 'widgets' });
  });

  it('looks for kinds on behalf of all who wait, also when the first of them gives up', async () => {
    const { kubernetes } = await connected();
    const impatient = new AbortController();
    const first = kubernetes.resolve('pods', impatient.signal);
    const second = kubernetes.resolve('pods', signal);
    impatient.abort(new Error('gave up'));
    await expect(first).rejects.toThrow('gave up');
    expect((await second).kind).toBe('Pod');
  });

  it.each([
    ['an older server', JSON.stringify({ kind: 'APIVersions', versions: ['v1'] })],
    ['something else', '{}'],
  ])('does not take %s for one that serves no kinds', async (_, body) => {
    const { server, kubernetes } = await connected();
    server.faults.push({ path: /^\/apis?$/, fault: { kind: 'body', body } });
    await expect(kubernetes.resolve('pods', signal)).rejects.toMatchObject({
      code: 'bad_response',
      hint: expect.stringContaining('1.27'),
    });
  });

  it('asks for new credentials once when they are refused', async () => {
    const { server } = await connected({ token: 'right' });
    const renewing = kubernetesOf({ url: server.url, token: 'old' }, { renewedToken: 'right' });
    const refused = kubernetesOf({ url: server.url, token: 'wrong' });
    cleanups.push(renewing.close, refused.close);
    await expect(renewing.version(signal)).resolves.toBe('v1.36.2');
    server.requests.length = 0;
    await expect(refused.version(signal)).rejects.toMatchObject({ code: 'denied', message: 'Unauthorized' });
    expect(server.requests).toHaveLength(2);
  });

  it('waits as a busy server asks, and asks again', async () => {
    const { server, kubernetes } = await connected();
    server.faults.push({ path: '/version', fault: { kind: 'status', status: 429, retryAfterSeconds: 0 }, times: 2 });
    await expect(kubernetes.version(signal)).resolves.toBe('v1.36.2');
    server.faults.push({ path: '/version', fault: { kind: 'status', status: 429, retryAfterSeconds: 0 } });
    await expect(kubernetes.version(signal)).rejects.toMatchObject({ code: 'too_large' });
  });

  it.each([
    ['an error of its own', { kind: 'status', status: 500 }, 'bad_response'],
    ['what is behind it being down', { kind: 'status', status: 503 }, 'unreachable'],
    ['a proxy that gave up', { kind: 'status', status: 504 }, 'timeout'],
    ['a page of HTML', { kind: 'html' }, 'bad_response'],
    ['JSON that is no list', { kind: 'wrong-shape' }, 'bad_response'],
    ['JSON that breaks off', { kind: 'invalid-json' }, 'bad_response'],
    ['a connection that is cut', { kind: 'cut' }, 'unreachable'],
    ['silence', { kind: 'silent' }, 'timeout'],
    ['a header and silence', { kind: 'header-only' }, 'timeout'],
    ['a body that stalls', { kind: 'stalled' }, 'timeout'],
  ] as const)('makes a clear error of %s, never a short list', async (_, fault, code) => {
    const { server, kubernetes } = await connected({}, { timeoutMs: 400 });
    const pods = await podsOf(kubernetes);
    server.faults.push({ path: 'continue=', fault });
    await expect(kubernetes.list(pods, {}, nameOf, signal)).rejects.toMatchObject({ code, upstream: 'kubernetes' });
  });

  it('says which permission is missing, in the words of the server', async () => {
    const { kubernetes } = await connected({ denied: [{ verb: 'list', resource: 'secrets' }] });
    const secrets = await kubernetes.resolve('secrets', signal);
    await expect(kubernetes.list(secrets, {}, nameOf, signal)).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringMatching(/^secrets is forbidden: User .* cannot list resource "secrets"/),
      hint: expect.stringContaining('get and list on secrets'),
    });
  });

  it('says that logs want a permission of their own', async () => {
    const { server, kubernetes } = await connected();
    server.faults.push({ path: '/log', fault: { kind: 'status', status: 403 } });
    const read = async () => {
      for await (const _ of kubernetes.log({ namespace: 'even', name: 'p-0000' }, { container: 'main' }, signal)) break;
    };
    await expect(read()).rejects.toMatchObject({ code: 'denied', hint: expect.stringContaining('get on pods/log ') });
  });

  it('says a bad selector in the words of the server', async () => {
    const { kubernetes } = await connected();
    const pods = await podsOf(kubernetes);
    await expect(kubernetes.list(pods, { labelSelector: '===' }, nameOf, signal)).rejects.toMatchObject({
      code: 'bad_query',
    });
    await expect(kubernetes.list(pods, { fieldSelector: 'status.nonsense=x' }, nameOf, signal)).rejects.toMatchObject({
      code: 'bad_query',
      message: expect.stringContaining('status.nonsense'),
    });
  });

  it('ends at once when the caller gives up', async () => {
    const { server, kubernetes } = await connected();
    server.faults.push({ path: '/version', fault: { kind: 'silent' } });
    const caller = new AbortController();
    const asked = kubernetes.version(caller.signal);
    await vi.waitFor(() => expect(server.requests.some(({ path }) => path === '/version')).toBe(true));
    caller.abort(new Error('gone'));
    await expect(asked).rejects.toMatchObject({ code: 'timeout' });
  });

  it('sends nothing but GET', async () => {
    const { server, kubernetes } = await connected();
    const pods = await podsOf(kubernetes);
    await kubernetes.get(pods, { namespace: 'even', name: 'p-0000' }, signal);
    await kubernetes.table(pods, { include: 'Metadata' }, () => undefined, signal);
    expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });
});
