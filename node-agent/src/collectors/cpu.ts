import { setTimeout as wait } from 'node:timers/promises';
import { attempt } from '../attempt.ts';
import { type Collector, defineCollector } from '../collector.ts';
import { readFrequency } from '../cpu/frequency.ts';
import { readTemperature, readThrottles } from '../cpu/heat.ts';
import { parseLoad } from '../cpu/load.ts';
import { parseProcStat } from '../cpu/proc-stat.ts';
import { type StatSample, usageBetween } from '../cpu/usage.ts';
import { createDriverReader } from '../driver-reader.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { readPressure } from '../pressure.ts';

/** A look of an earlier collection is compared with when it is neither too short ago to be a rate nor too long to be "now". */
const EARLIER_MS = { from: 1000, to: 60_000 };
/** Otherwise two looks are taken this far apart. */
const APART_MS = 250;

/** A clock that only moves forward, milliseconds, and a way to let it pass. */
export interface Clock {
  now(): number;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

const realClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => wait(ms, undefined, { signal }),
};

export const cpu = defineCollector({
  family: 'cpu',
  help: 'How busy the processors are now: load, use and steal over a short interval, pressure, frequency, heat.',
  hostPaths: [
    '/proc/cpuinfo',
    '/proc/loadavg',
    '/proc/pressure',
    '/proc/stat',
    '/sys/devices/system/cpu',
    '/sys/devices/virtual/thermal',
  ],
  busNames: [],
  ttlMs: 5000,
  timeoutMs: 3000,
  collect: createCpuLook(),
});

/** Looks at the processors; remembers its last look at /proc/stat, to tell from the next one what happened in between. */
export function createCpuLook(clock: Clock = realClock): Collector<'cpu'>['collect'] {
  let last: StatSample | null = null;
  return async ({ host, signal }) => {
    const files = createHostReader(host);
    const driver = createDriverReader(host, files.missing);
    const earlier = last;
    let newest = await readStat(host, clock);
    const age = earlier === null ? 0 : newest.atMs - earlier.atMs;
    const isRecent = age >= EARLIER_MS.from && age <= EARLIER_MS.to;
    let usage = isRecent && earlier !== null ? usageBetween(earlier, newest) : null;
    if (usage === null) {
      const first = newest;
      await clock.wait(APART_MS, signal);
      newest = await readStat(host, clock);
      usage = usageBetween(first, newest);
    }
    last = newest;
    if (usage === null) {
      const detail = 'no two looks could be compared: the counters stand still, went back, or processors came and went';
      files.missing.push({ what: '/proc/stat', reason: 'read_error', detail });
    }
    const { stat } = newest;
    const logicalCpus = stat.cpus.size || null;
    // After the second look at /proc/stat: what the agent itself does now is not in between.
    const [loadavg, frequency, throttles, temperature, pressure, interrupts] = await Promise.all([
      files.text('/proc/loadavg'),
      readFrequency(files, driver),
      readThrottles(driver),
      readTemperature(files, driver),
      readPressure(host, files, 'cpu'),
      readPressure(host, files, 'irq'),
    ]);
    return {
      source: 'file:/proc/stat,/proc/loadavg,/proc/pressure,/sys',
      missing: files.missing,
      data: {
        logicalCpus,
        load: parseLoad(loadavg ?? '', logicalCpus),
        tasksRunning: stat.tasksRunning,
        tasksBlocked: stat.tasksBlocked,
        usage,
        frequency,
        throttles,
        temperature,
        pressureState: pressure.state,
        pressure: pressure.pressure,
        interruptPressure: interrupts.pressure?.full ?? null,
      },
    };
  };
}

/** @throws {FactError} when /proc/stat cannot be read or says nothing of processors, which the family is about */
async function readStat(host: HostRoot, clock: Clock): Promise<StatSample> {
  const found = await attempt(host.readText('/proc/stat', { maxBytes: 4 * 1024 * 1024 }));
  if (!found.ok) {
    const hint = 'Mount the /proc of the host below the host root.';
    throw new FactError(found.error.reason, found.error.message, { hint, cause: found.error });
  }
  const sample = { atMs: clock.now(), stat: parseProcStat(found.value) };
  if (sample.stat.all === null) throw new FactError('parse_error', '/proc/stat: no line of all processors');
  return sample;
}
