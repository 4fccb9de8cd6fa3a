import { OsFacts } from '@telemcp/shared/facts/os';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { brokenBus, scriptedBus, silence } from '../../test/scripted-bus.ts';
import type { SystemBus } from '../dbus/bus.ts';
import { FactError } from '../fact-error.ts';
import type { HostRoot } from '../host-root.ts';
import { os } from './os.ts';

const noBus = brokenBus(new FactError('unreachable', 'no bus'));

async function collect(host: HostRoot, bus: SystemBus = noBus) {
  const settings = {
    nodeName: 'node-1',
    certificatePaths: undefined,
    watchUnits: undefined,
    chronyAddress: { host: '127.0.0.1', port: 323 },
  };
  const found = await os.collect({ host, bus, settings, signal: new AbortController().signal });
  return { ...found, data: OsFacts.parse(found.data) };
}

describe('os on a fake host root', () => {
  it('Debian 12: KVM guest with a newer kernel installed that nobody asked a restart for', async () => {
    const { data, missing } = await collect(fixtureHost('debian-12'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      hostname: 'db-01',
      distribution: { id: 'debian', idLike: [], versionId: '12', versionCodename: 'bookworm', variantId: null },
      kernel: {
        release: '6.1.0-26-amd64',
        version: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.112-1 (2024-09-30)',
        machine: 'x86_64',
      },
      bootTime: '2024-11-01T09:00:00.000Z',
      uptimeSeconds: 864_012.53,
      bootId: '6f1e4b0a-6b7e-4c55-9d3c-2f1a0a5d7c11',
      machineId: '8d3b6f4a51c94e0fb21f7a0b1c2d3e4f',
      virtualization: 'kvm',
      init: 'systemd',
      cgroupVersion: 'v2',
      selinux: 'disabled',
      apparmor: true,
      secureBoot: null,
      fips: false,
      lockdown: 'none',
      taints: [],
      imageBased: false,
      dmi: { vendor: 'QEMU', product: 'Standard PC (Q35 + ICH9, 2009)', biosDate: '04/01/2014' },
      cpu: {
        model: 'Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz',
        sockets: 1,
        cores: 2,
        threads: 2,
        microcode: '0x5003605',
      },
      memoryTotalBytes: 4_015_432 * 1024,
      rebootRequired: { required: true, why: 'newer kernel installed: 6.1.0-28-amd64', packages: [] },
    });
    expect(data.cpu.vulnerabilities.map(({ name, vulnerable }) => [name, vulnerable])).toEqual([
      ['itlb_multihit', false],
      ['mmio_stale_data', true],
      ['spec_store_bypass', false],
      ['spectre_v2', true],
    ]);
  });

  it('Ubuntu 24.04 on EC2: restart asked for by unattended-upgrades', async () => {
    const { data } = await collect(fixtureHost('ubuntu-24.04'));
    expect(data).toMatchObject({
      hostname: 'ip-10-0-3-17',
      distribution: { id: 'ubuntu', idLike: ['debian'], prettyName: 'Ubuntu 24.04.1 LTS' },
      virtualization: 'amazon',
      secureBoot: true,
      lockdown: 'integrity',
      taints: ['proprietary_module', 'out_of_tree_module'],
      cpu: { sockets: 1, cores: 2, threads: 4 },
      rebootRequired: {
        required: true,
        why: 'sentinel file /run/reboot-required; newer kernel installed: 6.8.0-1017-aws',
        packages: ['libc6', 'linux-base', 'linux-image-6.8.0-1017-aws'],
      },
    });
  });

  it('RHEL 9 on a server with two sockets: SELinux, FIPS, the newest kernel of its flavour runs', async () => {
    const { data } = await collect(fixtureHost('rhel-9'));
    expect(data).toMatchObject({
      hostname: 'node7.example.com',
      distribution: { id: 'rhel', idLike: ['fedora'], versionId: '9.4', versionCodename: null },
      kernel: {
        release: '5.14.0-427.40.1.el9_4.x86_64',
        version: '#1 SMP PREEMPT_DYNAMIC Wed Oct 16 07:08:17 EDT 2024',
      },
      virtualization: 'none',
      selinux: 'enforcing',
      apparmor: false,
      fips: true,
      taints: ['proprietary_module', 'out_of_tree_module', 'unsigned_module'],
      dmi: { vendor: 'Dell Inc.', product: 'PowerEdge R650' },
      cpu: { sockets: 2, cores: 4, threads: 8 },
      rebootRequired: { required: false, why: 'the newest installed kernel runs' },
    });
  });

  it("k3s on openSUSE and arm64: cores from the topology, SUSE's sentinel", async () => {
    const { data } = await collect(fixtureHost('k3s'));
    expect(data).toMatchObject({
      distribution: { id: 'opensuse-leap', idLike: ['suse', 'opensuse'] },
      kernel: { machine: 'aarch64' },
      virtualization: 'kvm',
      selinux: 'disabled',
      dmi: null,
      cpu: { model: 'ARM Neoverse-N1', sockets: 1, cores: 4, threads: 4, microcode: null },
      rebootRequired: {
        required: true,
        why: 'sentinel file /run/reboot-needed; newer kernel installed: 6.4.0-150600.23.25-default',
      },
    });
  });

  it('kubeadm on Ubuntu 22.04 under VMware: hybrid cgroups, Secure Boot off, nothing pending', async () => {
    const { data } = await collect(fixtureHost('kubeadm'));
    expect(data).toMatchObject({
      virtualization: 'vmware',
      cgroupVersion: 'hybrid',
      secureBoot: false,
      fips: false,
      lockdown: null,
      cpu: { sockets: 2, cores: 2, threads: 2 },
      rebootRequired: { required: false, why: 'no sentinel file; the newest installed kernel runs', packages: [] },
    });
  });

  it('Alpine: OpenRC, cgroups v1, an emulated processor', async () => {
    const { data, missing } = await collect(fixtureHost('no-systemd'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      hostname: 'edge-7',
      distribution: { id: 'alpine', versionId: '3.20.3' },
      init: 'openrc',
      cgroupVersion: 'v1',
      machineId: null,
      virtualization: 'qemu',
      selinux: 'disabled',
      apparmor: false,
      rebootRequired: { required: false, why: 'the newest installed kernel runs' },
    });
  });

  it('Talos: an image, run by machined, without a host name file', async () => {
    const { data, missing } = await collect(fixtureHost('talos'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      hostname: null,
      distribution: { id: 'talos', versionId: 'v1.7.6' },
      imageBased: true,
      init: 'machined',
      virtualization: 'kvm',
      dmi: { vendor: 'Hetzner', product: 'vServer', biosVersion: null, biosDate: null },
    });
  });
});

