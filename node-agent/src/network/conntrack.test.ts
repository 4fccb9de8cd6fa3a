import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { MUTATIONS, mutatedText } from '../../test/mutated-text.ts';
import { createHostReader } from '../host-reader.ts';
import { isLimitKernelWide, parseConntrackStat, readConntrack } from './conntrack.ts';

const stat = await fixtureHost('k3s').readText('/proc/1/net/stat/nf_conntrack');

it('counts entries once and sums the rest over the processors', () => {
  expect(parseConntrackStat(stat)).toEqual({ entries: 128_000, dropped: 4, earlyDropped: 2, insertFailed: 6 });
  expect(parseConntrackStat('entries new\n0000000a 00000001\n')).toEqual({
    entries: 10,
    dropped: null,
    earlyDropped: null,
    insertFailed: null,
  });
  expect(parseConntrackStat('')).toBe(null);
  expect(parseConntrackStat('something else\n1 2\n')).toBe(null);
});

test.each([
  ['6.18.44', true],
  ['5.14.0-427.el9', true],
  ['6.19.0', false],
  ['7.0.1', false],
  ['', false],
])('kernel %s has one limit: %s', (release, isWide) => {
  expect(isLimitKernelWide(release)).toBe(isWide);
});

it('believes the limit of its own namespace when that is the host’s', async () => {
  const files = createHostReader(fixtureHost('k3s', { '/proc/sys/kernel/osrelease': '7.0.1' }));
  expect(await readConntrack(files, true)).toMatchObject({ max: 131_072, usedRatio: 0.9766 });
  expect(await readConntrack(files, null)).toMatchObject({ max: null, usedRatio: null });
});

it('says null, not 0, where nothing is tracked', async () => {
  expect(await readConntrack(createHostReader(fixtureHost('debian-12')), true)).toBe(null);
});

it('gets through any damage', () => {
  fc.assert(
    fc.property(mutatedText(stat), (changed) => {
      expect(parseConntrackStat(changed)?.entries ?? 0).toBeGreaterThanOrEqual(0);
    }),
    MUTATIONS,
  );
});
