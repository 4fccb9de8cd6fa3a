import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { createDriverReader } from '../driver-reader.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { readTemperature, readThrottles } from './heat.ts';

const THERMAL = '/sys/devices/virtual/thermal';
const CPU = '/sys/devices/system/cpu';

async function temperatureOf(...args: Parameters<typeof fixtureHost>) {
  const host = fixtureHost(...args);
  const files = createHostReader(host);
  return { found: await readTemperature(files, createDriverReader(host, files.missing)), missing: files.missing };
}

const throttlesOf = (...args: Parameters<typeof fixtureHost>) =>
  readThrottles(createDriverReader(fixtureHost(...args), []));

describe('readTemperature', () => {
  it('is of the hottest zone, with what the hardware calls critical', async () => {
    expect((await temperatureOf('rhel-9')).found).toEqual({
      celsius: 97,
      zone: 'x86_pkg_temp',
      criticalCelsius: 100,
    });
  });

  it('passes over zones that are switched off or have no sensor', async () => {
    const { found, missing } = await temperatureOf('rhel-9', {
      [`${THERMAL}/thermal_zone2/temp`]: new FactError('read_error', 'ENODATA'),
      [`${THERMAL}/thermal_zone0/temp`]: '255000',
    });
    expect(found).toEqual({ celsius: 68, zone: 'x86_pkg_temp', criticalCelsius: null });
    expect(missing).toEqual([]);
  });

  it('is null without zones, and when none has a temperature', async () => {
    expect(await temperatureOf('debian-12')).toEqual({ found: null, missing: [] });
    const cold = { [`${THERMAL}/thermal_zone1/temp`]: '-273200', [`${THERMAL}/thermal_zone2/temp`]: 'hot' };
    expect((await temperatureOf('rhel-9', cold)).found).toBeNull();
  });
});

describe('readThrottles', () => {
  it('asks one processor of each package', async () => {
    expect(await throttlesOf('rhel-9')).toEqual({ count: 43, seconds: 12.12 });
  });

  it('counts without the duration of newer kernels and with the older name of the siblings', async () => {
    const older = {
      [`${CPU}/cpu0/topology/package_cpus_list`]: null,
      [`${CPU}/cpu0/topology/core_siblings_list`]: '0-3',
      [`${CPU}/cpu0/thermal_throttle/package_throttle_total_time_ms`]: null,
      [`${CPU}/cpu4/thermal_throttle/package_throttle_total_time_ms`]: null,
    };
    expect(await throttlesOf('rhel-9', older)).toEqual({ count: 43, seconds: null });
  });

  it('is null where nobody counts', async () => {
    expect(await throttlesOf('debian-12')).toBeNull();
  });
});
