import type { MemoryFacts } from '@telemcp/shared/facts/memory';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MEMORY } from '../../test/sample-pressure.ts';
import { memoryFindings, memorySummary } from './memory-view.ts';

const GIB = 2 ** 30;
const stalled = (avg60Ratio: number): MemoryFacts['memoryPressure'] => ({
  some: null,
  full: { avg10Ratio: 1, avg60Ratio, avg300Ratio: 0, totalSeconds: 1 },
});
const kills = (sinceBoot: number | null, duringInterval: number | null): MemoryFacts['oomKills'] => ({
  sinceBoot,
  duringInterval,
  slices: null,
  cgroups: [{ path: 'kubepods/podx', podUid: '0b1f7c52', oomKills: 6 }],
});
const errors = (correctedErrors: number, uncorrectedErrors: number): MemoryFacts['memoryControllers'] => [
  { controller: 'mc1', name: null, correctedErrors, uncorrectedErrors },
  { controller: 'mc0', name: null, correctedErrors: 0, uncorrectedErrors: null },
];
const hugepages = (free: number) => ({ total: 1, free, sizeBytes: GIB, reservedBytes: GIB });

describe('memoryFindings', () => {
  it.each<[string, Partial<MemoryFacts>, string | null]>([
    ['a tenth left', { availableBytes: 0.8 * GIB }, null],
    ['little left', { availableBytes: 0.3 * GIB }, 'warning available 3.8% of 8.0 GiB left'],
    ['nothing left', { availableBytes: 0.1 * GIB }, 'critical available 1.3% of 8.0 GiB left'],
    ['what is left not known', { availableBytes: null }, null],
    [
      'felt',
      { memoryPressure: stalled(0.06) },
      'warning pressure nothing got done for want of memory in 6.0% of the last minute',
    ],
    [
      'thrashing',
      { memoryPressure: stalled(0.31) },
      'critical pressure nothing got done for want of memory in 31% of the last minute',
    ],
    [
      'disks',
      { ioPressure: stalled(0.31) },
      'warning io pressure nothing got done for want of disks in 31% of the last minute',
    ],
    [
      'swap full',
      { swap: { totalBytes: 2 * GIB, freeBytes: 0.2 * GIB, usedBytes: 1.8 * GIB } },
      'warning swap 90% of 2.0 GiB used',
    ],
    [
      'killed just now',
      { oomKills: kills(9, 1) },
      'warning OOM kills 1 in the last 15 s, 9 since boot, most in pod 0b1f7c52',
    ],
    ['killed some time', { oomKills: kills(9, null) }, 'note OOM kills 9 since boot, most in pod 0b1f7c52'],
    ['kills not known', { oomKills: kills(null, null) }, null],
    ['stuck', { hungTasks: 2 }, 'warning hung tasks 2 since boot: see the kernel log'],
    ['idle huge pages', { hugepages: hugepages(1) }, 'note huge pages 1.0 GiB reserved, none in use'],
    ['huge pages in use', { hugepages: hugepages(0) }, null],
    ['memory goes', { memoryControllers: errors(7, 0) }, 'note mc1 7 corrected memory errors since boot'],
    ['memory went', { memoryControllers: errors(7, 1) }, 'critical mc1 1 uncorrected memory errors since boot'],
  ])('%s', (_, change, text) => {
    const found = memoryFindings({ ...SAMPLE_MEMORY, ...change });
    expect(found.map((each) => `${each.severity} ${each.subject} ${each.text}`)).toEqual(text === null ? [] : [text]);
  });
});

it('memorySummary leaves out what is not known', () => {
  const unknown = { availableBytes: null, usedRatio: null, memoryPressure: null, oomKills: kills(null, null) };
  const swap = { totalBytes: 2 * GIB, freeBytes: GIB, usedBytes: GIB };
  expect(memorySummary({ ...SAMPLE_MEMORY, ...unknown, swap })).toBe('8.0 GiB, swap 1.0 GiB of 2.0 GiB');
});
