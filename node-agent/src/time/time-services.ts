import * as z from 'zod';
import { attempt } from '../attempt.ts';
import type { SystemBus } from '../dbus/bus.ts';
import { type BusObject, readProperty } from '../dbus/bus-property.ts';
import { FactError } from '../fact-error.ts';
import type { HostReader } from '../host-reader.ts';
import { plainText } from '../plain-text.ts';

/** A program that keeps the clock right. */
export type TimeDaemon = 'chrony' | 'timesyncd' | 'ntpd' | 'ntpsec' | 'openntpd';

/** Names under which distributions ship them. `ntp.service` is an alias of ntpsec's on Debian 12 and Ubuntu 24.04. */
const UNITS: Readonly<Record<string, TimeDaemon>> = {
  'chrony.service': 'chrony',
  'chronyd.service': 'chrony',
  'chronyd-restricted.service': 'chrony',
  'systemd-timesyncd.service': 'timesyncd',
  'ntpsec.service': 'ntpsec',
  'ntp.service': 'ntpd',
  'ntpd.service': 'ntpd',
  'openntpd.service': 'openntpd',
};

const UnitRow = z.tuple([z.string(), z.unknown(), z.unknown(), z.string()], z.unknown());

/** Time daemons whose unit is active, by asking systemd. @throws {FactError} as `SystemBus` says, `parse_error` */
export async function activeTimeDaemons(bus: SystemBus, signal: AbortSignal): Promise<TimeDaemon[]> {
  const [rows] = await bus.call(
    {
      destination: 'org.freedesktop.systemd1',
      path: '/org/freedesktop/systemd1',
      interface: 'org.freedesktop.systemd1.Manager',
      // Not ListUnitsByNames: that makes systemd load the files of those that do not run.
      member: 'ListUnitsByPatterns',
      signature: 'asas',
      body: [['active'], Object.keys(UNITS)],
      autoStart: false,
    },
    signal,
  );
  const parsed = z.array(UnitRow).safeParse(rows);
  if (!parsed.success)
    throw new FactError('parse_error', 'systemd: ListUnitsByPatterns gave something else than units');
  const active = parsed.data.flatMap(([name, , , state]) => (state === 'active' ? (UNITS[name] ?? []) : []));
  return [...new Set(active)];
}

/** Where the daemons leave their process id, with the name of the process to find there. */
const PID_FILES: readonly { path: string; processName: string; daemon: TimeDaemon }[] = [
  { path: '/run/chrony/chronyd.pid', processName: 'chronyd', daemon: 'chrony' },
  { path: '/run/chronyd.pid', processName: 'chronyd', daemon: 'chrony' },
  { path: '/run/ntpd.pid', processName: 'ntpd', daemon: 'ntpd' },
  { path: '/run/openntpd.pid', processName: 'ntpd', daemon: 'openntpd' },
];

/** The time daemon that runs, for hosts without systemd: a process id file and the process it names. Null proves nothing. */
export async function runningTimeDaemon(files: HostReader): Promise<TimeDaemon | null> {
  const found = await Promise.all(
    PID_FILES.map(async ({ path, processName, daemon }) => {
      const pid = await files.line(path);
      if (pid === null || !/^\d{1,10}$/.test(pid)) return null;
      return (await files.line(`/proc/${pid}/comm`)) === processName ? daemon : null;
    }),
  );
  return found.find((daemon) => daemon !== null) ?? null;
}

const TIMEDATED: BusObject = {
  destination: 'org.freedesktop.timedate1',
  path: '/org/freedesktop/timedate1',
  interface: 'org.freedesktop.timedate1',
};

/** What systemd-timedated says, org.freedesktop.timedate1(5). It exits when idle, so mostly it says nothing: null. */
export interface TimedatedReport {
  /** The kernel's flag, as adjtimex(2) has it. */
  kernelSynchronized: boolean | null;
  ntpEnabled: boolean | null;
  timezone: string | null;
  rtcInLocalTime: boolean | null;
}

/** Asks timedated if it happens to run. Never fails for want of an answer. */
export async function askTimedated(bus: SystemBus, signal: AbortSignal): Promise<TimedatedReport> {
  const read = async (name: string) => {
    const answer = await attempt(readProperty(bus, TIMEDATED, name, signal));
    return answer.ok ? answer.value : null;
  };
  const [synchronized, ntp, timezone, localRtc] = await Promise.all([
    read('NTPSynchronized'),
    read('NTP'),
    read('Timezone'),
    read('LocalRTC'),
  ]);
  return {
    kernelSynchronized: typeof synchronized === 'boolean' ? synchronized : null,
    ntpEnabled: typeof ntp === 'boolean' ? ntp : null,
    timezone: typeof timezone === 'string' ? plainText(timezone) || null : null,
    rtcInLocalTime: typeof localRtc === 'boolean' ? localRtc : null,
  };
}
