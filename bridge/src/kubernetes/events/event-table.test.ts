import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from './event.ts';
import { eventTable } from './event-table.ts';
import { foldEvents, type TemplatedEvent } from './fold-events.ts';

const now = new Date('2026-11-22T13:02:11Z');

const event = (change: Partial<ClusterEvent>): TemplatedEvent => {
  const made = {
    namespace: 'shop',
    group: '',
    kind: 'Pod',
    name: 'cart-5c9d7f6b8-lq2ws',
    type: 'Warning',
    reason: 'Unhealthy',
    message: 'Readiness probe failed',
    first: now.getTime() - 60_000,
    last: now.getTime() - 60_000,
    count: 1,
    ...change,
  };
  return { ...made, template: made.message };
};

const tableOf = async (events: readonly TemplatedEvent[], most = 1) =>
  eventTable(
    await foldEvents(
      events,
      ({ name }) => (name.startsWith('cart-') ? [{ kind: 'Deployment', name: 'cart' }] : []),
      most,
    ),
    now,
    30,
  );
const objectOf = async (...events: readonly TemplatedEvent[]) => (await tableOf(events)).rows[0]?.at(-2);

describe('eventTable', () => {
  it('names what is common once', async () => {
    const table = await tableOf([event({}), event({ message: 'Liveness probe failed' })], 30);
    expect(table.common).toEqual({ type: 'Warning', reason: 'Unhealthy', namespace: 'shop' });
    expect(table.columns).toEqual(['age', 'count', 'object', 'message']);
    expect(table.rows[0]).toEqual(['1m', 1, 'Pod/cart-5c9d7f6b8-lq2ws', 'Liveness probe failed']);
  });

  it.each<[string, Partial<ClusterEvent>[], string]>([
    ['one object by its name', [{}, {}], 'Pod/cart-5c9d7f6b8-lq2ws'],
    ['an object without a kind', [{ kind: '', name: 'thing' }], 'thing'],
    ['pods by their owner', [{}, { name: 'cart-5c9d7f6b8-x2x7z' }], 'Deployment/cart (2 pods)'],
    ['pods whose owner is gone by what their names share', [{ name: 'db-0' }, { name: 'db-1' }], 'Pod/db-* (2 pods)'],
    ['different pods by their names', [{ name: 'web' }, { name: 'api', count: 2 }], 'Pod/api,web'],
    [
      'many nodes by the most frequent',
      ['a', 'b', 'c', 'd', 'e'].map((name, index) => ({ kind: 'Node', namespace: null, name, count: 9 - index })),
      'Node/a,b,c+2',
    ],
    ['owners of several kinds', [{}, { name: 'web', count: 2 }], 'Pod/web,Deployment/cart (2 pods)'],
  ])('shows %s', async (_, changes, shown) => {
    expect(await objectOf(...changes.map(event))).toBe(shown);
  });

  it('says how many other messages a row stands for', async () => {
    const { rows } = await tableOf([
      event({ message: 'one', last: 1 }),
      event({ message: 'two' }),
      event({ message: 'three', last: 1 }),
    ]);
    expect(rows).toEqual([[expect.any(String), 3, 'Pod/cart-5c9d7f6b8-lq2ws', 'two (and 2 other messages)']]);
  });

  it('lists the namespaces of a row with the most frequent first, and none for what has none', async () => {
    const rows = ['a', 'b', 'c', 'd'].map((namespace, index) => event({ namespace, count: index + 1 }));
    expect((await tableOf(rows)).common?.namespace).toBe('d,c,b+1');
    expect((await tableOf([event({ kind: 'Node', namespace: null })])).common?.namespace).toBeNull();
  });

  it('has no age for what has no time', async () => {
    expect((await tableOf([event({ last: null })])).rows[0]?.[0]).toBeNull();
  });
});
