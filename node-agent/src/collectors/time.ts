import type { Missing } from '@telemcp/shared/envelope';
import type { TimeFacts } from '@telemcp/shared/facts/time';
import { type Attempt, attempt, withDeadline } from '../attempt.ts';
import { type CollectContext, defineCollector } from '../collector.ts';
import { createHostReader } from '../host-reader.ts';
import { type RunDirectory, readRunDirectory } from '../run-directory.ts';
import { askChrony, type ChronyReport } from '../time/chrony.ts';
import { chronyFacts, type SynchronizationFacts, timesyncdFacts, UNKNOWN_SYNCHRONIZATION } from '../time/time-facts.ts';
import {
  activeTimeDaemons,
  askTimedated,
  runningTimeDaemon,
  type TimeDaemon,
  type TimedatedReport,
} from '../time/time-services.ts';
import { parseAdjtime, readTimezone } from '../time/time-zone.ts';
import { askTimesyncd, type TimesyncdReport } from '../time/timesyncd.ts';

/** The bus answers in milliseconds or not at all; chrony's own limit is half a second per question. */
const BUS_MS = 800;

const SYNCHRONIZED_STAMP = '/run/systemd/timesync/synchronized';

export const time = defineCollector({
  family: 'time',
  help: 'Whether the clock is synchronized and how well: chrony, systemd-timesyncd, ntpd; time zone; the host clock itself.',
  hostPaths: [
    '/etc/adjtime',
    '/etc/localtime',
    '/etc/timezone',
    '/usr/share/zoneinfo',
    '/run',
    SYNCHRONIZED_STAMP,
    '/proc/*/comm',
    '/run/chrony/chronyd.pid',
    '/run/chronyd.pid',
    '/run/ntpd.pid',
    '/run/openntpd.pid',
  ],
  busNames: ['org.freedesktop.systemd1', 'org.freedesktop.timedate1', 'org.freedesktop.timesync1'],
  ttlMs: 10_000,
  timeoutMs: 3500,
  async collect(context) {
    const clockUnixSeconds = Date.now() / 1000;
    const files = createHostReader(context.host);
    const found = await look(context);
    const daemon = found.chrony.ok ? 'chrony' : found.timesyncd.ok ? 'timesyncd' : activeDaemon(found);
    const synchronization = describe(found, clockUnixSeconds);
    const [timezone, adjtime] = await Promise.all([
      found.timedated.timezone ?? readTimezone(context.host, files),
      files.text('/etc/adjtime'),
    ]);
    const data: TimeFacts = {
      ...withKernelFlag(synchronization, found, daemon),
      implementation: daemon === 'openntpd' ? 'unknown' : daemon,
      timezone,
      rtcInLocalTime: found.timedated.rtcInLocalTime ?? parseAdjtime(adjtime ?? ''),
      ntpEnabled: found.timedated.ntpEnabled ?? (daemon === 'unknown' ? null : daemon !== 'none'),
      clockUnixSeconds,
    };
    const { host, port } = context.settings.chronyAddress;
    const source = found.chrony.ok
      ? `udp:${host}:${port}`
      : found.timesyncd.ok
        ? 'dbus:org.freedesktop.timesync1'
        : null;
    return {
      data,
      source: source ?? (found.active.ok ? 'dbus:org.freedesktop.systemd1' : 'clock'),
      missing: [...files.missing, ...missingOf(found, daemon, data)],
    };
  },
});

interface Found {
  chrony: Attempt<ChronyReport>;
  timesyncd: Attempt<TimesyncdReport>;
  timedated: TimedatedReport;
  active: Attempt<TimeDaemon[]>;
  running: TimeDaemon | null;
  syncedAt: Date | null;
  run: RunDirectory;
}