describe('what os could not read', () => {
  it('is missing with its path when it is there but closed', async () => {
    const closed = new FactError('permission_denied', '/etc/machine-id: EACCES');
    const { data, missing } = await collect(fixtureHost('debian-12', { '/etc/machine-id': closed }));
    expect(data.machineId).toBeNull();
    expect(missing).toEqual([
      { what: '/etc/machine-id', reason: 'permission_denied', detail: '/etc/machine-id: EACCES' },
    ]);
  });

  it('says that there is no os-release rather than nothing', async () => {
    const host = fixtureHost('debian-12', { '/etc/os-release': null, '/usr/lib/os-release': null });
    const { data, missing } = await collect(host);
    expect(data.distribution.id).toBeNull();
    expect(missing).toMatchObject([{ what: '/etc/os-release', reason: 'not_found' }]);
  });

  it('fails as a whole, with advice, without the /proc of the host', async () => {
    const host = fixtureHost('debian-12', { '/proc/stat': null });
    await expect(collect(host)).rejects.toMatchObject({ reason: 'not_found', hint: expect.stringContaining('/proc') });
  });

  it('leaves the taints empty only together with a missing row', async () => {
    const { data, missing } = await collect(fixtureHost('debian-12', { '/proc/sys/kernel/tainted': null }));
    expect(data.taints).toEqual([]);
    expect(missing).toMatchObject([{ what: '/proc/sys/kernel/tainted', reason: 'not_found' }]);
  });

  it('never claims "no restart needed" of a Debian whose /run and kernels it cannot see', async () => {
    const host = fixtureHost('debian-12', { '/run': null, '/lib/modules': null, '/usr/lib/modules': null });
    expect((await collect(host)).data.rebootRequired).toEqual({ required: null, why: null, packages: [] });
  });

  it('takes the release and the version from /proc/version when /proc/sys is hidden', async () => {
    const { data } = await collect(fixtureHost('debian-12', { '/proc/sys/kernel/osrelease': null }));
    expect(data.kernel.release).toBe('6.1.0-26-amd64');
  });
});

describe('os and the bus', () => {
  it('prefers what systemd found', async () => {
    const { data } = await collect(fixtureHost('kubeadm'), scriptedBus({ Virtualization: 'microsoft' }));
    expect(data.virtualization).toBe('microsoft');
  });

  it('reads the empty word as a physical machine', async () => {
    const { data } = await collect(fixtureHost('kubeadm'), scriptedBus({ Virtualization: '' }));
    expect(data.virtualization).toBe('none');
  });

  it('does not wait for a dead one', async () => {
    const startedAt = performance.now();
    const { data, missing } = await collect(fixtureHost('kubeadm'), brokenBus(silence));
    expect(data.virtualization).toBe('vmware');
    expect(missing).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(1200);
  });
});

it('shows no control characters of the host', async () => {
  const host = fixtureHost('debian-12', {
    '/etc/os-release': 'ID=debian\nPRETTY_NAME="Debian\u001b[31m \u202egnp"\n',
    '/sys/class/dmi/id/product_name': 'Board\u0007\u009b31m\n',
  });
  const { data } = await collect(host);
  expect(data.distribution.prettyName).toBe('Debian gnp');
  expect(data.dmi?.product).toBe('Board');
});
