import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { TimeFacts } from '@telemcp/shared/facts/time';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { brokenBus, scriptedBus, silence } from '../../test/scripted-bus.ts';
import type { SystemBus } from '../dbus/bus.ts';
import { FactError } from '../fact-error.ts';
import type { HostRoot } from '../host-root.ts';
import { time } from './time.ts';

let silent: Socket;
let silentPort: number;
let closedPort: number;

async function open(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

beforeEach(async () => {
  silent = await open();
  silentPort = silent.address().port;
  const other = await open();
  closedPort = other.address().port;
  other.close();
});
afterEach(() => {
  silent.close();
});

async function collect(host: HostRoot, bus: SystemBus, port = closedPort) {
  const settings = {
    nodeName: 'node-1',
    certificatePaths: undefined,
    watchUnits: undefined,
    chronyAddress: { host: '127.0.0.1', port },
  };
  const found = await time.collect({ host, bus, settings, signal: new AbortController().signal });
  return { ...found, data: TimeFacts.parse(found.data) };
}

const noBus = brokenBus(new FactError('unreachable', 'no bus at /run/dbus/system_bus_socket'));
const unit = (name: string, active = 'active') => [name, '', 'loaded', active, 'running', '', '/', 0, '', '/'];
const nowUsec = Date.now() * 1000;
const TIMESYNCD = {
  ServerName: 'ntp.ubuntu.com',
  ServerAddress: [2, [185, 125, 190, 58]],
  NTPMessage: [0, 4, 4, 2, -24, 15_258, 915, [17, 253, 34, 123], nowUsec, nowUsec, nowUsec, nowUsec, false, 17, 1500],
  PollIntervalUSec: 2_048_000_000,
  Frequency: 0,
};

describe('who keeps the time', () => {
  it('systemd-timesyncd, by itself', async () => {
    const { data, missing, source } = await collect(fixtureHost('debian-12'), scriptedBus(TIMESYNCD));
    expect(source).toBe('dbus:org.freedesktop.timesync1');
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      implementation: 'timesyncd',
      synchronized: true,
      synchronizedBy: 'daemon',
      stratum: 3,
      referenceName: 'ntp.ubuntu.com',
      timezone: 'Europe/Berlin',
      rtcInLocalTime: false,
      ntpEnabled: true,
    });
    expect(data.lastSyncAt).not.toBeNull();
  });

  it('systemd-timesyncd, and the kernel knows better', async () => {
    const bus = scriptedBus({ ...TIMESYNCD, NTPSynchronized: false, NTP: true, Timezone: 'Etc/UTC', LocalRTC: false });
    const { data } = await collect(fixtureHost('debian-12'), bus);
    expect(data).toMatchObject({ synchronized: false, synchronizedBy: 'kernel', timezone: 'Etc/UTC' });
    expect(data.note).toContain('kernel');
  });

  it('a chronyd that runs and does not answer: named, with what to do, and the flag of the kernel', async () => {
    const bus = scriptedBus({ ListUnitsByPatterns: [unit('chronyd.service')], NTPSynchronized: true });
    const { data, missing } = await collect(fixtureHost('rhel-9'), bus);
    expect(data).toMatchObject({
      implementation: 'chrony',
      synchronized: true,
      synchronizedBy: 'kernel',
      stratum: null,
      rtcInLocalTime: true,
      timezone: 'America/New_York',
    });
    expect(missing).toMatchObject([{ what: 'chronyd', reason: 'unreachable' }]);
    expect(missing?.[0]?.detail).toMatch(/cmdport 0.*hostNetwork/);
  });

  it('a chronyd found by its pid file when there is no bus', async () => {
    const { data, missing } = await collect(fixtureHost('rhel-9'), noBus);
    expect(data).toMatchObject({ implementation: 'chrony', synchronized: null, ntpEnabled: true });
    expect(missing).toMatchObject([{ what: 'chronyd', reason: 'unreachable' }]);
  });

  it.each([
    ['ntpsec.service', 'ntpsec'],
    ['ntpd.service', 'ntpd'],
    ['openntpd.service', 'unknown'],
  ])('%s, which tells nothing: %s', async (name, implementation) => {
    const { data, missing } = await collect(fixtureHost('kubeadm'), scriptedBus({ ListUnitsByPatterns: [unit(name)] }));
    expect(data).toMatchObject({ implementation, synchronized: null, ntpEnabled: true });
    expect(missing).toMatchObject([{ what: 'synchronization', reason: 'unsupported' }]);
  });

  it('nobody, when systemd says so', async () => {
    const bus = scriptedBus({ ListUnitsByPatterns: [unit('systemd-timesyncd.service', 'inactive')] });
    const { data, missing } = await collect(fixtureHost('kubeadm'), bus);
    expect(data).toMatchObject({
      implementation: 'none',
      synchronized: null,
      note: 'no time daemon runs',
      ntpEnabled: false,
    });
    expect(missing).toEqual([]);
  });

  it('nobody, and yet something sets the kernel flag', async () => {
    const { data } = await collect(
      fixtureHost('kubeadm'),
      scriptedBus({ ListUnitsByPatterns: [], NTPSynchronized: true }),
    );
    expect(data).toMatchObject({ implementation: 'none', synchronized: true, synchronizedBy: 'kernel' });
  });

  it('unknown, when nothing could be asked', async () => {
    const { data, missing } = await collect(fixtureHost('kubeadm'), noBus);
    expect(data).toMatchObject({ implementation: 'unknown', synchronized: null, ntpEnabled: null });
    expect(missing).toMatchObject([
      { what: 'time daemon', reason: 'unreachable', detail: expect.stringContaining('bus') },
    ]);
  });
});

