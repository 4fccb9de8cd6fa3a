import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CpuTimes, parseProcStat } from './proc-stat.ts';
import { type StatSample, usageBetween } from './usage.ts';

const NONE: CpuTimes = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0 };

function sample(atMs: number, ...cpus: CpuTimes[]): StatSample {
  const all = { ...NONE };
  for (const times of cpus)
    for (const field of ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const)
      all[field] += times[field];
  return { atMs, stat: { all, cpus: new Map(cpus.entries()), tasksRunning: 1, tasksBlocked: 0 } };
}

describe('usageBetween', () => {
  it('says how the time was spent, and which processor had most of it', () => {
    const before = sample(0, NONE, NONE);
    const after = sample(
      10_000,
      { ...NONE, user: 100, nice: 50, system: 50, idle: 700, iowait: 100 },
      { ...NONE, user: 500, softirq: 300, steal: 100, idle: 100 },
    );
    expect(usageBetween(before, after)).toEqual({
      intervalSeconds: 10,
      busyRatio: 0.55,
      userRatio: 0.325,
      systemRatio: 0.025,
      iowaitRatio: 0.05,
      softirqRatio: 0.15,
      stealRatio: 0.05,
      busiestCpu: { cpu: 1, busyRatio: 0.9, softirqRatio: 0.3 },
    });
  });

  it('does not count a guest twice: its time is in user already', () => {
    const times = (user: number, idle: number, guest: number) =>
      parseProcStat(`cpu  ${user} 0 0 ${idle} 0 0 0 0 ${guest} 0\ncpu0 ${user} 0 0 ${idle} 0 0 0 0 ${guest} 0\n`);
    const usage = usageBetween({ atMs: 0, stat: times(0, 0, 0) }, { atMs: 1000, stat: times(50, 50, 50) });
    expect(usage).toMatchObject({ busyRatio: 0.5, userRatio: 0.5 });
  });

  it('takes iowait and steal that went back a little for none', () => {
    const before = sample(0, { ...NONE, iowait: 100, steal: 7 });
    const after = sample(1000, { ...NONE, iowait: 98, steal: 5, idle: 50, user: 50 });
    expect(usageBetween(before, after)).toMatchObject({ iowaitRatio: 0, stealRatio: 0, busyRatio: 0.5 });
  });

  const busy = { ...NONE, user: 100, idle: 100 };
  const [one, two] = [sample(0, busy), sample(0, busy, busy)];
  const moved = new Map([[1, { ...busy, user: 200 }]]);
  const exchanged = { atMs: 1000, stat: { ...one.stat, all: { ...busy, user: 200 }, cpus: moved } };
  it.each([
    ['a counter was set back', one, sample(1000, { ...busy, user: 1, idle: 300 })],
    ['idle went back', one, sample(1000, { ...busy, user: 300, idle: 90 })],
    ['a processor came', one, sample(1000, busy, busy)],
    ['a processor went', two, sample(1000, { ...busy, user: 900 })],
    ['another processor took its place', one, exchanged],
    ['nothing moved', one, sample(1000, busy)],
    ['no time passed', one, sample(0, { ...busy, user: 300 })],
  ])('is null, never a wrong number, when %s', (_, earlier, later) => {
    expect(usageBetween(earlier, later)).toBeNull();
  });

  it('stays between 0 and 1 whatever the counters do', () => {
    const times = fc.record({
      user: fc.nat(),
      nice: fc.nat(),
      system: fc.nat(),
      idle: fc.nat(),
      iowait: fc.nat(),
      irq: fc.nat(),
      softirq: fc.nat(),
      steal: fc.nat(),
    });
    fc.assert(
      fc.property(times, times, (before, after) => {
        const usage = usageBetween(sample(0, before), sample(1000, after));
        const { intervalSeconds: _, busiestCpu, ...ratios } = usage ?? { intervalSeconds: 0, busiestCpu: null };
        for (const ratio of [...Object.values(ratios), busiestCpu?.busyRatio ?? 0]) {
          expect(ratio).toBeGreaterThanOrEqual(0);
          expect(ratio).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
