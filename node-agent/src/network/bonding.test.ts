import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { MUTATIONS, mutatedText } from '../../test/mutated-text.ts';
import { parseBonding } from './bonding.ts';

const text = await fixtureHost('debian-12').readText('/proc/1/net/bonding/bond0');

it('reads LACP, whose own paragraph comes before the members', () => {
  const lacp = `Bonding Mode: IEEE 802.3ad Dynamic link aggregation
MII Status: up

802.3ad info
LACP active: on
Active Aggregator Info:
	Number of ports: 2

Slave Interface: eth2
MII Status: going back
Link Failure Count: 2
Aggregator ID: 1
details actor lacp pdu:
    port state: 61
`;
  expect(parseBonding(lacp)).toEqual({
    mode: 'IEEE 802.3ad Dynamic link aggregation',
    status: 'up',
    activeMember: null,
    members: [{ name: 'eth2', status: 'going back', linkFailures: 2 }],
  });
});

it('says null of a bond without an active member, and of an empty file', () => {
  expect(parseBonding(text.replace('Slave: ens1f0', 'Slave: None')).activeMember).toBe(null);
  expect(parseBonding('')).toEqual({ mode: null, status: null, activeMember: null, members: [] });
});

it('gets through any damage', () => {
  fc.assert(
    fc.property(mutatedText(text), (changed) => {
      for (const { linkFailures } of parseBonding(changed).members) expect(linkFailures ?? 0).toBeGreaterThanOrEqual(0);
    }),
    MUTATIONS,
  );
});
