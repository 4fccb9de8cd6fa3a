import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NetworkFacts } from '@telemcp/shared/facts/network';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { STORE_OPTIONS, silentBus } from '../../test/sample-facts.ts';
import { FactError } from '../fact-error.ts';
import { createHostRoot, type HostRoot } from '../host-root.ts';
import { network } from './network.ts';

async function collect(host: HostRoot) {
  const { signal } = new AbortController();
  const found = await network.collect({ host, bus: silentBus, settings: STORE_OPTIONS.settings, signal });
  return { ...found, data: NetworkFacts.parse(found.data) };
}

const named = (data: NetworkFacts, name: string) => data.interfaces.find((each) => each.name === name);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('network on a fake host root', () => {
  it('Debian 12: a bond with one port gone, a VLAN, a port nobody uses', async () => {
    const { data, missing, total } = await collect(fixtureHost('debian-12'));
    expect(missing).toEqual([]);
    expect(total).toBe(6);
    expect(data.interfaces.map(({ name, kind }) => [name, kind])).toEqual([
      ['lo', 'loopback'],
      ['ens1f0', 'physical'],
      ['ens1f1', 'physical'],
      ['eno1', 'physical'],
      ['bond0', 'bond'],
      ['bond0.100', 'vlan'],
    ]);
    expect(named(data, 'ens1f0')).toEqual({
      name: 'ens1f0',
      kind: 'physical',
      driver: 'ixgbe',
      adminUp: true,
      operState: 'up',
      carrier: true,
      carrierChanges: 3,
      speedBitsPerSecond: 10_000_000_000,
      duplex: 'full',
      mtuBytes: 9000,
      macAddress: 'b4:96:91:aa:bb:10',
      master: 'bond0',
      bond: null,
      counters: {
        rxBytes: 9_812_345_678_901,
        rxPackets: 8_123_456_789,
        rxErrors: 0,
        rxDropped: 1204,
        rxCrcErrors: 0,
        rxMissed: 1204,
        txBytes: 7_123_456_789_012,
        txPackets: 6_123_456_789,
        txErrors: 0,
        txDropped: 0,
        collisions: 0,
      },
      rates: null,
    });
    expect(named(data, 'ens1f1')).toMatchObject({
      adminUp: true,
      carrier: false,
      speedBitsPerSecond: null,
      duplex: null,
      carrierChanges: 75,
      counters: { rxErrors: 18_233, rxCrcErrors: 18_111 },
    });
    expect(named(data, 'eno1')).toMatchObject({ adminUp: false, carrier: null, operState: 'down' });
    expect(named(data, 'bond0')?.bond).toEqual({
      mode: 'fault-tolerance (active-backup)',
      status: 'up',
      activeMember: 'ens1f0',
      members: [
        { name: 'ens1f0', status: 'up', linkFailures: 1 },
        { name: 'ens1f1', status: 'down', linkFailures: 37 },
      ],
    });
    expect(data).toMatchObject({
      addresses: [
        { address: '10.20.1.17', prefixLength: 22, interface: 'bond0', interfaceFrom: 'route' },
        { address: '10.20.100.17', prefixLength: 24, interface: 'bond0.100', interfaceFrom: 'route' },
        { address: '2001:db8:a::aa', prefixLength: 64, interface: 'bond0', interfaceFrom: 'kernel' },
        { address: '203.0.113.80', prefixLength: null, interface: null, interfaceFrom: null },
      ],
      addressesTotal: 4,
      defaultRoutes: [
        { ipVersion: 4, gateway: '10.20.0.1', interface: 'bond0', metric: 0 },
        { ipVersion: 6, gateway: 'fe80::1', interface: 'bond0', metric: 1024 },
      ],
      tcp: {
        established: 412,
        timeWait: 75,
        orphaned: 1,
        retransmittedSegments: 812_345,
        listenOverflows: 12,
        interval: null,
      },
      conntrack: null,
      agentInHostNamespace: null,
      hidden: {},
    });
  });

  it('k3s in a pod: the host of process 1, not the pod that /proc/net leads to', async () => {
    const asked: string[] = [];
    const host = fixtureHost('k3s');
    const watched: HostRoot = {
      ...host,
      readText: (path, options) => {
        asked.push(path);
        return host.readText(path, options);
      },
    };
    const { data, missing } = await collect(watched);
    expect(await host.readText('/proc/net/dev')).not.toContain('flannel');
    expect(missing).toEqual([]);
    expect(data.interfaces.map(({ name, kind }) => [name, kind])).toEqual([
      ['lo', 'loopback'],
      ['eth0', 'physical'],
      ['flannel.1', 'vxlan'],
      ['cni0', 'bridge'],
      ['kube-ipvs0', 'virtual'],
    ]);
    expect(data.hidden).toEqual({ veth: 2, calico: 1 });
    expect(data.agentInHostNamespace).toBe(false);
    expect(data.defaultRoutes).toEqual([{ ipVersion: 4, gateway: '192.168.1.1', interface: 'eth0', metric: 100 }]);
    expect(data.dns).toEqual({
      servers: ['127.0.0.53'],
      search: ['lan'],
      options: ['edns0', 'trust-ad'],
      upstream: ['192.168.1.1'],
    });
    expect(data.conntrack).toEqual({
      entries: 128_000,
      max: 131_072,
      usedRatio: 0.9766,
      dropped: 4,
      earlyDropped: 2,
      insertFailed: 6,
    });
    expect(asked.filter((path) => path.startsWith('/proc/net'))).toEqual([]);
    expect(asked.filter((path) => path.startsWith('/proc/self'))).toEqual(['/proc/self/net/dev']);
  });

  it('takes no limit of conntrack from a namespace that may have its own', async () => {
    const host = fixtureHost('k3s', { '/proc/sys/kernel/osrelease': '7.2.0-1-generic' });
    expect((await collect(host)).data.conntrack).toMatchObject({ entries: 128_000, max: null, usedRatio: null });
  });

  it('makes rates of two looks, and none of looks too close, too far apart or across a new interface', async () => {
    const grown = (await fixtureHost('debian-12').readText('/proc/1/net/dev'))
      .replace('ens1f0: 9812345678901', 'ens1f0: 9812355678901')
      .replace(/eno1:\s+0 /, 'eno1: 5 ');
    const clock = vi.spyOn(performance, 'now');
    const at = async (ms: number, text?: string) => {
      clock.mockReturnValue(ms);
      return (await collect(fixtureHost('debian-12', text === undefined ? {} : { '/proc/1/net/dev': text }))).data;
    };
    const start = performance.timeOrigin;
    expect((await at(start)).intervalSeconds).toBe(null);
    expect((await at(start + 500)).intervalSeconds).toBe(null);
    const second = await at(start + 10_000, grown);
    expect(second.intervalSeconds).toBe(10);
    expect(named(second, 'ens1f0')?.rates).toEqual({
      rxBitsPerSecond: 8_000_000,
      txBitsPerSecond: 0,
      rxPacketsPerSecond: 0,
      txPacketsPerSecond: 0,
      errors: 0,
      dropped: 0,
    });
    expect(second.tcp?.interval).toEqual({
      retransmittedSegments: 0,
      retransmitRatio: null,
      listenOverflows: 0,
      listenDrops: 0,
    });
    const smaller = await at(start + 20_000);
    expect(named(smaller, 'ens1f0')?.rates).toBe(null);
    expect(named(smaller, 'lo')?.rates).not.toBe(null);
    expect((await at(start + 90_000)).intervalSeconds).toBe(null);
  });

  it('says what it could not see: sysfs of another namespace, unreadable files', async () => {
    const strange = (await fixtureHost('debian-12').readText('/proc/1/net/dev')).replaceAll('ens1f0', 'ens9f0');
    const { data, missing } = await collect(
      fixtureHost('debian-12', {
        '/proc/1/net/dev': strange,
        '/proc/1/net/fib_trie': new FactError('permission_denied', 'no'),
        '/proc/1/net/if_inet6': null,
        '/etc/resolv.conf': null,
      }),
    );
    expect(missing?.map(({ what, reason }) => [what, reason])).toEqual([
      ['/sys/class/net', 'unsupported'],
      ['/proc/1/net/fib_trie', 'permission_denied'],
    ]);
    expect(named(data, 'bond0')).toMatchObject({ kind: null, operState: null, mtuBytes: null, adminUp: null });
    expect(named(data, 'bond0')?.bond?.status).toBe('up');
    expect(data).toMatchObject({ addresses: null, addressesTotal: null, dns: null });
  });

  it('does not call an interface set down whose carrier it could not ask, and names the file', async () => {
    const what = '/sys/devices/pci0000:00/0000:00:1f.6/net/eno1/carrier';
    const hangs = { [what]: new FactError('timeout', 'no answer within 1000 ms') };
    const { data, missing } = await collect(fixtureHost('debian-12', hangs));
    expect(named(data, 'eno1')).toMatchObject({ adminUp: null, carrier: null, operState: 'down' });
    expect(missing).toEqual([{ what, reason: 'timeout', detail: 'no answer within 1000 ms' }]);
  });

  it('does not say "no default route" or "no addresses" when one of the tables is unread', async () => {
    const big = new FactError('too_large', 'more than 4194304 bytes');
    const none = { '/proc/1/net/ipv6_route': '', '/proc/1/net/if_inet6': '' };
    const unread = { '/proc/1/net/route': big, '/proc/1/net/fib_trie': big };
    const { data, missing } = await collect(fixtureHost('debian-12', { ...none, ...unread }));
    expect(data).toMatchObject({ defaultRoutes: null, addresses: null, addressesTotal: null });
    expect(missing?.map(({ reason }) => reason)).toEqual(['too_large', 'too_large']);
    const without = await collect(fixtureHost('debian-12', { ...none, '/proc/1/net/route': 'Iface\n' }));
    expect(without.data.defaultRoutes).toEqual([]);
  });

  it('cannot look at all without process 1', async () => {
    const host = fixtureHost('debian-12', { '/proc/1/net/dev': null });
    await expect(collect(host)).rejects.toMatchObject({ reason: 'not_found' });
  });
});

