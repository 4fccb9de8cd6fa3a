import type { TimeFacts } from '@telemcp/shared/facts/time';
import type { ChronyReport } from './chrony.ts';
import { LOCAL_REFERENCE_ID, referenceText } from './chrony-packet.ts';
import type { TimesyncdReport } from './timesyncd.ts';

/** What a daemon can say of the family; the rest is the host's. */
export type SynchronizationFacts = Omit<
  TimeFacts,
  'implementation' | 'timezone' | 'rtcInLocalTime' | 'ntpEnabled' | 'clockUnixSeconds'
>;

/** Nothing known. */
export const UNKNOWN_SYNCHRONIZATION: SynchronizationFacts = {
  synchronized: null,
  synchronizedBy: null,
  note: null,
  stratum: null,
  leapStatus: null,
  referenceId: null,
  referenceName: null,
  lastOffsetSeconds: null,
  rmsOffsetSeconds: null,
  rootDelaySeconds: null,
  rootDispersionSeconds: null,
  clockErrorBoundSeconds: null,
  frequencyPpm: null,
  updateIntervalSeconds: null,
  lastSyncAt: null,
  sources: [],
};

/**
 * chronyd's own words. Its `local` mode and a leap status of "not synchronised" count as not synchronized, and then only
 * what still means something is given.
 */
export function chronyFacts({ tracking, sources }: ChronyReport): SynchronizationFacts {
  const isLocal = tracking.referenceId === LOCAL_REFERENCE_ID && tracking.address === null;
  const isFollowing = !isLocal && tracking.leapStatus !== 'not_synchronised' && tracking.referenceId !== 0;
  const isDeserted = sources.length > 0 && sources.every((source) => source.reachability === 0);
  const { systemOffsetSeconds, rootDelaySeconds, rootDispersionSeconds } = tracking;
  return {
    synchronized: isFollowing,
    synchronizedBy: 'daemon',
    note: chronyNote(isLocal, isFollowing, isDeserted, sources.length),
    stratum: isFollowing || isLocal ? tracking.stratum : null,
    leapStatus: tracking.leapStatus,
    referenceId: tracking.referenceId === 0 ? null : hexId(tracking.referenceId),
    referenceName: isFollowing ? (tracking.address ?? referenceText(tracking.referenceId)) : null,
    lastOffsetSeconds: isFollowing ? tracking.lastOffsetSeconds : null,
    rmsOffsetSeconds: isFollowing ? tracking.rmsOffsetSeconds : null,
    rootDelaySeconds: isFollowing ? rootDelaySeconds : null,
    rootDispersionSeconds: isFollowing ? rootDispersionSeconds : null,
    clockErrorBoundSeconds: isFollowing
      ? Math.abs(systemOffsetSeconds) + rootDispersionSeconds + rootDelaySeconds / 2
      : null,
    frequencyPpm: tracking.frequencyPpm,
    updateIntervalSeconds: isFollowing ? tracking.updateIntervalSeconds : null,
    lastSyncAt: isFollowing ? isoTime(tracking.referenceTimeUnixSeconds) : null,
    sources: sources.map((source) => ({
      ...source,
      // Stratum 0 stands for a source that has not said yet; only a reference clock may have it.
      stratum: source.stratum === 0 && source.mode !== 'reference_clock' ? null : source.stratum,
      reachability: countBits(source.reachability) / 8,
    })),
  };
}

function chronyNote(isLocal: boolean, isFollowing: boolean, isDeserted: boolean, sourceCount: number): string | null {
  if (isLocal) return 'local reference only: chronyd serves its own clock and follows no source';
  if (isFollowing)
    return isDeserted ? 'no source answered any of its last eight polls: the clock runs free since lastSyncAt' : null;
  if (sourceCount === 0) return 'leap: not synchronised, chronyd has no source';
  return isDeserted ? 'leap: not synchronised, no source answers' : 'leap: not synchronised';
}

