import { FirewallFacts } from '@telemcp/shared/facts/firewall';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { brokenBus, scriptedBus, silence } from '../../test/scripted-bus.ts';
import type { SystemBus } from '../dbus/bus.ts';
import { FactError } from '../fact-error.ts';
import type { HostRoot } from '../host-root.ts';
import { firewall } from './firewall.ts';

const noBus = brokenBus(new FactError('unreachable', 'no bus at /run/dbus/system_bus_socket'));
const unit = (name: string, active = 'active') => [name, '', 'loaded', active, 'exited', '', '/', 0, '', '/'];
const running = (...names: string[]) => ({ ListUnitsByPatterns: names.map((name) => unit(name)) });
const LIST = '/run/telemcp/nft-chains.json';
const closed = (path: string) => new FactError('permission_denied', `${path}: EACCES`);

async function collect(host: HostRoot, bus: SystemBus, nftChainsFile?: string) {
  const settings = {
    nodeName: 'node-1',
    certificatePaths: undefined,
    watchUnits: undefined,
    chronyAddress: { host: '127.0.0.1', port: 323 },
    nftChainsFile,
  };
  const found = await firewall.collect({ host, bus, settings, signal: new AbortController().signal });
  return { ...found, data: FirewallFacts.parse(found.data) };
}

/** A host whose list of chains was written just now; git keeps no times of files. */
function freshHost(name: string, overrides: Parameters<typeof fixtureHost>[1] = {}): HostRoot {
  return { ...fixtureHost(name, overrides), modifiedAt: async () => new Date() };
}

describe('the firewall of', () => {
  it('Ubuntu 24.04 with ufw', async () => {
    const { data, missing, source } = await collect(fixtureHost('ubuntu-24.04'), scriptedBus(running('ufw.service')));
    expect(missing).toEqual([]);
    expect(source).toBe('dbus:org.freedesktop.systemd1');
    expect(data).toMatchObject({
      backend: 'ufw',
      enabled: true,
      basis: 'units',
      defaults: { ipv4: { input: 'drop', forward: 'drop', output: 'accept' } },
      configured: { ufw: { ruleCount: 17 }, firewalld: null, ruleFiles: [] },
      ruleset: null,
    });
  });

  it('Debian 12 as it is installed: a service that has loaded nothing', async () => {
    const { data } = await collect(fixtureHost('debian-12'), scriptedBus(running('nftables.service')));
    expect(data).toMatchObject({ backend: 'nftables', enabled: false, defaults: { ipv4: { input: 'accept' } } });
    expect(data.attention).toEqual(['nftables.service has loaded /etc/nftables.conf, which filters nothing']);
  });

  it('RHEL 9 with firewalld', async () => {
    const bus = scriptedBus({ ...running('firewalld.service'), getDefaultZone: 'lab' });
    const { data, missing } = await collect(fixtureHost('rhel-9'), bus);
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      backend: 'firewalld',
      enabled: true,
      defaults: { ipv4: { input: 'drop' } },
      configured: { firewalld: { defaultZone: 'lab', zones: [{ name: 'lab', target: 'DROP', richRules: 1 }, {}] } },
    });
  });

  it('a kubeadm node whose chains are listed', async () => {
    const { data, missing, source } = await collect(freshHost('kubeadm'), scriptedBus(running('kubelet.service')));
    expect(missing).toEqual([]);
    expect(source).toBe(`file:${LIST}`);
    expect(data).toMatchObject({
      backend: 'nftables',
      enabled: true,
      basis: 'ruleset',
      defaults: { ipv4: { input: 'drop' } },
      running: { kubernetes: true },
      ruleset: { tables: 4, chains: 31, baseChainCount: 8 },
    });
  });

  it('Alpine, without systemd: what its files would load', async () => {
    const { data, missing } = await collect(fixtureHost('no-systemd'), noBus);
    expect(data).toMatchObject({
      backend: 'iptables-legacy',
      enabled: null,
      basis: 'configuration',
      defaults: { ipv4: { input: 'drop' }, ipv6: { input: 'accept' } },
      running: { units: null, kubernetes: null },
    });
    expect(missing).toMatchObject([{ what: 'services of firewalls', reason: 'no_systemd' }]);
  });

  it('a host where nothing of the kind runs is not called open', async () => {
    const { data } = await collect(fixtureHost('k3s'), scriptedBus(running('k3s.service')));
    expect(data).toMatchObject({
      backend: 'none',
      enabled: false,
      basis: 'units',
      defaults: { ipv4: { input: null } },
    });
    expect(data.notes).toHaveLength(2);
  });
});

describe('what firewall could not see', () => {
  it('is all of it: no bus, no files, nothing of the kernel', async () => {
    await expect(collect(fixtureHost('k3s'), noBus)).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('is the bus: what files say still counts', async () => {
    const bus = brokenBus(new FactError('apparmor_denied', 'AppArmor policy prevents'));
    const { data, missing } = await collect(fixtureHost('ubuntu-24.04'), bus);
    expect(data).toMatchObject({ backend: 'ufw', enabled: null, basis: 'configuration', running: { units: null } });
    expect(missing).toMatchObject([{ what: 'services of firewalls', reason: 'apparmor_denied' }]);
  });

  it('is not waited for', async () => {
    const startedAt = performance.now();
    const { missing } = await collect(fixtureHost('ubuntu-24.04'), brokenBus(silence));
    expect(missing).toMatchObject([{ reason: 'timeout' }]);
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  it('is firewalld to an ordinary user: its files and, by polkit, its default zone', async () => {
    const path = '/etc/firewalld/firewalld.conf';
    const denied = new FactError('permission_denied', 'Not Authorized(polkit): org.fedoraproject.FirewallD1.info');
    const bus = scriptedBus({ ...running('firewalld.service'), getDefaultZone: denied });
    const { data, missing } = await collect(fixtureHost('rhel-9', { [path]: closed(path) }), bus);
    expect(data).toMatchObject({
      backend: 'firewalld',
      enabled: true,
      defaults: { ipv4: { input: null } },
      configured: { firewalld: { defaultZone: null, zones: null } },
    });
    expect(missing?.map(({ what }) => what)).toEqual([path, 'firewalld default zone']);
  });

  it('is a list of chains cut short: said, and the rest stands', async () => {
    const host = freshHost('ubuntu-24.04', { [LIST]: '{"nftables": [{"metain' });
    const { data, missing } = await collect(host, scriptedBus(running('ufw.service')));
    expect(data).toMatchObject({ backend: 'ufw', enabled: true, basis: 'units', ruleset: null });
    expect(missing).toMatchObject([{ what: LIST, reason: 'parse_error' }]);
  });

  it('is asked of firewalld only while it runs', async () => {
    const bus = scriptedBus(running('ufw.service'));
    await collect(fixtureHost('rhel-9'), bus);
    expect(bus.asked.map(({ member }) => member)).not.toContain('getDefaultZone');
  });
});

it('reads the list of chains where the operator says it is', async () => {
  const path = '/var/lib/telemcp/chains.json';
  const host = freshHost('debian-12', { [path]: '{"nftables": []}' });
  const { data } = await collect(host, scriptedBus(running()), path);
  expect(data).toMatchObject({ backend: 'none', basis: 'ruleset', ruleset: { path, chains: 0 } });
});
