import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { createHostReader } from '../host-reader.ts';
import { readRunDirectory } from '../run-directory.ts';
import { readBoot, readCgroupVersion, readHostname, readInit, readKernel } from './os-basics.ts';

type Overrides = Parameters<typeof fixtureHost>[1];

describe('readHostname', () => {
  const read = (name: string, overrides: Overrides) => {
    const host = fixtureHost(name, overrides);
    return readHostname(host, createHostReader(host));
  };

  it('passes over comments and empty lines of /etc/hostname', async () => {
    expect(await read('debian-12', { '/etc/hostname': '# set by cloud-init\n\nweb-3\n' })).toBe('web-3');
  });

  it('takes the name of the kernel where /proc is that of this process', async () => {
    const own = { '/proc/self': `/proc/${process.pid}`, '/proc/sys/kernel/hostname': 'talos-cp-1' };
    expect(await read('talos', own)).toBe('talos-cp-1');
  });

  it('does not take the name of its own container for the name of the host', async () => {
    const foreign = { '/proc/self': `/proc/${process.pid + 1}`, '/proc/sys/kernel/hostname': 'agent-x7k2p' };
    expect(await read('talos', foreign)).toBeNull();
  });
});

describe('readInit', () => {
  const read = async (overrides: Overrides) => {
    const files = createHostReader(fixtureHost('debian-12', overrides));
    return readInit(files, await readRunDirectory(files), 'debian');
  };

  it('knows systemd by process 1 where /run is not mounted', async () => {
    expect(await read({ '/run': null })).toBe('systemd');
  });

  it.each([
    ['init', '::sysinit:/sbin/openrc sysinit\n', 'openrc'],
    ['init', 'id:2:initdefault:\n', 'sysvinit'],
    ['dumb-init', null, 'other'],
    [null, null, null],
  ])('process 1 %s, inittab %j: %s', async (comm, inittab, init) => {
    expect(await read({ '/run': null, '/proc/1/comm': comm, '/etc/inittab': inittab })).toBe(init);
  });
});

it('falls back to the boot time where /proc/uptime is hidden', async () => {
  const files = createHostReader(fixtureHost('debian-12', { '/proc/uptime': null }));
  expect((await readBoot(files, 1_730_451_660)).uptimeSeconds).toBe(60);
});

it('refuses a /proc/stat without a boot time', async () => {
  const files = createHostReader(fixtureHost('debian-12', { '/proc/stat': 'cpu 1 2 3\n' }));
  await expect(readBoot(files, 0)).rejects.toMatchObject({ reason: 'parse_error' });
});

it('names the architecture of this process where the kernel does not (before 6.1)', async () => {
  const known = ['x86_64', 'aarch64', 's390x', 'ppc64le', 'riscv64', 'loongarch64'];
  expect(known).toContain((await readKernel(createHostReader(fixtureHost('rhel-9')))).machine);
});

it('says nothing of cgroups where /sys/fs/cgroup is not there', async () => {
  expect(await readCgroupVersion(createHostReader(fixtureHost('debian-12', { '/sys/fs/cgroup': null })))).toBeNull();
});
