import type { Missing } from '@telemcp/shared/envelope';
import type { SystemdService, SystemdSocket, SystemdTimer, SystemdUnit } from '@telemcp/shared/facts/systemd';
import type { FactError } from '../fact-error.ts';
import { plainText } from '../plain-text.ts';
import { fromMicroseconds, type ListedUnit, type Properties, type SystemdReader } from './systemd-reader.ts';

const UNIT_PROPERTIES = [
  'UnitFileState',
  'UnitFilePreset',
  'FragmentPath',
  'NeedDaemonReload',
  'StateChangeTimestamp',
  'ActiveEnterTimestamp',
] as const;

/** What a unit that is not in memory has: the rest is about a run of it, and it has none. */
const FILE_PROPERTIES = ['UnitFileState', 'FragmentPath'] as const;

const SERVICE_PROPERTIES = [
  'Type',
  'Result',
  'ExecMainCode',
  'ExecMainStatus',
  'MainPID',
  'NRestarts',
  'ExecMainStartTimestamp',
  'ExecMainExitTimestamp',
  'MemoryCurrent',
  'MemoryPeak',
  'CPUUsageNSec',
  'TasksCurrent',
  'TasksMax',
  'StatusText',
  'OOMPolicy',
] as const;

const TIMER_PROPERTIES = [
  'LastTriggerUSec',
  'NextElapseUSecRealtime',
  'NextElapseUSecMonotonic',
  'Result',
  'Unit',
] as const;

const SOCKET_PROPERTIES = ['Listen', 'NAccepted', 'NConnections', 'NRefused', 'Result'] as const;

/** A unit in detail; `missing` has one row when a part of it could not be read and is null for that reason. */
export interface UnitDetails {
  unit: SystemdUnit;
  missing: readonly Missing[];
}

/**
 * Reads what a list does not say. A unit that does not exist has nothing to read and costs no call; one that is installed but
 * not in memory has its file's state and path, and no part of its type.
 */
export async function readDetails(reader: SystemdReader, listed: ListedUnit): Promise<UnitDetails> {
  const { row, path } = listed;
  const bare: SystemdUnit = { ...row, ...NOTHING };
  const isIdle = row.activeState === 'inactive';
  if (row.loadState === 'not-found' && isIdle) return { unit: bare, missing: [] };
  // A masked unit that does not run has no type of its own; one that runs still (masked later) has.
  const hasTypePart = listed.isResident && (row.loadState === 'loaded' || !isIdle);
  const owner = hasTypePart ? OWNER_BY_SUFFIX[row.name.slice(row.name.lastIndexOf('.') + 1)] : undefined;
  const names: readonly string[] = listed.isResident ? UNIT_PROPERTIES : FILE_PROPERTIES;
  const [unit, part] = await Promise.all([
    reader.properties(path, 'Unit', row.loadState === 'loaded' ? names : [...names, 'LoadError']),
    owner === undefined ? null : reader.properties(path, owner, PROPERTIES_BY_OWNER[owner]),
  ]);
  const service = part !== null && owner === 'Service' ? serviceOf(part) : null;
  const timer = part !== null && owner === 'Timer' ? timerOf(part, clockNow()) : null;
  const socket = part !== null && owner === 'Socket' ? socketOf(part) : null;
  const isPartRead = owner === undefined || service !== null || timer !== null || socket !== null;
  return {
    unit: {
      ...bare,
      unitFileState: unit.text('UnitFileState'),
      unitFilePreset: unit.text('UnitFilePreset'),
      fragmentPath: unit.text('FragmentPath'),
      needsDaemonReload: unit.raw('NeedDaemonReload') === true,
      stateChangedAt: unit.time('StateChangeTimestamp'),
      activeEnteredAt: unit.time('ActiveEnterTimestamp'),
      loadError: loadErrorOf(unit.raw('LoadError')),
      service,
      timer,
      socket,
    },
    missing: missingOf(row.name, [...unit.errors, ...(part?.errors ?? [])], isPartRead),
  };
}

const NOTHING = {
  unitFileState: null,
  unitFilePreset: null,
  fragmentPath: null,
  needsDaemonReload: false,
  stateChangedAt: null,
  activeEnteredAt: null,
  loadError: null,
  service: null,
  timer: null,
  socket: null,
} as const;

const OWNER_BY_SUFFIX: Readonly<Record<string, 'Service' | 'Timer' | 'Socket'>> = {
  service: 'Service',
  timer: 'Timer',
  socket: 'Socket',
};

const PROPERTIES_BY_OWNER = {
  Service: SERVICE_PROPERTIES,
  Timer: TIMER_PROPERTIES,
  Socket: SOCKET_PROPERTIES,
} as const;

