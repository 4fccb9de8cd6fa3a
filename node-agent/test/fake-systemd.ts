import type { BusCall, SystemBus } from '../src/dbus/bus.ts';
import { FactError } from '../src/fact-error.ts';
import { SYSTEMD_METHODS } from '../src/systemd/systemd-reader.ts';

/** A unit of the fake: its row and its properties by interface. */
export interface FakeUnit {
  name: string;
  load?: string;
  active?: string;
  sub?: string;
  description?: string;
  /** Other names that lead to it. */
  aliases?: readonly string[];
  /** False: on disk only; lists leave it out, as those of systemd do. */
  isResident?: boolean;
  properties?: Readonly<Record<string, unknown>>;
}

/** A systemd of canned answers in memory. It throws at any method that the agent is not meant to call. */
export interface FakeSystemd {
  bus: SystemBus;
  units: Map<string, FakeUnit>;
  manager: Record<string, unknown>;
  calls: BusCall[];
  /** Most calls that were under way at once. */
  mostUnderWay(): number;
}

const MANAGER = {
  Version: '252.39-1~deb12u2',
  SystemState: 'degraded',
  NFailedUnits: 1,
  NNames: 126,
  NJobs: 0,
  Virtualization: '',
  Architecture: 'x86-64',
  Tainted: 'unmerged-usr:cgroupsv1',
  FinishTimestamp: 1_795_355_612_836_000,
  UnitsLoadTimestamp: 0,
};

/** What systemd 252 answers for a service that failed with status 3. */
export const FAILED_SERVICE = {
  UnitFileState: 'static',
  UnitFilePreset: 'enabled',
  FragmentPath: '/etc/systemd/system/worker.service',
  NeedDaemonReload: true,
  StateChangeTimestamp: 1_795_355_612_624_000,
  ActiveEnterTimestamp: 1_795_355_611_792_000,
  Type: 'simple',
  Result: 'exit-code',
  ExecMainCode: 1,
  ExecMainStatus: 3,
  MainPID: 0,
  NRestarts: 5,
  ExecMainStartTimestamp: 1_795_355_611_791_000,
  ExecMainExitTimestamp: 1_795_355_612_623_000,
  MemoryCurrent: null,
  CPUUsageNSec: 1_500_000_000,
  TasksCurrent: null,
  TasksMax: 28_909,
  StatusText: '',
  OOMPolicy: 'stop',
} as const;

/** @param fault what every call rejects with instead of an answer */
export function fakeSystemd(units: readonly FakeUnit[], fault?: FactError): FakeSystemd {
  const known = new Map(units.map((unit) => [unit.name, unit]));
  const manager: Record<string, unknown> = { ...MANAGER };
  const calls: BusCall[] = [];
  let underWay = 0;
  let most = 0;

  const find = (name: string) =>
    known.get(name) ??
    [...known.values()].find((unit) => unit.aliases?.includes(name)) ?? { name, load: 'not-found', description: name };

  function answer(call: BusCall): unknown {
    const [first, second] = call.body ?? [];
    const member = `${call.interface}.${call.member}`;
    if (member === 'org.freedesktop.systemd1.Manager.ListUnitsByNames' && call.signature === 'as') {
      return strings(first).map((name) => rowOf(find(name)));
    }
    if (member === 'org.freedesktop.systemd1.Manager.ListUnitsByPatterns' && call.signature === 'asas') {
      const states = strings(first);
      const patterns = strings(second).map(toRegExp);
      return [...known.values()]
        .filter((unit) => unit.isResident !== false)
        .map(rowOf)
        .filter((row) => states.length === 0 || states.some((state) => row.slice(2, 5).includes(state)))
        .filter(([name]) => patterns.length === 0 || patterns.some((pattern) => pattern.test(String(name))));
    }
    if (member === 'org.freedesktop.DBus.Properties.Get' && call.signature === 'ss') {
      const unit = call.path.startsWith(UNIT_PATH)
        ? find(Buffer.from(call.path.slice(UNIT_PATH.length), 'hex').toString())
        : null;
      const value = (unit === null ? manager : (unit.properties ?? {}))[String(second)];
      if (value instanceof Error) throw value;
      if (value === undefined) throw new FactError('not_found', `no property ${second} in ${first}`);
      return value;
    }
    throw new Error(`the agent must not call ${member}(${call.signature})`);
  }

  const bus: SystemBus = {
    call: async (call, signal) => {
      calls.push(call);
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      if (signal.aborted) throw new FactError('timeout', 'aborted');
      if (fault !== undefined) throw fault;
      const methods: Readonly<Record<string, readonly string[]>> = SYSTEMD_METHODS;
      if (!methods[call.interface]?.includes(call.member))
        throw new Error(`${call.member} is not on the list of methods`);
      return [answer(call)];
    },
    state: () => ({ status: 'connected' }),
    close: () => undefined,
  };
  return { bus, units: known, manager, calls, mostUnderWay: () => most };
}

const UNIT_PATH = '/org/freedesktop/systemd1/unit/';

function rowOf(unit: FakeUnit): unknown[] {
  const path = UNIT_PATH + Buffer.from(unit.name).toString('hex');
  const { name, description = `About ${unit.name}`, load = 'loaded', active = 'inactive', sub = 'dead' } = unit;
  return [name, description, load, active, sub, '', path, 0, '', '/'];
}

/** Enough of fnmatch(3) for tests: `*` and `?`. */
function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.\\+^${}()|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

function strings(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw new Error('not a list of strings');
  return value;
}
