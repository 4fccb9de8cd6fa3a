import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { parseMilliCelsius, readNvmeControllers } from './nvme.ts';

const NVME = '/sys/class/nvme/nvme0';
const read = (host: HostRoot) => readNvmeControllers(host, createHostReader(host));

it('a live controller with its temperature, without padding', async () => {
  expect(await read(fixtureHost('rhel-9'))).toEqual({
    missing: [],
    controllers: [
      {
        name: 'nvme0',
        state: 'live',
        model: 'Dell Ent NVMe v2 AGN MU U.2 1.6TB',
        firmware: '2.4.0',
        transport: 'pcie',
        temperatureCelsius: 76.85,
        criticalCelsius: 79.85,
      },
    ],
  });
});

it('does not make the kernel ask a drive that is not live', async () => {
  const asked: string[] = [];
  const host = fixtureHost('rhel-9', { [`${NVME}/state`]: 'dead' });
  const readText: HostRoot['readText'] = (path, options) => {
    asked.push(path);
    return host.readText(path, options);
  };
  const { controllers, missing } = await read({ ...host, readText });
  expect(controllers).toMatchObject([{ state: 'dead', temperatureCelsius: null, criticalCelsius: 79.85 }]);
  expect(missing).toEqual([]);
  expect(asked.filter((path) => path.endsWith('temp1_input'))).toEqual([]);
});

it('asks for the temperature as for something that may hang, and says when it did', async () => {
  const host = fixtureHost('rhel-9');
  const readText: HostRoot['readText'] = async (path, options) => {
    if (options?.mayHang !== true) return host.readText(path, options);
    throw new FactError('timeout', 'no answer within 1000 ms');
  };
  const { controllers, missing } = await read({ ...host, readText });
  expect(controllers).toMatchObject([{ state: 'live', temperatureCelsius: null }]);
  expect(missing).toMatchObject([{ what: `${NVME}/hwmon3/temp1_input`, reason: 'timeout' }]);
});

it('is an empty list where there is no NVMe', async () => {
  expect(await read(fixtureHost('debian-12'))).toEqual({ controllers: [], missing: [] });
});

it.each([
  ['41850', 41.85],
  ['-5000', -5],
  ['', null],
  ['hot', null],
])('%j thousandths', (text, celsius) => {
  expect(parseMilliCelsius(text)).toBe(celsius);
});
