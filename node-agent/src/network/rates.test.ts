import { expect, it } from 'vitest';
import { createSampler, tcpBetween } from './rates.ts';
import type { TcpCounters } from './tcp-health.ts';

const sample = (atMs: number) => ({ atMs, devices: new Map(), tcp: null });

it('compares with the last look that is old enough and not too old', () => {
  const compare = createSampler();
  expect(compare(sample(0))).toBe(null);
  // Two clients at once must not leave each other without rates.
  expect(compare(sample(400))).toBe(null);
  expect(compare(sample(1200))?.atMs).toBe(0);
  expect(compare(sample(61_200))?.atMs).toBe(1200);
  expect(compare(sample(121_201))).toBe(null);
  expect(compare(sample(130_000))?.atMs).toBe(121_201);
});

const counters = (change: Partial<TcpCounters>): TcpCounters => ({
  established: 1,
  timeWait: 0,
  orphaned: 0,
  sentSegments: 1000,
  retransmittedSegments: 10,
  listenOverflows: 0,
  listenDrops: 0,
  syncookiesSent: 0,
  ...change,
});

it('gives the share sent again of enough segments, and null of what was not counted', () => {
  const later = counters({ sentSegments: 3000, retransmittedSegments: 110, listenOverflows: 7, listenDrops: null });
  expect(tcpBetween(counters({}), later)).toEqual({
    retransmittedSegments: 100,
    retransmitRatio: 0.05,
    listenOverflows: 7,
    listenDrops: null,
  });
  expect(tcpBetween(counters({}), counters({ sentSegments: 1099 }))?.retransmitRatio).toBe(null);
  expect(tcpBetween(counters({ sentSegments: null }), later)).toBe(null);
  expect(tcpBetween(null, later)).toBe(null);
});
