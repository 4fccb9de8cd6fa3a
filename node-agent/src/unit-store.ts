import type { Envelope, Missing } from '@telemcp/shared/envelope';
import type { SystemdUnit, SystemdUnitList } from '@telemcp/shared/facts/systemd';
import type { UnitsQuery } from '@telemcp/shared/routes';
import { type CachedLook, createCachedLook } from './cached-look.ts';
import type { SystemBus } from './dbus/bus.ts';
import { keptLook } from './kept-looks.ts';
import type { OnBug } from './run-collector.ts';

/** How the bus is asked; the functions of systemd-units.ts, or a test's own. */
export interface UnitReaders {
  listUnits(
    bus: SystemBus,
    query: UnitsQuery,
    signal: AbortSignal,
  ): Promise<{ units: SystemdUnitList['units']; total: number; truncated: boolean; missing: readonly Missing[] }>;
  readUnit(
    bus: SystemBus,
    name: string,
    signal: AbortSignal,
  ): Promise<{ unit: SystemdUnit; missing: readonly Missing[] }>;
}

/** Units by question, each kept for a second: the same question asked by many costs the host's bus one look. */
export interface UnitStore {
  list(query: UnitsQuery): Promise<Envelope<SystemdUnitList>>;
  /** `name` with its type. */
  read(name: string): Promise<Envelope<SystemdUnit>>;
}

const TIMEOUT_MS = 3000;
const TTL_MS = 1000;
const SOURCE = 'dbus:org.freedesktop.systemd1';

export function createUnitStore(
  options: UnitReaders & { bus: SystemBus; onBug: OnBug; now?: () => number },
): UnitStore {
  const { bus, onBug, now } = options;
  const limits = { timeoutMs: TIMEOUT_MS, ttlMs: TTL_MS, onBug, now };
  const lists = new Map<string, CachedLook<SystemdUnitList>>();
  const units = new Map<string, CachedLook<SystemdUnit>>();
  return {
    list: (query) =>
      keptLook(lists, JSON.stringify(query), () =>
        createCachedLook({
          ...limits,
          name: 'systemd units',
          look: async (signal) => {
            const { units: rows, ...rest } = await options.listUnits(bus, query, signal);
            return { data: { units: rows }, source: SOURCE, ...rest };
          },
        }),
      ).get(),
    read: (name) =>
      keptLook(units, name, () =>
        createCachedLook({
          ...limits,
          name,
          look: async (signal) => {
            const { unit, missing } = await options.readUnit(bus, name, signal);
            return { data: unit, source: SOURCE, missing };
          },
        }),
      ).get(),
  };
}
