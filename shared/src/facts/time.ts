import * as z from 'zod';
import { openEnum } from '../open-enum.ts';

const seconds = z.number().nullable();

/** One upstream clock as the daemon sees it. */
export const TimeSource = z.object({
  /** Host name or address as configured, or a reference clock's name. */
  name: z.string(),
  mode: openEnum(null, z.enum(['server', 'peer', 'reference_clock']).nullable()),
  /** `selected`, `combined`, `selectable`, `unreachable`, `falseticker`, `jittery` … */
  state: z.string(),
  stratum: z.number().int().nullable(),
  /** Share of the last eight polls that were answered, 0 to 1 (RFC 5905 reach register). */
  reachability: z.number().min(0).max(1).nullable(),
  lastSampleAgeSeconds: seconds,
  lastOffsetSeconds: seconds,
});
export type TimeSource = z.infer<typeof TimeSource>;

/** The `time` family. Offsets are positive when the host's clock is ahead. Null means the daemon does not say. */
export const TimeFacts = z.object({
  implementation: openEnum('unknown', z.enum(['chrony', 'timesyncd', 'ntpd', 'ntpsec', 'none', 'unknown'])),
  /** Null when nothing on the host could tell. */
  synchronized: z.boolean().nullable(),
  /** Who says so: the `daemon` itself, or the `kernel` flag as systemd reports it. */
  synchronizedBy: openEnum(null, z.enum(['daemon', 'kernel']).nullable()),
  /** What needs saying of `synchronized`: why not (`local reference only`), or that the clock runs free since its sources are gone. */
  note: z.string().nullable(),
  stratum: z.number().int().nullable(),
  leapStatus: openEnum(null, z.enum(['normal', 'insert_second', 'delete_second', 'not_synchronised']).nullable()),
  referenceId: z.string().nullable(),
  referenceName: z.string().nullable(),
  lastOffsetSeconds: seconds,
  rmsOffsetSeconds: seconds,
  rootDelaySeconds: seconds,
  rootDispersionSeconds: seconds,
  /** |offset| + root dispersion + root delay / 2: how far off the clock can be at most (chronyc(1), tracking). */
  clockErrorBoundSeconds: seconds,
  frequencyPpm: seconds,
  updateIntervalSeconds: seconds,
  lastSyncAt: z.iso.datetime().nullable(),
  sources: z.array(TimeSource),
  timezone: z.string().nullable(),
  /** Whether the hardware clock is kept in local time, which breaks at every change of summer time. */
  rtcInLocalTime: z.boolean().nullable(),
  ntpEnabled: z.boolean().nullable(),
  /** The host's clock when it was looked at, Unix time in seconds, so that the reader can compare nodes. */
  clockUnixSeconds: z.number(),
});
export type TimeFacts = z.infer<typeof TimeFacts>;
