import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { createHostReader } from '../host-reader.ts';
import { readCpuInfo, readDmi, readMemoryTotal, readVulnerabilities } from './hardware.ts';

const filesOf = (name: string, overrides = {}) => createHostReader(fixtureHost(name, overrides));

it('is null without any DMI, and keeps what there is of it', async () => {
  expect(await readDmi(filesOf('k3s'))).toBeNull();
  expect(await readDmi(filesOf('talos'))).toEqual({
    vendor: 'Hetzner',
    product: 'vServer',
    biosVersion: null,
    biosDate: null,
  });
});

it('never asks for serial numbers', async () => {
  const asked: string[] = [];
  const host = fixtureHost('debian-12');
  const readText = (path: string) => {
    asked.push(path);
    return host.readText(path);
  };
  const spied = { ...host, readText };
  await readDmi(createHostReader(spied));
  expect(asked.filter((path) => /serial|uuid|asset/.test(path))).toEqual([]);
  expect(asked).toHaveLength(4);
});

it('takes the topology of arm64 from /sys', async () => {
  expect(await readCpuInfo(filesOf('k3s'))).toMatchObject({ sockets: 1, cores: 4, threads: 4 });
});

it('has no processor to speak of without /proc/cpuinfo', async () => {
  expect(await readCpuInfo(filesOf('debian-12', { '/proc/cpuinfo': null }))).toMatchObject({
    model: null,
    threads: null,
  });
});

it('leaves out flaws the processor does not have', async () => {
  expect((await readVulnerabilities(filesOf('k3s'))).map(({ name }) => name)).toEqual(['spectre_v1', 'spectre_v2']);
});

it('does not pass off a kernel that says nothing of flaws for one without any', async () => {
  const directory = '/sys/devices/system/cpu/vulnerabilities';
  const files = filesOf('k3s', { [directory]: null });
  expect(await readVulnerabilities(files)).toEqual([]);
  expect(files.missing).toMatchObject([{ what: directory, reason: 'not_found' }]);
});

it.each([
  ['MemTotal:        4015432 kB\n', 4_015_432 * 1024],
  ['MemFree: 1 kB\n', null],
  ['MemTotal: 0 kB\n', null],
])('memory of %j is %s', async (text, bytes) => {
  expect(await readMemoryTotal(filesOf('debian-12', { '/proc/meminfo': text }))).toBe(bytes);
});
