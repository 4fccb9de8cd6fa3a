import { expect, test } from 'vitest';
import { fakeCollector, SAMPLE_FACTS, STORE_OPTIONS } from '../test/sample-facts.ts';
import { FactError } from './fact-error.ts';
import { createFactStore } from './fact-store.ts';
import { createRecentFacts } from './recent-facts.ts';

type Found = { data: typeof SAMPLE_FACTS.time; source: string };

/** A store whose `time` is found when the test says so, and stays fresh for no time at all; `os` is always there. */
function slowStore() {
  let answer = Promise.withResolvers<Found>();
  const collect = () => answer.promise;
  const time = fakeCollector('time', SAMPLE_FACTS.time, { collect, ttlMs: 0, timeoutMs: 60_000 });
  const store = createFactStore({ ...STORE_OPTIONS, collectors: [time, fakeCollector('os', SAMPLE_FACTS.os)] });
  return {
    store,
    find: (stratum: number) => answer.resolve({ data: { ...SAMPLE_FACTS.time, stratum }, source: 'test' }),
    hang: () => {
      answer = Promise.withResolvers();
    },
  };
}

test('one family that hangs keeps nobody waiting, and is told as it was last', async () => {
  const { store, find, hang } = slowStore();
  const recent = createRecentFacts(store, 30);
  const first = await recent(['time', 'os']);
  expect(first.time).toMatchObject({ status: 'unavailable', reason: 'timeout', data: null });
  expect(first.os?.data).toEqual(SAMPLE_FACTS.os);
  find(3);
  expect((await recent(['time'])).time?.data?.stratum).toBe(3);
  hang();
  const later = await recent(['os', 'time']);
  expect([later.time?.status, later.time?.data?.stratum]).toEqual(['ok', 3]);
  find(4);
  expect((await recent(['time'])).time?.data?.stratum).toBe(4);
});

test('what came after the wait is there the next time', async () => {
  const { store, find, hang } = slowStore();
  const recent = createRecentFacts(store, 1);
  expect((await recent(['time'])).time?.data).toBe(null);
  find(2);
  await store.get('time');
  hang();
  expect((await recent(['time'])).time?.data?.stratum).toBe(2);
});

test('what the host refuses now is not hidden behind what was seen before', async () => {
  let isRefused = false;
  const collect = async () => {
    if (isRefused) throw new FactError('permission_denied', 'no');
    return { data: SAMPLE_FACTS.os, source: 'test' };
  };
  const collectors = [fakeCollector('os', SAMPLE_FACTS.os, { collect, ttlMs: 0 })];
  const recent = createRecentFacts(createFactStore({ ...STORE_OPTIONS, collectors }));
  expect((await recent(['os'])).os?.status).toBe('ok');
  isRefused = true;
  expect((await recent(['os'])).os).toMatchObject({ status: 'unavailable', reason: 'permission_denied', data: null });
});

test('a bug of the agent is not taken for a host that is slow', async () => {
  const recent = createRecentFacts(createFactStore({ ...STORE_OPTIONS, collectors: [] }));
  await expect(recent(['os'])).rejects.toThrow('no collector for the family os');
});
