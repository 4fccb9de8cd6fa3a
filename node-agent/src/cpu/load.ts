import type { CpuFacts } from '@telemcp/shared/facts/cpu';

/** `/proc/loadavg`, `1.66 1.11 1.54 3/328 7818` (proc_loadavg(5)); null when it is something else. */
export function parseLoad(text: string, cpus: number | null): CpuFacts['load'] {
  const found = /^(\d{1,7}\.\d\d) (\d{1,7}\.\d\d) (\d{1,7}\.\d\d)(?: |$)/.exec(text);
  if (found === null) return null;
  const [one = 0, five = 0, fifteen = 0] = found.slice(1).map(Number);
  const perCpu = (load: number) => (cpus === null ? null : Math.round((load / cpus) * 100) / 100);
  return { one, five, fifteen, onePerCpu: perCpu(one), fivePerCpu: perCpu(five), fifteenPerCpu: perCpu(fifteen) };
}
