import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { mutatedText } from '../../test/mutated-text.ts';
import { grownBetween, pageSize, pagingBetween, parseVmstat, type VmstatSample } from './vmstat.ts';

const text = await fixtureHost('debian-12').readText('/proc/vmstat');

const sampleOf = (atMs: number, counters: Record<string, number>): VmstatSample => ({
  atMs,
  counters: new Map(Object.entries(counters)),
});

describe('parseVmstat', () => {
  it('reads every counter', () => {
    const counters = parseVmstat(text);
    expect(counters.size).toBe(text.split('\n').length);
    expect(counters.get('oom_kill')).toBe(1);
    expect(counters.get('pgmajfault')).toBe(48_120);
  });

  it('keeps out of trouble on 10,000 mutations of a real file', () => {
    fc.assert(
      fc.property(mutatedText(text), (mutated) => {
        expect([...parseVmstat(mutated).values()].every((value) => value >= 0)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('between two samples', () => {
  const before = sampleOf(0, { pswpin: 100, pswpout: 1000, pgmajfault: 5, oom_kill: 2 });

  it('gives bytes and faults for each second', () => {
    const after = sampleOf(10_000, { pswpin: 150, pswpout: 1000, pgmajfault: 8, oom_kill: 3 });
    expect(pagingBetween(before, after, 65_536)).toEqual({
      intervalSeconds: 10,
      swapInBytesPerSecond: 327_680,
      swapOutBytesPerSecond: 0,
      majorFaultsPerSecond: 0.3,
    });
    expect(grownBetween(before, after, 'oom_kill')).toBe(1);
  });

  it('is null for a counter that was set back or is not there, and for swap where the page size is not known', () => {
    const after = sampleOf(10_000, { pswpin: 50, pswpout: 1000, pgmajfault: 25 });
    expect(pagingBetween(before, after, 4096)).toMatchObject({ swapInBytesPerSecond: null, majorFaultsPerSecond: 2 });
    expect(pagingBetween(before, after, null)).toMatchObject({ swapOutBytesPerSecond: null, majorFaultsPerSecond: 2 });
    expect(grownBetween(before, after, 'oom_kill')).toBeNull();
  });
});

describe('pageSize', () => {
  it.each([
    ['debian-12', 4096],
    ['rhel-9', 4096],
    ['k3s', 65_536],
  ])('of %s is %i', async (name, size) => {
    const host = fixtureHost(name);
    const counters = parseVmstat(await host.readText('/proc/vmstat'));
    expect(pageSize(await host.readText('/proc/meminfo'), counters)).toBe(size);
  });

  it('is null where the two files do not tell', () => {
    const memInfo = 'AnonPages:  1000 kB\nMapped:  0 kB\n';
    expect(pageSize(memInfo, new Map())).toBeNull();
    expect(pageSize(memInfo, new Map([['nr_anon_pages', 0]]))).toBeNull();
    expect(pageSize(memInfo, new Map([['nr_anon_pages', 1000]]))).toBeNull();
  });
});
