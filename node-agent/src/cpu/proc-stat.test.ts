import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { mutatedText } from '../../test/mutated-text.ts';
import { parseProcStat } from './proc-stat.ts';

const text = await fixtureHost('rhel-9').readText('/proc/stat');

describe('parseProcStat', () => {
  it('reads all processors, each of them, and the tasks', () => {
    const stat = parseProcStat(text);
    expect(stat.all).toEqual({
      user: 84_321,
      nice: 1021,
      system: 33_021,
      idle: 9_120_312,
      iowait: 5120,
      irq: 0,
      softirq: 1021,
      steal: 312,
    });
    expect([...stat.cpus.keys()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(stat.cpus.get(7)?.steal).toBe(156);
    expect(stat).toMatchObject({ tasksRunning: 1, tasksBlocked: 0 });
  });

  it.each([
    ['', 'nothing'],
    ['cpu  1 2 3', 'too few fields'],
    ['cpu  1 2 3 4 5 6 7 -8 0 0', 'a negative'],
    ['cpux 1 2 3 4 5 6 7 8 0 0', 'another name'],
  ])('%j has %s: null, never zero', (broken) => {
    expect(parseProcStat(broken)).toEqual({ all: null, cpus: new Map(), tasksRunning: null, tasksBlocked: null });
  });

  it('keeps out of trouble on 10,000 mutations of a real file', () => {
    fc.assert(
      fc.property(mutatedText(text), (mutated) => {
        const { all, cpus, tasksRunning } = parseProcStat(mutated);
        const ticks = [...cpus.values(), ...(all === null ? [] : [all])].flatMap((times) => Object.values(times));
        expect(ticks.every((each) => each >= 0)).toBe(true);
        expect(tasksRunning === null || tasksRunning >= 0).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });
});