/** `si_code` of SIGCHLD (waitid(2)), as `ExecMainCode` gives it. */
const EXIT_KINDS: Readonly<Record<number, 'exited' | 'killed' | 'dumped'>> = { 1: 'exited', 2: 'killed', 3: 'dumped' };

/** Null when even the properties that every service has could not be read. */
export function serviceOf(found: Properties): SystemdService | null {
  const type = found.raw('Type');
  const result = found.text('Result');
  const restarts = found.count('NRestarts');
  if (typeof type !== 'string' || result === null || restarts === null) return null;
  const exitKind = EXIT_KINDS[found.count('ExecMainCode') ?? 0] ?? null;
  const cpuNanoseconds = found.count('CPUUsageNSec');
  return {
    type: plainText(type),
    result,
    exitKind,
    exitStatus: exitKind === null ? null : found.count('ExecMainStatus'),
    mainPid: found.count('MainPID') || null,
    restarts,
    startedAt: found.time('ExecMainStartTimestamp'),
    exitedAt: found.time('ExecMainExitTimestamp'),
    memoryBytes: found.count('MemoryCurrent'),
    memoryPeakBytes: found.count('MemoryPeak'),
    cpuSeconds: cpuNanoseconds === null ? null : cpuNanoseconds / 1e9,
    tasks: found.count('TasksCurrent'),
    tasksMax: found.count('TasksMax'),
    statusText: found.text('StatusText'),
    oomPolicy: found.text('OOMPolicy'),
  };
}

/** The same moment on both clocks: CLOCK_REALTIME in milliseconds since the epoch, CLOCK_MONOTONIC in microseconds. */
interface Clock {
  realtimeMs: number;
  monotonicUs: number;
}

function clockNow(): Clock {
  return { realtimeMs: Date.now(), monotonicUs: Number(process.hrtime.bigint() / 1000n) };
}

function timerOf(found: Properties, clock: Clock): SystemdTimer | null {
  const result = found.text('Result');
  const unit = found.text('Unit');
  if (result === null || unit === null) return null;
  return {
    lastTriggerAt: found.time('LastTriggerUSec'),
    nextElapseAt: nextElapse(found.count('NextElapseUSecRealtime'), found.count('NextElapseUSecMonotonic'), clock),
    result,
    unit,
  };
}

/**
 * When a timer elapses next: the sooner of its two clocks, as systemctl(1) list-timers has it. Null while it is not due. A
 * moment of the monotonic clock is given to the second, so that it reads the same each time it is asked for.
 * @param realtimeUs microseconds since the epoch
 * @param monotonicUs microseconds of CLOCK_MONOTONIC
 */
export function nextElapse(realtimeUs: number | null, monotonicUs: number | null, clock: Clock): string | null {
  const moments: number[] = [];
  if (realtimeUs !== null && realtimeUs > 0) moments.push(realtimeUs);
  if (monotonicUs !== null && monotonicUs > 0) {
    const ms = clock.realtimeMs + (monotonicUs - clock.monotonicUs) / 1000;
    moments.push(Math.round(ms / 1000) * 1_000_000);
  }
  return moments.length === 0 ? null : fromMicroseconds(Math.min(...moments));
}

function socketOf(found: Properties): SystemdSocket | null {
  const result = found.text('Result');
  if (result === null) return null;
  return {
    listen: listenOf(found.raw('Listen')),
    accepted: found.count('NAccepted'),
    connections: found.count('NConnections'),
    refused: found.count('NRefused'),
    result,
  };
}

/** `a(ss)` of kind and address as `Stream /run/dbus/system_bus_socket`. */
export function listenOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    if (!Array.isArray(entry)) return [];
    const words = entry.filter((word) => typeof word === 'string');
    return words.length === 2 ? [plainText(words.join(' '))] : [];
  });
}

/** `(ss)` of error name and message: the message, else the name, else null. */
export function loadErrorOf(value: unknown): string | null {
  const [name, message]: unknown[] = Array.isArray(value) ? value : [];
  const say = (text: unknown) => (typeof text === 'string' ? plainText(text) || null : null);
  return say(message) ?? say(name);
}

function missingOf(what: string, errors: readonly FactError[], isPartRead: boolean): Missing[] {
  const first = errors.find(({ reason }) => reason !== 'not_found');
  if (first !== undefined) return [{ what, reason: first.reason, detail: first.message }];
  return isPartRead ? [] : [{ what, reason: 'not_found', detail: 'systemd dropped the unit while it was read' }];
}
