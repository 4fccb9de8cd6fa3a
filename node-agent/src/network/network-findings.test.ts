import type { NetworkFacts, NetworkInterface } from '@telemcp/shared/facts/network';
import { expect, it, test } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { STORE_OPTIONS, silentBus } from '../../test/sample-facts.ts';
import { SAMPLE_NETWORK } from '../../test/sample-network.ts';
import { network } from '../collectors/network.ts';
import { networkFindings } from './network-findings.ts';
import { networkSummary } from './network-summary.ts';

async function factsOf(name: string): Promise<NetworkFacts> {
  const { signal } = new AbortController();
  const host = fixtureHost(name);
  return (await network.collect({ host, bus: silentBus, settings: STORE_OPTIONS.settings, signal })).data;
}
const debian = await factsOf('debian-12');
const shown = (facts: NetworkFacts | null) =>
  networkFindings(facts).map(({ severity, subject, text }) => `${severity} | ${subject} | ${text}`);

it('finds the bad cable, the bond without its second port, and the resolver with too many servers', () => {
  expect(shown(debian)).toEqual([
    'warning | ens1f1 | 18233 errors in 916468 packets, 18111 of them checksums: cable or transceiver',
    'warning | ens1f1 | 18240 of 916468 packets dropped',
    'note | ens1f1 | the link went up or down 75 times',
    'warning | bond0 | ens1f1 of the bond is down',
    'note | /etc/resolv.conf | 4 servers, of which the first 3 are used',
  ]);
});

it('warns of a table of connections that is nearly full, and says nothing of what is not known', async () => {
  expect(shown(await factsOf('k3s'))).toEqual([
    'critical | conntrack | 128000 of 131072 entries; when full, new connections are dropped',
  ]);
  expect(shown(null)).toEqual([]);
  const unknown = { addresses: null, defaultRoutes: null, dns: null, tcp: null, conntrack: null };
  expect(shown({ ...SAMPLE_NETWORK, ...unknown })).toEqual([]);
});

const card = debian.interfaces.find(({ name }) => name === 'ens1f0');
test.each<[string, Partial<NetworkInterface>, string[]]>([
  ['a sound card', {}, []],
  ['an unused port', { carrier: false, master: null }, ['note | ens1f0 | set up, but no link']],
  ['a port set down', { carrier: null, adminUp: false, master: null }, []],
  ['half duplex', { duplex: 'half' }, ['warning | ens1f0 | half duplex: the other side is set otherwise']],
])('%s', (_, change, expected) => {
  if (card === undefined) throw new Error('the fixture has ens1f0');
  expect(shown({ ...SAMPLE_NETWORK, interfaces: [{ ...card, ...change }] })).toEqual(expected);
});

it('takes what happens now for more than what has been', () => {
  const { tcp } = debian;
  if (tcp === null) throw new Error('the fixture has TCP');
  const facts = { ...SAMPLE_NETWORK, intervalSeconds: 10 };
  const interval = { retransmittedSegments: 80, retransmitRatio: 0.08, listenOverflows: 3, listenDrops: 3 };
  expect(shown({ ...facts, tcp: { ...tcp, interval } })).toEqual([
    'warning | tcp | 8.0% sent again in 10 s',
    'warning | tcp | 3 connections not accepted in 10 s',
  ]);
  expect(
    shown({ ...facts, tcp: { ...tcp, sentSegments: 20_000, retransmittedSegments: 500, listenOverflows: 100 } }),
  ).toEqual([
    'note | tcp | 2.5% of all segments since boot were sent again',
    'note | tcp | 100 connections since boot were not accepted in time',
  ]);
});

it('is one line for a terminal', () => {
  expect(networkSummary(debian)).toBe('3 of 5 interfaces up, default by 10.20.0.1 on bond0, 412 TCP connections');
});
