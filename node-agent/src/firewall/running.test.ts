import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { fixtureText, mutatedText } from '../../test/mutated-text.ts';
import { brokenBus, scriptedBus } from '../../test/scripted-bus.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { parseModules, readFirewallUnits, readKernelSigns } from './running.ts';

const { signal } = new AbortController();
const row = (name: string, active: string, load = 'loaded') => [name, '', load, active, 'exited', '', '/', 0, '', '/'];

describe('readFirewallUnits', () => {
  it('tells firewalls from Kubernetes, and leaves out what is only referred to', async () => {
    const rows = [
      row('ufw.service', 'active'),
      row('firewalld.service', 'inactive', 'not-found'),
      row('kubelet.service', 'active'),
    ];
    expect(await readFirewallUnits(scriptedBus({ ListUnitsByPatterns: rows }), signal)).toEqual({
      units: [{ name: 'ufw.service', activeState: 'active', subState: 'exited' }],
      kubernetes: true,
    });
    const stopped = scriptedBus({ ListUnitsByPatterns: [row('k3s.service', 'failed')] });
    expect(await readFirewallUnits(stopped, signal)).toEqual({ units: [], kubernetes: false });
  });

  it('passes on why systemd could not be asked', async () => {
    const bus = brokenBus(new FactError('apparmor_denied', 'AppArmor'));
    await expect(readFirewallUnits(bus, signal)).rejects.toMatchObject({ reason: 'apparmor_denied' });
  });
});

describe('parseModules', () => {
  const ALPINE = fixtureText('root-no-systemd/proc/modules');

  it('names the modules of packet filters', () => {
    expect(parseModules(ALPINE)).toEqual([
      'ip6_tables',
      'ip6table_filter',
      'ip_tables',
      'iptable_filter',
      'nf_conntrack',
      'xt_state',
    ]);
    expect(parseModules('nf_tables_set 1 0 - Live 0x0\nvirtio_net 1 0 - Live 0x0')).toEqual([]);
  });

  it('takes any text', () => {
    const property = fc.property(mutatedText(ALPINE), (text) => {
      for (const name of parseModules(text)) expect(name).toMatch(/^[a-z0-9_]+$/);
    });
    fc.assert(property, { numRuns: 10_000 });
  });
});

describe('readKernelSigns', () => {
  const read = (overrides: Parameters<typeof fixtureHost>[1]) => {
    const host = fixtureHost('no-systemd', overrides);
    const files = createHostReader(host);
    return readKernelSigns(host, files).then((signs) => ({ signs, missing: files.missing }));
  };

  it('names the tables of legacy iptables, where it may', async () => {
    const names = { '/proc/1/net/ip_tables_names': 'nat\nfilter', '/proc/1/net/ip6_tables_names': 'filter' };
    expect((await read(names)).signs.legacyTables).toEqual(['filter', 'nat', 'ip6:filter']);
    const closed = new FactError('permission_denied', 'EACCES');
    const { signs, missing } = await read({ '/proc/1/net/ip_tables_names': closed });
    expect(signs.legacyTables).toBeNull();
    expect(missing).toEqual([]);
  });

  it('does not call a kernel that lists no modules empty', async () => {
    expect((await read({ '/proc/modules': null })).signs.kernelModules).toBeNull();
  });
});