/** Asks everybody at once: none of them is slower for the others' silence. */
async function look({ host, bus, settings, signal }: CollectContext): Promise<Found> {
  // Only hints lie here, so what cannot be read is no loss worth a word.
  const hints = createHostReader(host);
  const onBus = <T>(ask: (limit: AbortSignal) => Promise<T>) => withDeadline('system bus', BUS_MS, signal, ask);
  const [chrony, timesyncd, timedated, active, running, stamp, run] = await Promise.all([
    attempt(askChrony(settings.chronyAddress, signal)),
    attempt(onBus((limit) => askTimesyncd(bus, limit))),
    attempt(onBus((limit) => askTimedated(bus, limit))),
    attempt(onBus((limit) => activeTimeDaemons(bus, limit))),
    runningTimeDaemon(hints),
    attempt(host.modifiedAt(SYNCHRONIZED_STAMP)),
    readRunDirectory(hints),
  ]);
  return {
    chrony,
    timesyncd,
    timedated: timedated.ok ? timedated.value : SILENT_TIMEDATED,
    active,
    running,
    syncedAt: stamp.ok ? stamp.value : null,
    run,
  };
}

const SILENT_TIMEDATED: TimedatedReport = {
  kernelSynchronized: null,
  ntpEnabled: null,
  timezone: null,
  rtcInLocalTime: null,
};

/** The daemon that runs but does not speak. `none` is only said when systemd could be asked. */
function activeDaemon({ active, running }: Found): TimeDaemon | 'none' | 'unknown' {
  return (active.ok ? active.value[0] : undefined) ?? running ?? (active.ok ? 'none' : 'unknown');
}

function describe({ chrony, timesyncd, syncedAt }: Found, clockUnixSeconds: number): SynchronizationFacts {
  if (chrony.ok) return chronyFacts(chrony.value);
  return timesyncd.ok ? timesyncdFacts(timesyncd.value, syncedAt, clockUnixSeconds) : UNKNOWN_SYNCHRONIZATION;
}

/** chronyd knows better than the kernel; everyone else sets the kernel's flag and nothing more precise. */
function withKernelFlag(
  facts: SynchronizationFacts,
  { chrony, timedated }: Found,
  daemon: TimeDaemon | 'none' | 'unknown',
): SynchronizationFacts {
  const note = NOTES[daemon] ?? facts.note;
  if (chrony.ok || timedated.kernelSynchronized === null) return { ...facts, note };
  const synchronized = timedated.kernelSynchronized;
  const kernelNote = synchronized
    ? (NOTES[daemon] ?? null)
    : (note ?? 'the kernel counts its clock as not synchronized');
  return { ...facts, note: kernelNote, synchronized, synchronizedBy: 'kernel' };
}

const NOTES: Readonly<Record<string, string>> = {
  none: 'no time daemon runs',
  openntpd: 'openntpd keeps the time; it tells nobody how well',
};

function missingOf(found: Found, daemon: TimeDaemon | 'none' | 'unknown', data: TimeFacts): Missing[] {
  if (found.chrony.ok) return found.chrony.value.missing;
  if (found.timesyncd.ok) return [];
  if (daemon === 'chrony') {
    const { reason, message } = found.chrony.error;
    const detail = `${message}; chronyd runs but does not answer: \`cmdport 0\` closes its port, and a pod needs hostNetwork to reach it`;
    return [{ what: 'chronyd', reason, detail }];
  }
  if (daemon === 'timesyncd') {
    const { reason, message } = found.timesyncd.error;
    return [{ what: 'systemd-timesyncd', reason, detail: message }];
  }
  if (daemon !== 'unknown') {
    if (data.synchronized !== null || daemon === 'none') return [];
    const detail = `${daemon} runs, but only systemd-timedated could tell how well, and it is not running`;
    return [{ what: 'synchronization', reason: 'unsupported', detail }];
  }
  if (found.active.ok) return [];
  const { reason, message } = found.active.error;
  // A bus without systemd on it (Alpine, Talos), or no bus and no systemd (which a partly mounted /run would not show).
  const noSystemd =
    reason === 'not_found' || (reason === 'unreachable' && found.run.isWhole && !found.run.has('systemd'));
  const detail = noSystemd ? 'no chronyd answers, and without systemd nothing else can be asked' : message;
  return [{ what: 'time daemon', reason: noSystemd ? 'no_systemd' : reason, detail }];
}
