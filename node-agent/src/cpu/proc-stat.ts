/** Ticks that one processor, or all, spent since boot (proc_stat(5)). `user` has the time of guests in it. */
export interface CpuTimes {
  user: number;
  nice: number;
  system: number;
  idle: number;
  iowait: number;
  irq: number;
  softirq: number;
  steal: number;
}

/** What `/proc/stat` says of processors and tasks; null where it does not. */
export interface ProcStat {
  all: CpuTimes | null;
  /** By number, those online. */
  cpus: ReadonlyMap<number, CpuTimes>;
  tasksRunning: number | null;
  tasksBlocked: number | null;
}

export function parseProcStat(text: string): ProcStat {
  let all: CpuTimes | null = null;
  const cpus = new Map<number, CpuTimes>();
  let tasksRunning: number | null = null;
  let tasksBlocked: number | null = null;
  for (const line of text.split('\n')) {
    if (line.startsWith('cpu')) {
      const times = parseTimes(line);
      const name = /^cpu(\d{0,6}) /.exec(line)?.[1];
      if (times === null || name === undefined) continue;
      if (name === '') all = times;
      else cpus.set(Number(name), times);
    } else if (line.startsWith('procs_running ')) tasksRunning = countIn(line);
    else if (line.startsWith('procs_blocked ')) tasksBlocked = countIn(line);
  }
  return { all, cpus, tasksRunning, tasksBlocked };
}

/** `cpu3 42160 510 16510 4560156 2560 0 510 156 0 0`; null for fewer than the eight fields of Linux 2.6.11. */
function parseTimes(line: string): CpuTimes | null {
  const numbers = line.split(/ +/, 9).slice(1).map(ticks);
  const [user, nice, system, idle, iowait, irq, softirq, steal] = numbers;
  if (steal === undefined || numbers.some(Number.isNaN)) return null;
  return {
    user: user ?? 0,
    nice: nice ?? 0,
    system: system ?? 0,
    idle: idle ?? 0,
    iowait: iowait ?? 0,
    irq: irq ?? 0,
    softirq: softirq ?? 0,
    steal,
  };
}

function ticks(field: string): number {
  return /^\d{1,20}$/.test(field) ? Number(field) : Number.NaN;
}

function countIn(line: string): number | null {
  const found = /^\w+ (\d{1,9})$/.exec(line)?.[1];
  return found === undefined ? null : Number(found);
}
