import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { MUTATIONS, mutatedText } from '../../test/mutated-text.ts';
import { isSameNamespace, parseNetDev } from './net-dev.ts';

const text = await fixtureHost('debian-12').readText('/proc/1/net/dev');
const before = parseNetDev(text);
const later = parseNetDev(text.replace('9812345678901', '9812345678999'));

it('reads a name without a space behind its colon, and skips what is no interface', () => {
  const old =
    'eth0:4294967295 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\nbroken: 1 2 3\nx: a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n';
  expect([...parseNetDev(old)]).toEqual([
    [
      'eth0',
      {
        rxBytes: 4_294_967_295,
        rxPackets: 1,
        rxErrors: 2,
        rxDropped: 3,
        txBytes: 8,
        txPackets: 9,
        txErrors: 10,
        txDropped: 11,
        collisions: 13,
      },
    ],
  ]);
});

test.each([
  ['counters between two looks', before, before, later, true],
  ['the later counters', before, later, later, true],
  ['counters that are ahead', before, later, before, false],
  ['other interfaces', before, new Map([...before, ['eth9', before.values().next().value!]]), later, false],
  ['an interface less', before, new Map([...before].slice(1)), later, false],
  [
    'interfaces without traffic',
    parseNetDev('lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0'),
    parseNetDev('lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0'),
    parseNetDev('lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0'),
    null,
  ],
])('%s: same namespace %5$s', (_, low, seen, high, same) => {
  expect(isSameNamespace(low, seen, high)).toBe(same);
});

it('holds for the same text, whatever is in it', () => {
  fc.assert(
    fc.property(mutatedText(text), (changed) => {
      const devices = parseNetDev(changed);
      for (const counters of devices.values()) expect(Object.values(counters).every((value) => value >= 0)).toBe(true);
      expect(isSameNamespace(devices, devices, devices)).not.toBe(false);
    }),
    MUTATIONS,
  );
});
