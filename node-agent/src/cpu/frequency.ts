import type { CpuFacts } from '@telemcp/shared/facts/cpu';
import type { DriverReader } from '../driver-reader.ts';
import type { HostReader } from '../host-reader.ts';

type Frequency = CpuFacts['frequency'];

const CPUFREQ = '/sys/devices/system/cpu/cpufreq';
/** Asking each of a large host's processors would wake them all, and cost more than everything else in the family. */
const LOOKED_AT = 4;

/** From cpufreq where there is a driver (kernel documentation, admin-guide/pm/cpufreq), else what cpuinfo says. */
export async function readFrequency(files: HostReader, driver: DriverReader): Promise<Frequency> {
  const policies = ((await files.names(CPUFREQ)) ?? []).filter((name) => /^policy\d{1,6}$/.test(name));
  if (policies.length === 0) {
    const text = (await files.text('/proc/cpuinfo', 8 * 1024 * 1024)) ?? '';
    const currentMhz = mean(parseFrequencies(text));
    return currentMhz === null ? null : { currentMhz, maxMhz: null, limitMhz: null, governor: null };
  }
  const chosen = spread(policies.sort(byNumber), LOOKED_AT);
  const each = (name: string) => Promise.all(chosen.map((policy) => driver.number(`${CPUFREQ}/${policy}/${name}`)));
  const [current, max, limit, governor] = await Promise.all([
    each('scaling_cur_freq'),
    each('cpuinfo_max_freq'),
    each('scaling_max_freq'),
    driver.text(`${CPUFREQ}/${chosen[0]}/scaling_governor`),
  ]);
  const known = {
    currentMhz: mean(inMhz(current)),
    // Of cores of two kinds the faster one's.
    maxMhz: inMhz(max).sort((a, b) => b - a)[0] ?? null,
    limitMhz: inMhz(limit).sort((a, b) => b - a)[0] ?? null,
    governor,
  };
  return Object.values(known).every((value) => value === null) ? null : known;
}

/** Megahertz of every processor in /proc/cpuinfo: `cpu MHz` of x86, `clock` of POWER, `cpu MHz dynamic` of s390x. */
export function parseFrequencies(cpuInfo: string): number[] {
  const found: number[] = [];
  for (const line of cpuInfo.split('\n')) {
    if (!line.startsWith('c')) continue;
    const value = /^(?:cpu MHz|cpu MHz dynamic|clock)\s{0,8}:\s{0,8}(\d{1,6}(?:\.\d{1,9})?)(?:MHz)?$/.exec(line)?.[1];
    if (Number(value) > 0) found.push(Number(value));
  }
  return found;
}

/** `count` of the list, evenly spread, the first among them. */
export function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return list.filter(
    (_, index) => Math.floor((index * count) / list.length) !== Math.floor(((index - 1) * count) / list.length),
  );
}

function inMhz(kilohertz: readonly (number | null)[]): number[] {
  return kilohertz.filter((value) => value !== null && value > 0).map((value) => Math.round((value ?? 0) / 1000));
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length) || null;
}

function byNumber(a: string, b: string): number {
  return Number(a.slice('policy'.length)) - Number(b.slice('policy'.length));
}
