import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldEvents, type TemplatedEvent } from './fold-events.ts';

const event = (change: Partial<TemplatedEvent> = {}): TemplatedEvent => ({
  namespace: 'payments',
  group: '',
  kind: 'Pod',
  name: 'ledger-7d9f8b6c5d-x2x7z',
  type: 'Warning',
  reason: 'BackOff',
  first: 0,
  last: 1000,
  count: 1,
  message: 'Back-off restarting failed container main',
  template: 'Back-off restarting failed container main',
  ...change,
});
const noOwners = () => [];
const deploymentOf = ({ name }: TemplatedEvent) => [{ kind: 'Deployment', name: name.replace(/-[^-]+-[^-]+$/, '') }];

describe('foldEvents', () => {
  it('folds what the pods of one owner say, with the sum of their counts and the last of them', async () => {
    const groups = await foldEvents(
      [
        event({ count: 40, last: 1000 }),
        event({ count: 2, last: 3000, name: 'ledger-7d9f8b6c5d-q9q8w', message: 'last words' }),
        event({ count: 1, last: 2000, name: 'ledger-6b8f7c9d4f-aaaaa' }),
      ],
      deploymentOf,
      30,
    );
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ count: 43, newest: { last: 3000, message: 'last words' } });
    expect([...(groups[0]?.owners ?? [])]).toEqual([['Deployment/ledger', 43]]);
    expect(groups[0]?.objects.size).toBe(3);
  });

  it('claims no owner that was not seen', async () => {
    const [group] = await foldEvents([event(), event({ name: 'ledger-7d9f8b6c5d-q9q8w' })], noOwners, 30);
    expect([...(group?.owners.keys() ?? [])]).toEqual(['Pod/ledger-7d9f8b6c5d-*']);
  });

  it.each([
    ['namespace', { namespace: 'shop' }],
    ['reason', { reason: 'Failed' }],
    ['type', { type: 'Normal' }],
    ['kind', { kind: 'Job' }],
    ['message', { template: 'Back-off pulling image' }],
    ['owner', { name: 'cart-7d9f8b6c5d-x2x7z' }],
  ])('keeps apart what differs by %s', async (_, change) => {
    expect(await foldEvents([event(), event(change)], deploymentOf, 30)).toHaveLength(2);
  });

  it('takes nodes together, and knows each', async () => {
    const node = (name: string) => event({ kind: 'Node', namespace: null, name, reason: 'NodeNotReady' });
    const [group, ...rest] = await foldEvents(
      [node('node-0001'), node('ip-10-0-3-17'), node('node-0001')],
      noOwners,
      30,
    );
    expect(rest).toEqual([]);
    expect([...(group?.owners ?? [])]).toEqual([
      ['Node/node-0001', 2],
      ['Node/ip-10-0-3-17', 1],
    ]);
  });

  it('takes more than four alike of one namespace together, few stay apart', async () => {
    const pods = (count: number, change: Partial<TemplatedEvent> = {}) =>
      Array.from({ length: count }, (_, index) => event({ name: `app-${index}-7d9f8b6c5d-x2x7z`, ...change }));
    expect(await foldEvents(pods(4), deploymentOf, 30)).toHaveLength(4);
    expect(await foldEvents(pods(5), deploymentOf, 30)).toHaveLength(1);
    expect(await foldEvents([...pods(3), ...pods(3, { namespace: 'shop' })], deploymentOf, 30)).toHaveLength(6);
    expect(await foldEvents([...pods(3), ...pods(3, { template: 'other words' })], deploymentOf, 30)).toHaveLength(6);
  });

  it('leaves normal events a third of the rows, and those that are rare their own', async () => {
    const words = (type: string) =>
      Array.from({ length: 20 }, (_, index) =>
        event({ type, reason: 'Said', template: `${'abcdefghijklmnopqrst'[index]}` }),
      );
    const rare = event({ type: 'Normal', reason: 'NodeNotReady', kind: 'Node', namespace: null, name: 'node-0001' });
    expect(await foldEvents([...words('Warning')], noOwners, 30)).toHaveLength(20);
    const groups = await foldEvents([...words('Normal'), rare], noOwners, 30);
    expect(groups.map(({ newest, templates }) => [newest.reason, templates.size]).sort()).toEqual([
      ['NodeNotReady', 1],
      ['Said', 20],
    ]);
  });

  it('gives each owner and each node its own when none are to be taken together', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `app-${index}-7d9f8b6c5d-x2x7z`);
    expect(
      await foldEvents(
        names.map((name) => event({ name })),
        deploymentOf,
        null,
      ),
    ).toHaveLength(50);
    expect(
      await foldEvents(
        names.map((name) => event({ name, kind: 'Node' })),
        noOwners,
        null,
      ),
    ).toHaveLength(50);
  });

  it('puts warnings before what is newer', async () => {
    const groups = await foldEvents(
      [
        event({ type: 'Normal', last: 9000 }),
        event({ last: null, reason: 'Undated' }),
        event({ last: 5 }),
        event({ reason: 'Failed', last: 7 }),
      ],
      noOwners,
      30,
    );
    expect(groups.map(({ newest }) => newest.reason)).toEqual(['Failed', 'BackOff', 'Undated', 'BackOff']);
  });

  it('keeps rows for what is rare when there is too much of the same', async () => {
    const many = Array.from({ length: 200 }, (_, index) =>
      event({ name: `app-${index}-7d9f8b6c5d-x2x7z`, reason: 'Unhealthy' }),
    );
    const rare = [event(), event({ reason: 'FailedMount', name: 'db-0' }), event({ reason: 'Pulled', type: 'Normal' })];
    const groups = await foldEvents([...many, ...rare], deploymentOf, 5);
    expect(groups.map(({ newest, owners }) => [newest.reason, owners.size]).sort()).toEqual([
      ['BackOff', 1],
      ['FailedMount', 1],
      ['Pulled', 1],
      ['Unhealthy', 200],
    ]);
  });

  it('gives up the rows of normal events first', async () => {
    const of = (type: string) => (_: unknown, index: number) => event({ type, name: `app-${index}-7d9f8b6c5d-x2x7z` });
    const events = [...Array.from({ length: 4 }, of('Warning')), ...Array.from({ length: 9 }, of('Normal'))];
    const groups = await foldEvents(events, deploymentOf, 5);
    expect(groups.map(({ newest, owners }) => [newest.type, owners.size])).toEqual([
      ...Array.from({ length: 4 }, () => ['Warning', 1]),
      ['Normal', 9],
    ]);
  });

  const anyEvent = fc.record({
    namespace: fc.constantFrom(null, 'payments', 'shop'),
    group: fc.constant(''),
    kind: fc.constantFrom('Pod', 'Node', 'Deployment'),
    name: fc.constantFrom(
      'web',
      'db-0',
      'db-1',
      'ledger-7d9f8b6c5d-x2x7z',
      'ledger-7d9f8b6c5d-q9q8w',
      'cart-5c9d7f6b8-lq2ws',
    ),
    type: fc.constantFrom('Warning', 'Normal', ''),
    reason: fc.constantFrom('BackOff', 'Failed', ''),
    first: fc.constant(0),
    last: fc.option(fc.nat(3)),
    count: fc.integer({ min: 1, max: 1000 }),
    message: fc.constantFrom('a', 'b'),
    template: fc.constantFrom('a', 'b', 'c'),
  });

  it('loses no event, whatever it has to fold, and has the same groups in whatever order they came', async () => {
    const shuffled = fc
      .array(anyEvent, { maxLength: 40 })
      .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })));
    await fc.assert(
      fc.asyncProperty(shuffled, fc.option(fc.integer({ min: 1, max: 30 })), async ([events, again], most) => {
        const groups = await foldEvents(events, noOwners, most);
        const total = events.reduce((sum, { count }) => sum + count, 0);
        expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(total);
        const plain = (list: typeof groups) =>
          list.map((group) => [
            group.newest,
            group.count,
            [...group.owners].sort(),
            [...group.namespaces].sort(),
            [...group.objects].sort(),
          ]);
        expect(plain(await foldEvents(again, noOwners, most))).toEqual(plain(groups));
      }),
    );
  });
});
