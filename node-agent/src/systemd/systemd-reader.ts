import type { SystemdUnitRow } from '@telemcp/shared/facts/systemd';
import type { SystemBus } from '../dbus/bus.ts';
import { FactError } from '../fact-error.ts';
import { plainText } from '../plain-text.ts';

const DESTINATION = 'org.freedesktop.systemd1';
/** The path of the manager's own object. */
export const MANAGER_OBJECT = '/org/freedesktop/systemd1';

/**
 * Every method that is called on systemd, by interface; there is no other way to it in this program. None of them changes
 * state. Left out on purpose: `GetAll` (carries Environment and ExecStart, so secrets), `ListUnitFiles` (hundreds of
 * milliseconds of PID 1), `Subscribe` (a flood of signals), `GetUnitProcesses` and `Dump` (command lines).
 */
export const SYSTEMD_METHODS = {
  'org.freedesktop.systemd1.Manager': ['ListUnitsByPatterns', 'ListUnitsByNames'],
  'org.freedesktop.DBus.Properties': ['Get'],
} as const;

/** Interfaces whose properties are read, by their last word. */
type PropertyOwner = 'Manager' | 'Unit' | 'Service' | 'Timer' | 'Socket';

/** One row of a list of units, with the object that holds its properties. */
export interface ListedUnit {
  row: SystemdUnitRow;
  path: string;
  /**
   * False when systemd does not keep the unit in memory: nothing that runs refers to it, so there is nothing to know about it
   * but what its file says, and systemd reads that file again for every property that is asked for (3 ms each of PID 1).
   */
  isResident: boolean;
}

/** Properties as read. Null: this systemd does not have it, says "unset", or would not tell; `errors` says which. */
export interface Properties {
  /** A string in one line, as it may be shown; null also when it is empty. */
  text(name: string): string | null;
  /** A whole number, not negative. */
  count(name: string): number | null;
  /** Microseconds since the epoch as RFC 3339; systemd's 0 is "never" and null here. */
  time(name: string): string | null;
  raw(name: string): unknown;
  /** Of the properties that were not answered: `not_found` for those that this systemd, or by now the unit, does not have. */
  errors: readonly FactError[];
}

/** systemd as collectors see it: lists of units, and properties by name. */
export interface SystemdReader {
  /**
   * Units that systemd has loaded.
   * @param filter.states load, active or sub states, any of them; none means all
   * @param filter.patterns shell patterns over names, any of them; none means all
   */
  list(filter?: { states?: readonly string[]; patterns?: readonly string[] }): Promise<ListedUnit[]>;
  /**
   * The named units, also those that do not exist (`not-found`). What systemd does not hold in memory it loads, and drops
   * again. An alias is answered under the unit's own name.
   */
  byNames(names: readonly string[]): Promise<ListedUnit[]>;
  /** Reads each property by its name. One that cannot be read does not fail the others; a bus that is gone does. */
  properties(path: string, owner: PropertyOwner, names: readonly string[]): Promise<Properties>;
}

/** Half of what dbus-daemon allows one connection (`max_replies_per_connection`, 128) before it refuses further calls. */
const MAX_CALLS_UNDER_WAY = 64;

type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** The limit holds for a connection, whoever reads over it. */
const gates = new WeakMap<SystemBus, Gate>();

/** How many of the words of a row of `ListUnits*`, `a(ssssssouso)`, are read: up to the object path. */
const ROW_WORDS = 7;

/**
 * Name, description, load, active, sub, following, object path. By hand, since there are thousands of them on some hosts.
 * @throws {FactError} `parse_error`
 */
function listedFrom(words: unknown): ListedUnit {
  const found: unknown[] = Array.isArray(words) ? words.slice(0, ROW_WORDS) : [];
  const [name, description, loadState, activeState, subState, , path] = found.filter(
    (word) => typeof word === 'string',
  );
  if (
    name === undefined ||
    description === undefined ||
    loadState === undefined ||
    activeState === undefined ||
    subState === undefined ||
    path === undefined
  )
    throw new FactError('parse_error', 'systemd answered with a list of units of an unknown form');
  return {
    row: { name, description: plainText(description), loadState, activeState, subState },
    path,
    isResident: true,
  };
}

