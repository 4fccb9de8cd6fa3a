import type { CpuFacts } from '@telemcp/shared/facts/cpu';
import type { CpuTimes, ProcStat } from './proc-stat.ts';

/** `/proc/stat` as it was at a moment of a clock that only moves forward, milliseconds. */
export interface StatSample {
  atMs: number;
  stat: ProcStat;
}

type Usage = NonNullable<CpuFacts['usage']>;

/**
 * How the time between two samples was spent. Null when they cannot be compared: processors came or went, a counter was set
 * back, or none of them moved.
 */
export function usageBetween(earlier: StatSample, later: StatSample): Usage | null {
  const before = earlier.stat;
  const after = later.stat;
  const seconds = (later.atMs - earlier.atMs) / 1000;
  if (before.all === null || after.all === null || seconds <= 0) return null;
  // The sum of the host jumps when a processor is taken offline: its idle time is then counted another way.
  if (before.cpus.size !== after.cpus.size) return null;
  for (const cpu of before.cpus.keys()) if (!after.cpus.has(cpu)) return null;
  const spent = spentBetween(before.all, after.all);
  if (spent === null) return null;
  return {
    intervalSeconds: Math.max(0.01, Math.round(seconds * 100) / 100),
    busyRatio: ratio(spent.busy, spent),
    userRatio: ratio(spent.user + spent.nice, spent),
    systemRatio: ratio(spent.system, spent),
    iowaitRatio: ratio(spent.iowait, spent),
    softirqRatio: ratio(spent.softirq, spent),
    stealRatio: ratio(spent.steal, spent),
    busiestCpu: busiest(before, after),
  };
}

type Spent = CpuTimes & { busy: number; total: number };

function spentBetween(before: CpuTimes, after: CpuTimes): Spent | null {
  const grown = (field: keyof CpuTimes) => after[field] - before[field];
  // These two may go back a little without a reset (proc_stat(5), and a virtual machine that was moved): nothing was spent then.
  const [iowait, steal] = [Math.max(0, grown('iowait')), Math.max(0, grown('steal'))];
  const spent = {
    user: grown('user'),
    nice: grown('nice'),
    system: grown('system'),
    idle: grown('idle'),
    irq: grown('irq'),
    softirq: grown('softirq'),
  };
  if (Object.values(spent).some((value) => value < 0)) return null;
  const busy = spent.user + spent.nice + spent.system + spent.irq + spent.softirq + steal;
  const total = busy + spent.idle + iowait;
  return total > 0 ? { ...spent, iowait, steal, busy, total } : null;
}

function busiest(before: ProcStat, after: ProcStat): Usage['busiestCpu'] {
  let found: Usage['busiestCpu'] = null;
  for (const [cpu, times] of after.cpus) {
    const earlier = before.cpus.get(cpu);
    const spent = earlier === undefined ? null : spentBetween(earlier, times);
    if (spent === null) continue;
    const busyRatio = ratio(spent.busy, spent);
    if (found === null || busyRatio > found.busyRatio)
      found = { cpu, busyRatio, softirqRatio: ratio(spent.softirq, spent) };
  }
  return found;
}

function ratio(part: number, { total }: Spent): number {
  return Math.round((part / total) * 10_000) / 10_000;
}
