import { expect, test, vi } from 'vitest';
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
  clock.ms = 3749;
  const second = await cached.get();
  expect([second.data, second.ageSeconds, second.collectedAt]).toEqual([1, 3.749, first.collectedAt]);
  expect(clock.looks).toBe(1);
  clock.ms = 5000;
  const third = await cached.get();
  expect([third.data, third.ageSeconds]).toEqual([2, 0]);
});

/** Looks that end when the test says so. */
function slow(ttlMs = 5000, timeoutMs = 1000) {
  const ends: ((data: number) => void)[] = [];
  const look = () =>
    new Promise<Collected<number>>((resolve) => ends.push((data) => resolve({ data, source: 'test' })));
  const { clock, cached } = counting(look, ttlMs, timeoutMs);
  const end = async (data: number) => {
    ends.shift()?.(data);
    await vi.waitFor(() => expect(cached.last()?.data).toBe(data));
  };
  return { clock, cached, end };
}

test('under steady questions nobody waits for a look, and every answer says its true age', async () => {
  const { clock, cached, end } = slow();
  const first = cached.get();
  await end(1);
  const { collectedAt } = await first;
  clock.ms = 3750;
  expect(await cached.get()).toMatchObject({ data: 1, ageSeconds: 3.75, collectedAt });
  expect(clock.looks).toBe(2);
  clock.ms = 5999;
  expect(await cached.get()).toMatchObject({ data: 1, ageSeconds: 5.999, collectedAt });
  expect(clock.looks).toBe(2);
  await end(2);
  expect(await cached.get()).toMatchObject({ data: 2, ageSeconds: 2.249 });
});

test('an answer is not given for longer than its time and the deadline of the look after it', async () => {
  const { clock, cached, end } = slow();
  const first = cached.get();
  await end(1);
  await first;
  clock.ms = 4000;
  await cached.get();
  clock.ms = 6000;
  const waiting = cached.get();
  await end(2);
  expect(await waiting).toMatchObject({ data: 2 });
  expect(clock.looks).toBe(2);
});

test('an answer that nobody asked for ahead of its end is not given after it', async () => {
  const { clock, cached, end } = slow();
  const first = cached.get();
  await end(1);
  await first;
  clock.ms = 5000;
  const waiting = cached.get();
  await end(2);
  expect(await waiting).toMatchObject({ data: 2 });
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
