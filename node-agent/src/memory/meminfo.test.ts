import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { mutatedText } from '../../test/mutated-text.ts';
import { parseMemInfo } from './meminfo.ts';

const KIB = 1024;
const debian = await fixtureHost('debian-12').readText('/proc/meminfo');

describe('parseMemInfo', () => {
  it('gives bytes of what /proc/meminfo has in kB', () => {
    expect(parseMemInfo(debian)).toEqual({
      totalBytes: 4_015_432 * KIB,
      availableBytes: 2_007_716 * KIB,
      freeBytes: 1_338_477 * KIB,
      usedRatio: 0.5,
      buffersBytes: 102_400 * KIB,
      cachedBytes: 812_032 * KIB,
      dirtyBytes: 348 * KIB,
      writebackBytes: 0,
      slabReclaimableBytes: 91_428 * KIB,
      slabUnreclaimableBytes: 66_792 * KIB,
      sharedBytes: 22_108 * KIB,
      anonymousBytes: 1_300_148 * KIB,
      committedBytes: 2_871_404 * KIB,
      commitLimitBytes: 3_006_112 * KIB,
      swap: { totalBytes: 998_396 * KIB, freeBytes: 973_216 * KIB, usedBytes: 25_180 * KIB },
      hugepages: { total: 0, free: 0, sizeBytes: 2 ** 21, reservedBytes: 0 },
    });
  });

  it('counts huge pages, and gives the size of one and of all', async () => {
    const rhel = await fixtureHost('rhel-9').readText('/proc/meminfo');
    expect(parseMemInfo(rhel)?.hugepages).toEqual({ total: 32, free: 32, sizeBytes: 2 ** 30, reservedBytes: 2 ** 36 });
  });

  it('does not make a number up: a kernel before 3.14 does not say what is available', () => {
    expect(parseMemInfo('MemTotal:  1024 kB\nMemFree:  512 kB\n')).toMatchObject({
      totalBytes: 2 ** 20,
      freeBytes: 2 ** 19,
      availableBytes: null,
      usedRatio: null,
      dirtyBytes: null,
      swap: { totalBytes: null, freeBytes: null, usedBytes: null },
      hugepages: null,
    });
  });

  it.each(['', 'MemFree: 12 kB', 'MemTotal: 0 kB', 'MemTotal: much kB'])('%j has no total', (text) => {
    expect(parseMemInfo(text)).toBeNull();
  });

  it('keeps out of trouble on 10,000 mutations of a real file', () => {
    fc.assert(
      fc.property(mutatedText(debian), (mutated) => {
        const { usedRatio, swap, hugepages: _, ...rest } = parseMemInfo(mutated) ?? { usedRatio: null, swap: {} };
        const values = [...Object.values(rest), ...Object.values(swap)];
        expect(values.every((value) => value === null || (Number.isSafeInteger(value) && value >= 0))).toBe(true);
        expect(usedRatio === null || (usedRatio >= 0 && usedRatio <= 1)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });
});