const real = () => createHostRoot('/', new AbortController().signal);

describe('network of this machine', () => {
  it('agrees with ip(8)', async () => {
    const before = ipLinks();
    const { data } = await collect(real());
    for (const link of before) {
      const mine = named(data, link.ifname);
      if (mine === undefined) continue;
      expect(mine.mtuBytes).toBe(link.mtu);
      expect(mine.operState?.toUpperCase()).toBe(link.operstate);
      expect(mine.adminUp).toBe(link.flags.includes('UP'));
      expect(mine.counters.rxBytes).toBeGreaterThanOrEqual(link.stats64.rx.bytes);
      expect(mine.counters.txErrors).toBeGreaterThanOrEqual(link.stats64.tx.errors);
    }
    const hidden = Object.values(data.hidden).reduce((sum, count) => sum + count, 0);
    expect(data.interfaces.length + hidden).toBe(before.length);
    const addresses: { addr_info: { local: string; scope: string }[] }[] = JSON.parse(ip('-j', 'address'));
    const global = addresses.flatMap((each) => each.addr_info).filter(({ scope }) => scope === 'global');
    expect(data.addresses?.map(({ address }) => address).sort()).toEqual(global.map(({ local }) => local).sort());
  });

  it.skipIf(process.getuid?.() !== 0)('shows the host to an agent in a network namespace of its own', async () => {
    const probe = fileURLToPath(new URL('../../test/network-probe.ts', import.meta.url));
    const inside = ['--net', process.execPath, probe];
    const theirs = NetworkFacts.parse(JSON.parse(execFileSync('unshare', inside, { encoding: 'utf8' })));
    const { data } = await collect(real());
    const names = (facts: NetworkFacts) =>
      facts.interfaces.map(({ name, operState, mtuBytes }) => [name, operState, mtuBytes]);
    expect(names(theirs)).toEqual(names(data));
    expect(theirs.defaultRoutes).toEqual(data.defaultRoutes);
    expect(data.agentInHostNamespace).toBe(true);
    expect(theirs.agentInHostNamespace).toBe(false);
    // With a sysfs mounted inside it shows the namespace it was mounted in, and is not believed.
    const remount = `mount -t sysfs sysfs /sys && exec ${process.execPath} ${probe}`;
    const blind = execFileSync('unshare', ['--net', '--mount', 'sh', '-c', remount], { encoding: 'utf8' });
    const unseen = NetworkFacts.parse(JSON.parse(blind));
    expect(unseen.interfaces.map(({ name }) => name)).toEqual(data.interfaces.map(({ name }) => name));
    expect(unseen.interfaces.every(({ operState }) => operState === null)).toBe(true);
  });
});

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

interface Link {
  ifname: string;
  mtu: number;
  operstate: string;
  flags: string[];
  stats64: { rx: { bytes: number }; tx: { errors: number } };
}

function ipLinks(): Link[] {
  return JSON.parse(ip('-s', '-j', 'link'));
}
