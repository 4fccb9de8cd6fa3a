import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { CpuFacts } from '@telemcp/shared/facts/cpu';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { STORE_OPTIONS, silentBus } from '../../test/sample-facts.ts';
import { FactError } from '../fact-error.ts';
import { createHostRoot, type HostRoot } from '../host-root.ts';
import { type Clock, createCpuLook } from './cpu.ts';

/** A clock that passes only when it is told to, and counts how long was waited for. */
function testClock() {
  const clock = {
    at: 0,
    waited: 0,
    now: () => clock.at,
    wait: async (ms: number) => {
      clock.at += ms;
      clock.waited += ms;
    },
  };
  return clock;
}

/** A host whose /proc/stat is the next of these each time, the last one from then on. */
function hostWithStats(stats: readonly string[], name = 'debian-12'): HostRoot {
  const host = fixtureHost(name);
  const left = [...stats];
  return {
    ...host,
    readText: async (path, options) => {
      if (path !== '/proc/stat') return host.readText(path, options);
      return (left.length > 1 ? left.shift() : left[0]) ?? '';
    },
  };
}

function collectorOf(clock: Clock) {
  const look = createCpuLook(clock);
  return async (host: HostRoot) => {
    const found = await look({ ...STORE_OPTIONS, bus: silentBus, host, signal: new AbortController().signal });
    return { ...found, data: CpuFacts.parse(found.data) };
  };
}

const collect = (host: HostRoot) => collectorOf(testClock())(host);

/** Two processors alike, after so many ticks each. */
function statOf(user: number, idle: number, steal = 0): string {
  const times = (factor: number) => `${user * factor} 0 0 ${idle * factor} 0 0 0 ${steal * factor} 0 0`;
  return `cpu  ${times(2)}\ncpu0 ${times(1)}\ncpu1 ${times(1)}\nprocs_running 3\nprocs_blocked 1\n`;
}

describe('cpu on a fake host root', () => {
  it('Debian 12 in a virtual machine: pressure, and no sensor', async () => {
    const { data, missing } = await collect(hostWithStats([statOf(100, 900), statOf(110, 913, 2)]));
    expect(missing).toEqual([]);
    expect(data).toEqual({
      logicalCpus: 2,
      load: { one: 0.42, five: 0.38, fifteen: 0.31, onePerCpu: 0.21, fivePerCpu: 0.19, fifteenPerCpu: 0.16 },
      tasksRunning: 3,
      tasksBlocked: 1,
      usage: {
        intervalSeconds: 0.25,
        busyRatio: 0.48,
        userRatio: 0.4,
        systemRatio: 0,
        iowaitRatio: 0,
        softirqRatio: 0,
        stealRatio: 0.08,
        busiestCpu: { cpu: 0, busyRatio: 0.48, softirqRatio: 0 },
      },
      frequency: { currentMhz: 2500, maxMhz: null, limitMhz: null, governor: null },
      throttles: null,
      temperature: null,
      pressureState: 'on',
      pressure: {
        some: { avg10Ratio: 0.012, avg60Ratio: 0.0085, avg300Ratio: 0.0077, totalSeconds: 6391.02 },
        full: { avg10Ratio: 0, avg60Ratio: 0, avg300Ratio: 0, totalSeconds: 0 },
      },
      interruptPressure: { avg10Ratio: 0.0003, avg60Ratio: 0.0005, avg300Ratio: 0.0005, totalSeconds: 82.11 },
    });
  });

  it('RHEL 9 on a server: heat, throttling and a clock held down, but no pressure measured, which is no gap', async () => {
    const { data, missing } = await collect(hostWithStats([statOf(1, 1), statOf(2, 2)], 'rhel-9'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      frequency: { currentMhz: 1800, maxMhz: 3400, limitMhz: 1800, governor: 'powersave' },
      throttles: { count: 43, seconds: 12.12 },
      temperature: { celsius: 97, zone: 'x86_pkg_temp', criticalCelsius: 100 },
      pressureState: 'absent',
      pressure: null,
      interruptPressure: null,
    });
  });

  it('fails as a whole, with advice, without the /proc of the host', async () => {
    const host = fixtureHost('debian-12', { '/proc/stat': null });
    await expect(collect(host)).rejects.toMatchObject({ reason: 'not_found', hint: expect.stringContaining('/proc') });
    const garbled = fixtureHost('debian-12', { '/proc/stat': 'intr 1\n' });
    await expect(collect(garbled)).rejects.toMatchObject({ reason: 'parse_error' });
  });

  it('tells what it was kept from', async () => {
    const closed = { '/proc/loadavg': new FactError('permission_denied', 'EACCES') };
    const host = fixtureHost('debian-12', closed);
    const { data, missing } = await collect({
      ...hostWithStats([statOf(1, 1), statOf(2, 2)]),
      readText: host.readText,
    });
    expect(data.load).toBeNull();
    expect(missing).toContainEqual({ what: '/proc/loadavg', reason: 'permission_denied', detail: 'EACCES' });
  });
});

