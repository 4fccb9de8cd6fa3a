import { expect, test } from 'vitest';
import { golden } from '../../test/fake-agent.ts';
import { networkProblems, showBitRate } from './network-problems.ts';

const facts = golden.network.data;
if (facts === null) throw new Error('the golden payload has data');

test('what breaks traffic comes before what harms it, and that before what is only worth knowing', () => {
  const conntrack = { entries: 99, max: 100, usedRatio: 0.99, dropped: 1, earlyDropped: 0, insertFailed: 0 };
  const dns = { servers: ['1', '2', '3', '4'], search: [], options: [], upstream: null };
  const found = networkProblems({ ...facts, conntrack, dns, defaultRoutes: [] });
  expect(found.map(({ rank, subject, kind }) => `${rank} ${subject}: ${kind}`)).toEqual([
    '0 conntrack: nearly full',
    '1 ens1f1: errors',
    '1 bond0: bond member down',
    '1 routes: no default route',
    '2 ens1f1: link flapped',
    '2 dns: more than 3 servers, the rest unused',
  ]);
});

test('nothing is said of what is not known', () => {
  const unknown = { interfaces: [], addresses: null, defaultRoutes: null, dns: null, tcp: null, conntrack: null };
  expect(networkProblems({ ...facts, ...unknown })).toEqual([]);
});

test.each([
  [0, '0b/s'],
  [999, '999b/s'],
  [1234, '1.2kb/s'],
  [412_300_000, '412Mb/s'],
  [10_000_000_000, '10Gb/s'],
  [100_000_000_000, '100Gb/s'],
])('%i bits per second are %s', (rate, text) => {
  expect(showBitRate(rate)).toBe(text);
});
