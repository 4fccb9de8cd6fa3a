import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { MUTATIONS, mutatedText } from '../../test/mutated-text.ts';
import { createHostReader } from '../host-reader.ts';
import { parseCounterTable, parseSockstat, readTcpCounters } from './tcp-health.ts';

const host = fixtureHost('debian-12');
const snmp = await host.readText('/proc/1/net/snmp');
const sockstat = await host.readText('/proc/1/net/sockstat');

it('reads counters by name', async () => {
  expect(await readTcpCounters(createHostReader(host))).toEqual({
    established: 412,
    timeWait: 75,
    orphaned: 1,
    sentSegments: 6_123_456_789,
    retransmittedSegments: 812_345,
    listenOverflows: 12,
    listenDrops: 15,
    syncookiesSent: 4,
  });
});

it('says null of what an older kernel does not count, and of everything when there is nothing', async () => {
  const without = fixtureHost('debian-12', {
    '/proc/1/net/netstat': 'TcpExt: Other\nTcpExt: 1\n',
    '/proc/1/net/sockstat': null,
  });
  expect(await readTcpCounters(createHostReader(without))).toMatchObject({
    established: 412,
    timeWait: null,
    listenOverflows: null,
  });
  const paths = ['snmp', 'netstat', 'sockstat'].map((name) => [`/proc/1/net/${name}`, null]);
  expect(await readTcpCounters(createHostReader(fixtureHost('debian-12', Object.fromEntries(paths))))).toBe(null);
});

it('gets through any damage', () => {
  fc.assert(
    fc.property(mutatedText(snmp), mutatedText(sockstat), (changed, changedSockets) => {
      for (const value of parseCounterTable(changed, 'Tcp').values()) expect(Number.isFinite(value)).toBe(true);
      for (const value of parseSockstat(changedSockets).values()) expect(Number.isSafeInteger(value)).toBe(true);
    }),
    MUTATIONS,
  );
});