describe('two looks at /proc/stat', () => {
  it('are those of two collections, a second to a minute apart, without waiting', async () => {
    const clock = testClock();
    const again = collectorOf(clock);
    const host = hostWithStats([statOf(0, 0), statOf(1, 1), statOf(11, 31), statOf(41, 41)]);
    await again(host);
    expect(clock.waited).toBe(250);
    clock.at += 15_000;
    expect((await again(host)).data.usage).toMatchObject({ intervalSeconds: 15, busyRatio: 0.25 });
    clock.at += 60_000;
    expect((await again(host)).data.usage).toMatchObject({ intervalSeconds: 60, busyRatio: 0.75 });
    expect(clock.waited).toBe(250);
  });

  it.each([999, 60_001])('are taken anew when the last one is %i ms old', async (age) => {
    const clock = testClock();
    const again = collectorOf(clock);
    const host = hostWithStats([statOf(0, 0), statOf(1, 1), statOf(500, 500), statOf(510, 500)]);
    await again(host);
    clock.at += age;
    expect((await again(host)).data.usage).toMatchObject({ intervalSeconds: 0.25, busyRatio: 1 });
  });

  it('are taken anew when the earlier one cannot be compared: a processor came', async () => {
    const clock = testClock();
    const again = collectorOf(clock);
    const more = (text: string) => `${text}cpu2 7 0 0 7 0 0 0 0 0 0\n`;
    const host = hostWithStats([statOf(0, 0), statOf(1, 1), more(statOf(5, 5)), more(statOf(6, 8))]);
    await again(host);
    clock.at += 5000;
    const { data, missing } = await again(host);
    expect(data.usage).toMatchObject({ intervalSeconds: 0.25, busyRatio: 0.25 });
    expect(missing).toEqual([]);
  });

  it('that stand still are said to be missing, never 0% busy', async () => {
    const { data, missing } = await collect(fixtureHost('debian-12'));
    expect(data.usage).toBeNull();
    expect(data.logicalCpus).toBe(2);
    expect(missing).toMatchObject([{ what: '/proc/stat', reason: 'read_error' }]);
  });
});

describe('on this machine', () => {
  it('says what node:os says', async () => {
    const host = createHostRoot('/', new AbortController().signal);
    const look = createCpuLook();
    const before = cpus();
    const { data } = await look({ ...STORE_OPTIONS, host, signal: new AbortController().signal });
    const after = cpus();
    expect(data.logicalCpus).toBe(before.length);
    const [one = 0] = loadavg();
    expect(Math.abs((data.load?.one ?? Number.NaN) - one)).toBeLessThan(1);
    const spent = after.map(({ times }, index) => {
      const earlier = before[index]?.times ?? times;
      const idle = times.idle - earlier.idle;
      const busy =
        times.user + times.nice + times.sys + times.irq - (earlier.user + earlier.nice + earlier.sys + earlier.irq);
      return { busy, total: busy + idle };
    });
    const sum = (field: 'busy' | 'total') => spent.reduce((total, each) => total + each[field], 0);
    // Ticks of 10 ms over 250 ms, looked at a little apart, and node:os does not count waiting for a device: a wide margin.
    if (data.usage !== null) expect(Math.abs(data.usage.busyRatio - sum('busy') / sum('total'))).toBeLessThan(0.35);
    expect(data.pressureState).toBe(pressureHere());
  });
});

function pressureHere(): string {
  try {
    readFileSync('/proc/pressure/cpu');
    return 'on';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EOPNOTSUPP' ? 'off' : 'absent';
  }
}
