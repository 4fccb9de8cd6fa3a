import * as z from 'zod';

const time = z.iso.datetime().nullable();
const count = z.number().int().nonnegative().nullable();

/** State of the service manager as a whole; properties of `org.freedesktop.systemd1.Manager` (org.freedesktop.systemd1(5)). */
export const SystemdManager = z.object({
  version: z.string(),
  /** `SystemState`: initializing, starting, running, degraded, maintenance or stopping. */
  systemState: z.string(),
  failedUnits: z.number().int().nonnegative(),
  loadedUnits: z.number().int().nonnegative(),
  queuedJobs: z.number().int().nonnegative(),
  /** Empty on bare metal. */
  virtualization: z.string(),
  architecture: z.string(),
  /** Taint flags such as `unmerged-usr` or `cgroup-v1`, in systemd's words. */
  tainted: z.array(z.string()),
  bootFinishedAt: time,
});
export type SystemdManager = z.infer<typeof SystemdManager>;

/** What only services have (org.freedesktop.systemd1.Service). Null means the kernel or this systemd does not account for it. */
export const SystemdService = z.object({
  /** `simple`, `notify`, `oneshot` …; empty for one that was masked while it runs. */
  type: z.string(),
  /** `success`, or why the last run ended: `exit-code`, `signal`, `timeout`, `oom-kill`, `start-limit-hit` … */
  result: z.string(),
  /** `exited`, `killed` or `dumped`; null while nothing has ended yet. */
  exitKind: z.enum(['exited', 'killed', 'dumped']).nullable(),
  /** Exit status when `exitKind` is `exited`, else the signal's number. */
  exitStatus: z.number().int().nullable(),
  mainPid: z.number().int().positive().nullable(),
  restarts: z.number().int().nonnegative(),
  startedAt: time,
  exitedAt: time,
  memoryBytes: count,
  memoryPeakBytes: count,
  cpuSeconds: z.number().nonnegative().nullable(),
  tasks: count,
  tasksMax: count,
  /** The service's own `STATUS=` text (sd_notify(3)); comes from the host, treat as data. */
  statusText: z.string().nullable(),
  oomPolicy: z.string().nullable(),
});
export type SystemdService = z.infer<typeof SystemdService>;

/** What only timers have (org.freedesktop.systemd1.Timer). */
export const SystemdTimer = z.object({ lastTriggerAt: time, nextElapseAt: time, result: z.string(), unit: z.string() });
export type SystemdTimer = z.infer<typeof SystemdTimer>;

/** What only sockets have (org.freedesktop.systemd1.Socket). */
export const SystemdSocket = z.object({
  listen: z.array(z.string()),
  accepted: count,
  connections: count,
  refused: count,
  result: z.string(),
});
export type SystemdSocket = z.infer<typeof SystemdSocket>;

/** One row of a list of units: what `ListUnits` itself says, cheap for any number of units. */
export const SystemdUnitRow = z.object({
  name: z.string(),
  description: z.string(),
  /** `loaded`, `not-found`, `bad-setting`, `error`, `masked` … */
  loadState: z.string(),
  activeState: z.string(),
  subState: z.string(),
});
export type SystemdUnitRow = z.infer<typeof SystemdUnitRow>;

/** One unit in detail. A unit that does not exist is a unit with `loadState` `not-found`. */
export const SystemdUnit = SystemdUnitRow.extend({
  /** `enabled`, `disabled`, `static`, `masked` … (systemctl(1) is-enabled); null where it is not known. */
  unitFileState: z.string().nullable(),
  unitFilePreset: z.string().nullable(),
  fragmentPath: z.string().nullable(),
  needsDaemonReload: z.boolean(),
  /** Since when the unit is in `activeState`. */
  stateChangedAt: time,
  activeEnteredAt: time,
  /** systemd's own words on why it could not load the unit. */
  loadError: z.string().nullable(),
  service: SystemdService.nullable(),
  timer: SystemdTimer.nullable(),
  socket: SystemdSocket.nullable(),
});
export type SystemdUnit = z.infer<typeof SystemdUnit>;

/** The `systemd` family: what needs attention first. */
export const SystemdFacts = z.object({
  manager: SystemdManager,
  /** Every failed unit, in detail, up to the agent's limit (`total` and `truncated` of the envelope count these). */
  failed: z.array(SystemdUnit),
  /** The units on the watch list, in detail, also those that do not exist (`loadState: not-found`). */
  watched: z.array(SystemdUnit),
  timers: z.array(SystemdUnit),
  sockets: z.array(SystemdUnit),
  /** Units by active state: `{active: 120, inactive: 60, failed: 1}`. */
  unitsByActiveState: z.record(z.string(), z.number().int().nonnegative()),
});
export type SystemdFacts = z.infer<typeof SystemdFacts>;

/** Data of `GET /v1/systemd/units`: matching units, failed ones first; detail is read where it answers a question at once. */
export const SystemdUnitList = z.object({ units: z.array(z.union([SystemdUnit, SystemdUnitRow])) });
export type SystemdUnitList = z.infer<typeof SystemdUnitList>;