/** Reads over `bus` until `signal` aborts. Every call rejects as `SystemBus` says. */
export function createSystemdReader(bus: SystemBus, signal: AbortSignal): SystemdReader {
  const gate = gates.get(bus) ?? createGate(MAX_CALLS_UNDER_WAY);
  gates.set(bus, gate);
  const call = async (
    path: string,
    interfaceName: keyof typeof SYSTEMD_METHODS,
    member: (typeof SYSTEMD_METHODS)[keyof typeof SYSTEMD_METHODS][number],
    signature: string,
    body: readonly unknown[],
  ): Promise<unknown> => {
    const request = { destination: DESTINATION, path, interface: interfaceName, member, signature, body };
    const [value] = await gate(() => bus.call(request, signal));
    return value;
  };
  const rows = (value: unknown): ListedUnit[] => {
    if (!Array.isArray(value))
      throw new FactError('parse_error', 'systemd answered with something other than a list of units');
    return value.map(listedFrom);
  };
  const MANAGER = 'org.freedesktop.systemd1.Manager';
  const list = async (states: readonly string[], patterns: readonly string[]) =>
    rows(await call(MANAGER_OBJECT, MANAGER, 'ListUnitsByPatterns', 'asas', [states, patterns]));
  return {
    list: ({ states = [], patterns = [] } = {}) => list(states, patterns),
    byNames: async (names) => {
      if (names.length === 0) return [];
      const units = rows(await call(MANAGER_OBJECT, MANAGER, 'ListUnitsByNames', 'as', [names]));
      const inDoubt = units.filter(({ row }) => row.activeState === 'inactive' && row.loadState !== 'not-found');
      if (inDoubt.length === 0) return units;
      const resident = await list(
        [],
        inDoubt.map(({ row }) => row.name),
      );
      const isInMemory = new Set(resident.map(({ row }) => row.name));
      return units.map((unit) =>
        inDoubt.includes(unit) ? { ...unit, isResident: isInMemory.has(unit.row.name) } : unit,
      );
    },
    properties: async (path, owner, names) => {
      const errors: FactError[] = [];
      const values = new Map<string, unknown>();
      const read = async (name: string) => {
        const body = [`${DESTINATION}.${owner}`, name];
        values.set(name, await call(path, 'org.freedesktop.DBus.Properties', 'Get', 'ss', body));
      };
      const reading = names.map((name) =>
        read(name).catch((error: unknown) => {
          if (!(error instanceof FactError) || !OF_ONE_PROPERTY.has(error.reason)) throw error;
          errors.push(error);
        }),
      );
      await Promise.all(reading);
      return propertiesOf(values, errors);
    },
  };
}

/** Reasons that concern the one property asked for; any other means that the bus or systemd itself does not answer. */
const OF_ONE_PROPERTY: ReadonlySet<string> = new Set(['not_found', 'permission_denied', 'unsupported', 'read_error']);

/** Values by property name, as the bus gave them, read by type: a value of another type is null. */
export function propertiesOf(values: ReadonlyMap<string, unknown>, errors: readonly FactError[]): Properties {
  const count = (name: string) => {
    const value = values.get(name);
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  return {
    text: (name) => {
      const value = values.get(name);
      return typeof value === 'string' ? plainText(value) || null : null;
    },
    count,
    time: (name) => fromMicroseconds(count(name)),
    raw: (name) => values.get(name) ?? null,
    errors,
  };
}

/** Last moment that RFC 3339 can write, 9999-12-31T23:59:59Z, in milliseconds since the epoch. */
const LAST_MOMENT_MS = 253_402_300_799_000;

/** Microseconds since the epoch as RFC 3339 in UTC; null for null, 0 and anything that is no date. */
export function fromMicroseconds(value: number | null): string | null {
  if (value === null || !Number.isFinite(value)) return null;
  const ms = Math.trunc(value / 1000);
  return ms > 0 && ms <= LAST_MOMENT_MS ? new Date(ms).toISOString() : null;
}

/** Runs at most `limit` pieces of work at once, the rest in the order they came. */
function createGate(limit: number): Gate {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
