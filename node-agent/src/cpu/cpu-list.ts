/** Linux has no more processors than this (CONFIG_NR_CPUS); a list that claims more is none. */
const MAX_CPUS = 8192;

/** The processors of a list such as `0-3,8` (the kernel's cpulist form); null when it is not one. */
export function parseCpuList(list: string): number[] | null {
  const cpus: number[] = [];
  for (const range of list.split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(range);
    if (match === null) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    if (last < first || cpus.length + last - first >= MAX_CPUS) return null;
    for (let cpu = first; cpu <= last; cpu += 1) cpus.push(cpu);
  }
  return cpus;
}
