import type { CpuFacts } from '@telemcp/shared/facts/cpu';
import type { DriverReader } from '../driver-reader.ts';
import type { HostReader } from '../host-reader.ts';
import { parseCpuList } from './cpu-list.ts';

/** `/sys/class/thermal` links here; the link itself would need another mount in a pod. */
const THERMAL = '/sys/devices/virtual/thermal';
const CPU = '/sys/devices/system/cpu';
const MAX_ZONES = 32;
const MAX_PACKAGES = 16;
/** What a zone without a sensor answers (0 K, 0, 255 and more) is no temperature. */
const SENSIBLE = { above: 0, below: 150 };

/** The hottest zone (kernel documentation, driver-api/thermal/sysfs-api); null where none has a sensor. */
export async function readTemperature(files: HostReader, driver: DriverReader): Promise<CpuFacts['temperature']> {
  const names = ((await files.names(THERMAL)) ?? []).filter((name) => /^thermal_zone\d{1,4}$/.test(name));
  const zones = await Promise.all(
    names
      .slice(0, MAX_ZONES)
      .map(async (name) => ({ name, milli: await driver.number(`${THERMAL}/${name}/temp`, { mayHang: true }) })),
  );
  let hottest: { name: string; celsius: number } | null = null;
  for (const { name, milli } of zones) {
    const celsius = (milli ?? 0) / 1000;
    if (celsius <= SENSIBLE.above || celsius >= SENSIBLE.below) continue;
    if (hottest === null || celsius > hottest.celsius) hottest = { name, celsius };
  }
  if (hottest === null) return null;
  const place = `${THERMAL}/${hottest.name}`;
  const [zone, criticalCelsius] = await Promise.all([driver.text(`${place}/type`), readCritical(place, files, driver)]);
  return { celsius: Math.round(hottest.celsius * 10) / 10, zone: zone ?? hottest.name, criticalCelsius };
}

async function readCritical(place: string, files: HostReader, driver: DriverReader): Promise<number | null> {
  const types = ((await files.names(place)) ?? []).filter((name) => /^trip_point_\d{1,3}_type$/.test(name));
  for (const name of types.slice(0, 12)) {
    if ((await driver.text(`${place}/${name}`)) !== 'critical') continue;
    const milli = await driver.number(`${place}/${name.replace(/type$/, 'temp')}`);
    const celsius = (milli ?? 0) / 1000;
    return celsius > SENSIBLE.above ? celsius : null;
  }
  return null;
}

/**
 * Package throttling since boot (Intel's thermal_throttle). Every processor of a package shows the same count, so one of each is
 * asked. Null where the kernel does not count.
 */
export async function readThrottles(driver: DriverReader): Promise<CpuFacts['throttles']> {
  let left = parseCpuList((await driver.text(`${CPU}/online`)) ?? '') ?? [];
  const packages: { count: number; seconds: number | null }[] = [];
  while (packages.length < MAX_PACKAGES) {
    const cpu = left[0];
    const found = cpu === undefined ? null : await readPackage(cpu, driver);
    if (found === null) break;
    packages.push(found);
    left = left.filter((each) => !found.cpus.has(each));
  }
  if (packages.length === 0) return null;
  const seconds = packages.map((each) => each.seconds).filter((each) => each !== null);
  return { count: sum(packages.map((each) => each.count)), seconds: seconds.length === 0 ? null : sum(seconds) };
}

async function readPackage(cpu: number, driver: DriverReader) {
  const place = `${CPU}/cpu${cpu}`;
  const count = await driver.number(`${place}/thermal_throttle/package_throttle_count`);
  if (count === null || count < 0) return null;
  const [milliseconds, named, older] = await Promise.all([
    // Since Linux 5.6.
    driver.number(`${place}/thermal_throttle/package_throttle_total_time_ms`),
    driver.text(`${place}/topology/package_cpus_list`),
    driver.text(`${place}/topology/core_siblings_list`),
  ]);
  const cpus = parseCpuList(named ?? older ?? '') ?? [];
  return {
    count,
    seconds: milliseconds === null ? null : Math.max(0, milliseconds) / 1000,
    cpus: new Set([cpu, ...cpus]),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
