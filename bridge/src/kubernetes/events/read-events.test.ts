import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../test/kubernetes/api-server.ts';
import { newCluster } from '../../../test/kubernetes/cluster.ts';
import { object } from '../../../test/kubernetes/cluster-objects.ts';
import { kubernetesOf } from '../../../test/kubernetes/connect.ts';
import { ToolError } from '../../errors.ts';
import type { Kubernetes, ListQuery } from '../../upstreams/kubernetes.ts';
import { readEvents } from './read-events.ts';

let server: ApiServer;
let kubernetes: Kubernetes;
const { signal } = new AbortController();

beforeEach(async () => {
  const event = (namespace: string, name: string, kind: string, type: string) =>
    object(
      'v1',
      'Event',
      { name: `${name}.${kind}.${type}`, namespace },
      {
        involvedObject: { kind, namespace, name },
        reason: 'Because',
        message: 'of that',
        type,
        count: 3,
        firstTimestamp: '2026-11-22T12:26:49Z',
        lastTimestamp: '2026-11-22T12:26:49Z',
      },
    );
  const many = Array.from({ length: 600 }, (_, index) => event('bulk', `web-${index}`, 'Pod', 'Normal'));
  server = await startApiServer(
    newCluster().add(event('shop', 'cart', 'Pod', 'Warning'), event('shop', 'cart', 'Deployment', 'Normal'), ...many),
  );
  kubernetes = kubernetesOf(server);
});
afterEach(async () => {
  await kubernetes.close();
  await server.close();
});

const names = (selection: Parameters<typeof readEvents>[1]) =>
  readEvents(kubernetes, selection, ({ kind, name, message, count }) => `${kind}/${name} ${message} ${count}`, signal);

describe.each([
  ['v1', []],
  ['events.k8s.io/v1, where v1 is forbidden', [{ verb: 'list' as const, resource: 'events', group: '' }]],
])('readEvents from %s', (_, denied) => {
  beforeEach(() => void server.denied.push(...denied));

  it('reads all pages', async () => {
    expect(await names({})).toHaveLength(602);
    expect(server.requests.filter(({ path }) => path.includes('continue=')).length).toBeGreaterThan(0);
  });

  it('lets the server select', async () => {
    expect(await names({ namespace: 'shop', type: 'Warning', kind: 'Pod', name: 'cart' })).toEqual([
      'Pod/cart of that 3',
    ]);
    expect(await names({ namespace: 'shop', type: 'Warning', kind: 'Deployment' })).toEqual([]);
  });
});

describe('readEvents', () => {
  it('puts no name into the selector that would select something else', async () => {
    const selectors: (string | undefined)[] = [];
    const seeing: Kubernetes = {
      ...kubernetes,
      list: async <T>(_: unknown, query: ListQuery) => {
        selectors.push(query.fieldSelector);
        const items: T[] = [];
        return { items, resourceVersion: '', remaining: 0 };
      },
    };
    await readEvents(seeing, { name: 'other,type=Warning\\' }, () => true, signal);
    expect(selectors).toEqual(['involvedObject.name=other\\,type\\=Warning\\\\']);
  });
});

describe('readEvents where it may not read', () => {
  it('says what is forbidden and what the operator grants', async () => {
    server.denied.push({ verb: 'list', resource: 'events' });
    await expect(names({ namespace: 'shop' })).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringMatching(/^events is forbidden: .*cannot list resource "events" in API group ""/),
      hint: 'The operator grants get and list on events in namespace shop.',
    });
    await expect(names({})).rejects.toMatchObject({ hint: expect.stringContaining('name a namespace') });
  });

  it('does not read by another name what the operator excluded', async () => {
    const refusing: Kubernetes = {
      ...kubernetes,
      resolve: async (kind, with_) => {
        if (kind !== 'v1/Event') return kubernetes.resolve(kind, with_);
        throw new ToolError('denied', 'events: the operator excluded this kind');
      },
    };
    const read = readEvents(refusing, {}, () => true, signal);
    await expect(read).rejects.toMatchObject({ message: 'events: the operator excluded this kind' });
    expect(server.requests.filter(({ path }) => path.includes('/events'))).toEqual([]);
  });

  it('does not take a failure for a refusal', async () => {
    server.faults.push({ path: '/api/v1/events', fault: { kind: 'invalid-json' } });
    await expect(names({})).rejects.toMatchObject({ code: 'bad_response' });
    expect(server.requests.some(({ path }) => path.startsWith('/apis/events.k8s.io/v1/events'))).toBe(false);
  });
});
