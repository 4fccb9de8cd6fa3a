import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { UnitsQuery } from '@telemcp/shared/routes';
import { expect, test } from 'vitest';
import { silentBus, unitNamed } from '../test/sample-facts.ts';
import { createUnitStore } from './unit-store.ts';

const UNREAD = { what: 'b.service', reason: 'permission_denied', detail: 'MainPID: AccessDenied' } as const;

function counting() {
  const calls: string[] = [];
  const clock = { ms: 0 };
  const store = createUnitStore({
    bus: silentBus,
    onBug: (_, error) => calls.push(`bug ${error}`),
    now: () => clock.ms,
    listUnits: async (_bus, query) => {
      calls.push(`list ${query.state}`);
      return { units: [unitNamed('a.service')], total: 7, truncated: true, missing: [] };
    },
    readUnit: async (_bus, name) => {
      calls.push(`read ${name}`);
      return { unit: unitNamed(name), missing: name === 'b.service' ? [UNREAD] : [] };
    },
  });
  return { calls, clock, store };
}

test('the same unit asked for by many within a second costs one look', async () => {
  const { calls, clock, store } = counting();
  await Promise.all([store.read('a.service'), store.read('a.service'), store.read('b.service')]);
  clock.ms = 749;
  expect(await store.read('a.service')).toMatchObject({ data: { name: 'a.service' }, ageSeconds: 0.749 });
  expect(calls).toEqual(['read a.service', 'read b.service']);
  clock.ms = 1000;
  await store.read('a.service');
  expect(calls).toHaveLength(3);
});

test('a unit of which a part could not be read is partial, and says which', async () => {
  const { store } = counting();
  expect(await store.read('b.service')).toMatchObject({
    status: 'partial',
    reason: 'permission_denied',
    missing: [UNREAD],
    data: { name: 'b.service' },
  });
  expect(await store.read('a.service')).toMatchObject({ status: 'ok', reason: null, missing: [] });
});

test('lists are told apart by every part of the question, and keep their totals', async () => {
  const { calls, store } = counting();
  const failed = UnitsQuery.parse({ state: 'failed' });
  const [one] = await Promise.all([
    store.list(failed),
    store.list(failed),
    store.list(UnitsQuery.parse({ limit: '5' })),
  ]);
  expect(one).toMatchObject({ status: 'ok', total: 7, truncated: true, source: 'dbus:org.freedesktop.systemd1' });
  expect(calls).toEqual(['list failed', 'list undefined']);
});

test('what nobody asks for any more is forgotten', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const { clock, store } = counting();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 5000; i += 1) {
    clock.ms += 100;
    await store.read(`unit-${i}-${'x'.repeat(200)}.service`);
  }
  collectGarbage();
  // Kept, they would hold over 5 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2e6);
});