describe('hosts without systemd', () => {
  it('Alpine: busybox ntpd by its pid file', async () => {
    const { data } = await collect(fixtureHost('no-systemd'), noBus);
    expect(data).toMatchObject({ implementation: 'ntpd', timezone: 'Asia/Tokyo' });
  });

  it('Alpine without a daemon: no_systemd, not a broken bus', async () => {
    const { data, missing } = await collect(fixtureHost('no-systemd', { '/run/ntpd.pid': null }), noBus);
    expect(data.implementation).toBe('unknown');
    expect(missing).toMatchObject([{ what: 'time daemon', reason: 'no_systemd' }]);
  });

  it('Talos: a bus that knows no systemd', async () => {
    const { missing } = await collect(fixtureHost('talos'), scriptedBus({}));
    expect(missing).toMatchObject([{ what: 'time daemon', reason: 'no_systemd' }]);
  });

  it('does not conclude it from a /run of which the pod sees nothing', async () => {
    const { missing } = await collect(fixtureHost('no-systemd', { '/run': null, '/run/ntpd.pid': null }), noBus);
    expect(missing).toMatchObject([{ what: 'time daemon', reason: 'unreachable' }]);
  });
});

it('answers within 1.2 s when neither chronyd nor the bus ever answers', async () => {
  const startedAt = performance.now();
  const { data, missing } = await collect(fixtureHost('debian-12'), brokenBus(silence), silentPort);
  expect(performance.now() - startedAt).toBeLessThan(1200);
  expect(data).toMatchObject({ implementation: 'unknown', timezone: 'Europe/Berlin' });
  expect(missing).toMatchObject([{ what: 'time daemon', reason: 'timeout' }]);
});

it('gives the clock of the moment, in seconds', async () => {
  const before = Date.now() / 1000;
  const { clockUnixSeconds } = (await collect(fixtureHost('talos'), noBus)).data;
  expect(clockUnixSeconds).toBeGreaterThanOrEqual(before);
  expect(clockUnixSeconds).toBeLessThanOrEqual(Date.now() / 1000);
});

it('reports a file that is there and closed', async () => {
  const closed = new FactError('permission_denied', '/etc/adjtime: EACCES');
  const { data, missing } = await collect(fixtureHost('debian-12', { '/etc/adjtime': closed }), scriptedBus(TIMESYNCD));
  expect(data.rtcInLocalTime).toBeNull();
  expect(missing).toEqual([{ what: '/etc/adjtime', reason: 'permission_denied', detail: '/etc/adjtime: EACCES' }]);
});
