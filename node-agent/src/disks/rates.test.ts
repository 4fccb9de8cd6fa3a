import { expect, it } from 'vitest';
import { type DiskSampleRow, intervalOf, ratesOf } from './rates.ts';

const ZERO = {
  readsCompleted: 0,
  readBytes: 0,
  writesCompleted: 0,
  writtenBytes: 0,
  busySeconds: 0,
  waitSeconds: 0,
  inFlight: 0,
};
const row = (change: Partial<typeof ZERO> = {}, ioErrors: number | null = null): DiskSampleRow => ({
  counters: { ...ZERO, ...change },
  ioErrors,
});

it('is what happened per second, and per request', () => {
  const before = row({ readsCompleted: 100, busySeconds: 5, waitSeconds: 7, writtenBytes: 1000 }, 4);
  const now = row(
    {
      readsCompleted: 150,
      writesCompleted: 50,
      readBytes: 40_960,
      writtenBytes: 9000,
      busySeconds: 10,
      waitSeconds: 8,
    },
    6,
  );
  expect(ratesOf(before, now, 10)).toEqual({
    utilizationRatio: 0.5,
    readsPerSecond: 5,
    writesPerSecond: 5,
    readBytesPerSecond: 4096,
    writtenBytesPerSecond: 800,
    averageWaitMs: 10,
    ioErrors: 2,
  });
});

it('has no average wait where nothing completed, and no errors where they are not counted', () => {
  const stuck = ratesOf(row(), row({ busySeconds: 10.2, inFlight: 3 }), 10);
  expect(stuck).toMatchObject({ utilizationRatio: 1, averageWaitMs: null, ioErrors: null });
});

it('survives the 32-bit clock starting again', () => {
  const end = 2 ** 32 / 1000;
  expect(ratesOf(row({ busySeconds: end - 1 }), row({ busySeconds: 2, readsCompleted: 1 }), 10)?.utilizationRatio).toBe(
    0.3,
  );
});

it('is null for counters that went backwards: another disk', () => {
  expect(ratesOf(row({ readsCompleted: 9 }), row({ readsCompleted: 3 }), 10)).toBeNull();
});

it.each([
  [0.5, null],
  [1, 1],
  [15.0004, 15],
  [60, 60],
  [61, null],
])('%d s between two looks', (seconds, interval) => {
  const at = (atSeconds: number) => ({ atSeconds, devices: new Map() });
  expect(intervalOf(at(100), at(100 + seconds))).toBe(interval);
  expect(intervalOf(null, at(100))).toBeNull();
});
