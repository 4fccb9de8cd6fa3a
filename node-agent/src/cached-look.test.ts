import { expect, test } from 'vitest';
import { createCachedLook } from './cached-look.ts';
import type { Collected } from './collector.ts';
import { FactError } from './fact-error.ts';

/** A look that counts, under a clock that the test moves. */
function counting(look: (time: number) => Promise<Collected<number>>, ttlMs = 5000, timeoutMs = 1000) {
  const clock = { ms: 0, looks: 0, bugs: 0 };
  const cached = createCachedLook<number>({
    name: 'os',
    ttlMs,
    timeoutMs,
    look: () => {
      clock.looks += 1;
      return look(clock.looks);
    },
    onBug: () => {
      clock.bugs += 1;
    },
    now: () => clock.ms,
  });
  return { clock, cached };
}

const found = async (data: number) => ({ data, source: 'test' });

test('those who ask at the same time share one look', async () => {
  const { clock, cached } = counting(found);
  const answers = await Promise.all([cached.get(), cached.get(), cached.get()]);
  expect(clock.looks).toBe(1);
  expect(answers.map((answer) => answer.data)).toEqual([1, 1, 1]);
});

test('an answer is served from memory until its time is up, and says how old it is', async () => {
  const { clock, cached } = counting(found);
  const first = await cached.get();
  clock.ms = 4999;
  const second = await cached.get();
  expect([second.data, second.ageSeconds, second.collectedAt]).toEqual([1, 4.999, first.collectedAt]);
  clock.ms = 5000;
  const third = await cached.get();
  expect([third.data, third.ageSeconds]).toEqual([2, 0]);
});

test('a failure is asked about again after a second, whatever the time to live', async () => {
  const { clock, cached } = counting(async (time) => {
    if (time === 1) throw new FactError('unreachable', 'no bus');
    return found(time);
  });
  expect((await cached.get()).reason).toBe('unreachable');
  clock.ms = 999;
  expect(await cached.get()).toMatchObject({ reason: 'unreachable', ageSeconds: 0.999 });
  expect(clock.looks).toBe(1);
  clock.ms = 1000;
  expect((await cached.get()).data).toBe(2);
});

test('a bug is told once per look, not once per caller', async () => {
  const { clock, cached } = counting(async () => {
    throw new TypeError('x is undefined');
  });
  const answers = await Promise.all([cached.get(), cached.get()]);
  expect(answers.map((answer) => answer.reason)).toEqual(['internal_error', 'internal_error']);
  expect(JSON.stringify(answers)).not.toContain('x is undefined');
  expect(clock.bugs).toBe(1);
});

test('a look that throws before it waits is a bug like any other, and is tried again', async () => {
  const { clock, cached } = counting(() => {
    throw new TypeError('at once');
  });
  await cached.get();
  clock.ms = 1000;
  await cached.get();
  expect(clock.looks).toBe(2);
});
