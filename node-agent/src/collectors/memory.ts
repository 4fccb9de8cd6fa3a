import { attempt } from '../attempt.ts';
import { type Collector, defineCollector } from '../collector.ts';
import { createDriverReader } from '../driver-reader.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { readMemoryControllers } from '../memory/edac.ts';
import { parseMemInfo } from '../memory/meminfo.ts';
import { createOomKillReader } from '../memory/oom-kills.ts';
import { grownBetween, pageSize, pagingBetween, parseVmstat, type VmstatSample } from '../memory/vmstat.ts';
import { readPressure } from '../pressure.ts';

/** Counters of an earlier collection are compared with when they are neither too fresh to be a rate nor too old to be "now". */
const EARLIER_MS = { from: 1000, to: 300_000 };

export const memory = defineCollector({
  family: 'memory',
  help: 'Memory and swap now, pressure on memory and disks, programs killed for want of memory and by whom, memory errors.',
  hostPaths: [
    '/proc/meminfo',
    '/proc/pressure',
    '/proc/sys/kernel/hung_task_detect_count',
    '/proc/vmstat',
    '/sys/devices/system/edac/mc',
    '/sys/fs/cgroup',
  ],
  busNames: [],
  ttlMs: 5000,
  timeoutMs: 3000,
  collect: createMemoryLook(),
});

/** Looks at memory; remembers its last look at /proc/vmstat, and who had kills. `now` is a clock that only moves forward, milliseconds. */
export function createMemoryLook(now: () => number = () => performance.now()): Collector<'memory'>['collect'] {
  const readOomKills = createOomKillReader();
  let last: VmstatSample | null = null;
  return async ({ host }) => {
    const files = createHostReader(host);
    const driver = createDriverReader(host, files.missing);
    const memInfo = await readMemInfo(host);
    const facts = parseMemInfo(memInfo);
    if (facts === null) throw new FactError('parse_error', '/proc/meminfo: no MemTotal');
    const vmstat = await files.text('/proc/vmstat');
    const sample = vmstat === null ? null : { atMs: now(), counters: parseVmstat(vmstat) };
    const earlier = last;
    last = sample;
    const age = sample === null || earlier === null ? 0 : sample.atMs - earlier.atMs;
    const isRecent = age >= EARLIER_MS.from && age <= EARLIER_MS.to;
    const pair = isRecent && sample !== null && earlier !== null ? { earlier, sample } : null;
    const [memoryPressure, ioPressure, byCgroup, hungTasks, memoryControllers] = await Promise.all([
      readPressure(host, files, 'memory'),
      readPressure(host, files, 'io'),
      readOomKills(files),
      // Since Linux 6.13.
      driver.number('/proc/sys/kernel/hung_task_detect_count'),
      readMemoryControllers(files, driver),
    ]);
    return {
      source: 'file:/proc/meminfo,/proc/vmstat,/proc/pressure,/sys',
      missing: files.missing,
      data: {
        ...facts,
        paging:
          pair === null ? null : pagingBetween(pair.earlier, pair.sample, pageSize(memInfo, pair.sample.counters)),
        pressureState: memoryPressure.state,
        memoryPressure: memoryPressure.pressure,
        ioPressure: ioPressure.pressure,
        oomKills: {
          sinceBoot: sample?.counters.get('oom_kill') ?? null,
          duringInterval: pair === null ? null : grownBetween(pair.earlier, pair.sample, 'oom_kill'),
          ...byCgroup,
        },
        hungTasks: hungTasks === null || hungTasks < 0 ? null : hungTasks,
        memoryControllers,
      },
    };
  };
}

/** @throws {FactError} when /proc/meminfo cannot be read, which the family is about */
async function readMemInfo(host: HostRoot): Promise<string> {
  const found = await attempt(host.readText('/proc/meminfo'));
  if (found.ok) return found.value;
  const hint = 'Mount the /proc of the host below the host root.';
  throw new FactError(found.error.reason, found.error.message, { hint, cause: found.error });
}
