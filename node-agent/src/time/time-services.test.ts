import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { brokenBus, scriptedBus } from '../../test/scripted-bus.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { activeTimeDaemons, askTimedated, runningTimeDaemon } from './time-services.ts';

const signal = new AbortController().signal;
const row = (name: string, active: string) => [name, '', 'loaded', active, 'running', '', '/', 0, '', '/'];

describe('activeTimeDaemons', () => {
  it('gives each daemon once, and only those that are active', async () => {
    const rows = [
      row('chronyd.service', 'active'),
      row('chrony.service', 'active'),
      row('systemd-timesyncd.service', 'inactive'),
      row('cron.service', 'active'),
    ];
    expect(await activeTimeDaemons(scriptedBus({ ListUnitsByPatterns: rows }), signal)).toEqual(['chrony']);
  });

  it('refuses what is no list of units', async () => {
    const bus = scriptedBus({ ListUnitsByPatterns: [['only a name']] });
    await expect(activeTimeDaemons(bus, signal)).rejects.toMatchObject({ reason: 'parse_error' });
  });
});

describe('runningTimeDaemon', () => {
  const running = (name: string, overrides = {}) => runningTimeDaemon(createHostReader(fixtureHost(name, overrides)));

  it('finds the process that the pid file names', async () => {
    expect(await running('rhel-9')).toBe('chrony');
    expect(await running('no-systemd')).toBe('ntpd');
  });

  it.each([
    ['the process is gone', { '/proc/1043/comm': null }],
    ['the number now belongs to another', { '/proc/1043/comm': 'bash' }],
    ['the file holds no number', { '/run/chronyd.pid': '../../etc/shadow' }],
  ])('is null when %s', async (_, overrides) => {
    expect(await running('rhel-9', overrides)).toBeNull();
  });
});

describe('askTimedated', () => {
  it('reads what it says and never starts it', async () => {
    const bus = scriptedBus({ NTPSynchronized: true, NTP: false, Timezone: 'Europe/Paris', LocalRTC: true });
    expect(await askTimedated(bus, signal)).toEqual({
      kernelSynchronized: true,
      ntpEnabled: false,
      timezone: 'Europe/Paris',
      rtcInLocalTime: true,
    });
    expect(bus.asked.map(({ autoStart }) => autoStart)).toEqual([false, false, false, false]);
  });

  it('is null throughout when it does not run, or the bus is gone', async () => {
    const nothing = { kernelSynchronized: null, ntpEnabled: null, timezone: null, rtcInLocalTime: null };
    expect(await askTimedated(scriptedBus({}), signal)).toEqual(nothing);
    expect(await askTimedated(brokenBus(new FactError('unreachable', '')), signal)).toEqual(nothing);
  });
});
