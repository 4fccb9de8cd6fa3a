import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { mutatedText } from '../../test/mutated-text.ts';
import { scriptedBus } from '../../test/scripted-bus.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { askDefaultZone, parseZone, readFirewalld, zonePolicy } from './firewalld.ts';

const ZONE = `<?xml version="1.0" encoding="utf-8"?>
<zone target="DROP">
  <!-- <service name="telnet"/> -->
  <interface name="eth0"/>
  <source address="10.0.0.0/8"/>
  <source ipset="blue"/>
  <service name="ssh"/>
  <port port="6443" protocol="tcp"/>
  <port protocol='udp' port='8472'/>
  <rule family="ipv4">
    <source address="10.9.0.0/16"/>
    <port port="9100" protocol="tcp"/>
    <accept/>
  </rule>
  <rule priority="1"/>
  <service name="http"/>
  <masquerade/>
</zone>`;
const closed = new FactError('permission_denied', '/etc/firewalld/firewalld.conf: EACCES');

async function read(overrides: Parameters<typeof fixtureHost>[1], runningZone: string | null = null) {
  return readFirewalld(createHostReader(fixtureHost('rhel-9', overrides)), runningZone);
}

describe('parseZone', () => {
  it('takes what the zone itself opens, and only counts rich rules', () => {
    expect(parseZone('dmz', ZONE)).toEqual({
      name: 'dmz',
      target: 'DROP',
      services: ['ssh', 'http'],
      ports: ['6443/tcp', '8472/udp'],
      interfaces: ['eth0'],
      sources: ['10.0.0.0/8', 'blue'],
      richRules: 2,
    });
  });

  it('may be given anything', () => {
    const property = fc.property(mutatedText(ZONE), (xml) => {
      expect(JSON.stringify(parseZone('a', xml))).not.toMatch(/\\u00|\u202e/);
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  it('takes time only in proportion', () => {
    const startedAt = performance.now();
    parseZone('a', '<'.repeat(260_000));
    parseZone('a', '<port port="'.repeat(20_000));
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

describe('zonePolicy', () => {
  it.each([
    ['default', 'reject'],
    ['%%REJECT%%', 'reject'],
    ['DROP', 'drop'],
    ['ACCEPT', 'accept'],
    ['SOMETHING', null],
  ])('%s: %s', (target, policy) => {
    expect(zonePolicy({ ...parseZone('a', ''), target })).toBe(policy);
  });
});

describe('readFirewalld', () => {
  it("takes the host's own zone before the one that firewalld brings", async () => {
    const found = await read({});
    expect(found).toMatchObject({ defaultZone: 'public', backend: 'nftables' });
    expect(found?.zones?.map(({ name, target, services }) => [name, target, services])).toEqual([
      ['public', 'default', ['ssh', 'dhcpv6-client']],
      ['lab', 'DROP', []],
      ['trusted', 'ACCEPT', []],
    ]);
  });

  it('goes by the running default zone where the files may not be read, and then knows no zone', async () => {
    const hidden = { '/etc/firewalld/firewalld.conf': closed };
    expect(await read(hidden, 'dmz')).toEqual({ defaultZone: 'dmz', backend: null, zones: null });
    expect(await read(hidden)).toEqual({ defaultZone: null, backend: null, zones: null });
  });

  it('is null where there is no firewalld', async () => {
    expect(await read({ '/etc/firewalld/firewalld.conf': null })).toBeNull();
  });

  it('does not follow a zone name out of its directory', async () => {
    const found = await read({ '/etc/firewalld/firewalld.conf': 'DefaultZone=../../../etc/passwd' });
    expect(found?.zones?.map(({ name }) => name)).toEqual(['lab', 'trusted']);
  });
});

describe('askDefaultZone', () => {
  it('asks and never starts firewalld', async () => {
    const bus = scriptedBus({ getDefaultZone: 'home' });
    expect(await askDefaultZone(bus, new AbortController().signal)).toBe('home');
    expect(bus.asked).toEqual([{ member: 'getDefaultZone', autoStart: false }]);
  });

  it('refuses what is no name', async () => {
    const bus = scriptedBus({ getDefaultZone: 7 });
    await expect(askDefaultZone(bus, new AbortController().signal)).rejects.toMatchObject({ reason: 'parse_error' });
  });
});