/** Fastest a clock may drift between updates (RFC 5905, PHI), seconds per second. */
const DRIFT_PER_SECOND = 15e-6;

/** The kernel gives up on a clock not updated for so long: its error bound grows 500 ppm and ends at 16 s (adjtimex(2)). */
const STALE_AFTER_SECONDS = 32_000;

const LEAP = ['normal', 'insert_second', 'delete_second', 'not_synchronised'] as const;

/**
 * systemd-timesyncd's own words. It is a client only: the host's stratum is its server's plus one, its root delay the
 * server's plus the way there.
 *
 * @param syncedAt - last change of `/run/systemd/timesync/synchronized`, which it touches at every update
 */
export function timesyncdFacts(
  report: TimesyncdReport,
  syncedAt: Date | null,
  nowUnixSeconds: number,
): SynchronizationFacts {
  const { message, serverName, serverAddress } = report;
  const name = serverName ?? serverAddress;
  const source = { mode: 'server', reachability: null } as const;
  const common: SynchronizationFacts = {
    ...UNKNOWN_SYNCHRONIZATION,
    synchronizedBy: 'daemon',
    frequencyPpm: report.frequencyPpm,
    updateIntervalSeconds: report.pollIntervalSeconds,
    referenceName: name,
    lastSyncAt: syncedAt?.toISOString() ?? null,
  };
  if (message === null) {
    const waiting = { ...source, name: name ?? '', state: 'waiting', stratum: null };
    return {
      ...common,
      synchronized: false,
      note: name === null ? 'no time server chosen' : 'no reply of the time server since the daemon started',
      sources: name === null ? [] : [{ ...waiting, lastSampleAgeSeconds: null, lastOffsetSeconds: null }],
    };
  }
  const ageSeconds = Math.max(0, nowUnixSeconds - message.receivedAtUnixSeconds);
  const isStale = ageSeconds > STALE_AFTER_SECONDS;
  const leapStatus = LEAP[message.leap] ?? 'not_synchronised';
  const synchronized = leapStatus !== 'not_synchronised' && !isStale;
  const rootDelaySeconds = message.serverRootDelaySeconds + message.networkDelaySeconds;
  const rootDispersionSeconds =
    message.serverRootDispersionSeconds + message.jitterSeconds + DRIFT_PER_SECOND * ageSeconds;
  return {
    ...common,
    synchronized,
    note: isStale ? `last reply of the time server ${Math.round(ageSeconds)} s ago` : leapNote(leapStatus),
    stratum: synchronized ? message.stratum + 1 : null,
    leapStatus,
    lastOffsetSeconds: message.offsetSeconds,
    rootDelaySeconds,
    rootDispersionSeconds,
    clockErrorBoundSeconds: synchronized
      ? Math.abs(message.offsetSeconds) + rootDispersionSeconds + rootDelaySeconds / 2
      : null,
    lastSyncAt: common.lastSyncAt ?? (message.ignored ? null : isoTime(message.receivedAtUnixSeconds)),
    sources: [
      {
        ...source,
        name: name ?? 'unknown',
        state: message.ignored ? 'jittery' : 'selected',
        stratum: message.stratum,
        lastSampleAgeSeconds: ageSeconds,
        lastOffsetSeconds: message.offsetSeconds,
      },
    ],
  };
}

function leapNote(leapStatus: (typeof LEAP)[number]): string | null {
  return leapStatus === 'not_synchronised' ? 'leap: not synchronised' : null;
}

function isoTime(unixSeconds: number | null): string | null {
  const date = new Date((unixSeconds ?? Number.NaN) * 1000);
  // Beyond the year 9999 ISO 8601 takes another form, which the contract does not know.
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 ? null : date.toISOString();
}

/** As chronyc prints it; for an IPv4 source these are its four bytes. */
function hexId(referenceId: number): string {
  return referenceId.toString(16).toUpperCase().padStart(8, '0');
}

function countBits(register: number): number {
  return register.toString(2).replaceAll('0', '').length;
}
