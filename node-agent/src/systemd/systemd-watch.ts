import type { Missing } from '@telemcp/shared/envelope';
import { withUnitType } from '@telemcp/shared/routes';
import type { SystemBus } from '../dbus/bus.ts';
import { type ListedUnit, MANAGER_OBJECT, type SystemdReader } from './systemd-reader.ts';
import { readDetails, type UnitDetails } from './systemd-unit-details.ts';
import { isGlob, isLoadable } from './systemd-units.ts';

/** Units of a watch list: those systemd has in memory, and those it has not, these in detail already. */
interface WatchedUnits {
  resident: readonly ListedUnit[];
  others: readonly UnitDetails[];
  missing: readonly Missing[];
}

/** Longest time that a unit which is not in memory is not asked for again, milliseconds. */
const REMEMBERED_MS = 60_000;

/** What a name of the watch list was found to be; `details` is null for a unit that was in memory. */
interface Finding {
  name: string;
  details: UnitDetails | null;
}

interface Memory {
  reloadedAtUs: number | null;
  since: number;
  findings: Map<string, Finding>;
}

/**
 * Findings by connection. systemd reads a unit's file again whenever it is asked about a unit that is not in memory, which
 * made up seven eighths of the time of PID 1 that a collection cost.
 */
const memories = new WeakMap<SystemBus, Memory>();

/**
 * Finds the units of a watch list of names and shell patterns. A name is found also when no such unit exists, aliases of one
 * unit once; patterns match what is in memory. What is not in memory is remembered for 60 s, and no longer than until systemd
 * reloads its configuration, which enabling, masking and installing units do (systemd before 250 does not say when it did).
 * @param listed every unit in memory, as just read
 */
export async function findWatched(
  bus: SystemBus,
  reader: SystemdReader,
  watch: readonly string[],
  listed: readonly ListedUnit[],
): Promise<WatchedUnits> {
  const patterns = watch.filter(isGlob);
  const names = watch.filter((entry) => !isGlob(entry)).map(withUnitType);
  const loadable = names.filter(isLoadable);
  const [matching, findings] = await Promise.all([
    patterns.length === 0 ? [] : reader.list({ patterns }),
    recall(bus, reader),
  ]);
  const inMemory = new Map(listed.map((unit) => [unit.row.name, unit]));
  const resident = new Map(matching.map((unit) => [unit.row.name, unit]));
  const others = new Map<string, UnitDetails>();
  const isSettled = (name: string): boolean => {
    const finding = findings.get(name);
    const unit = inMemory.get(name) ?? (finding === undefined ? undefined : inMemory.get(finding.name));
    if (unit !== undefined) resident.set(unit.row.name, unit);
    else if (finding?.details) others.set(finding.name, finding.details);
    else return false;
    return true;
  };
  const unsettled = loadable.filter((name) => !isSettled(name));
  const asked = await reader.byNames(unsettled);
  await Promise.all(
    asked.map(async (unit, index) => {
      const details = isInMemory(unit) ? null : await readDetails(reader, unit);
      if (details === null) resident.set(unit.row.name, unit);
      else others.set(unit.row.name, details);
      // The answers come in the order of the names; which is how an alias is told from the unit's own name.
      const name = asked.length === unsettled.length ? unsettled[index] : unit.row.name;
      if (name !== undefined) findings.set(name, { name: unit.row.name, details });
    }),
  );
  const missing: Missing[] = names
    .filter((name) => !isLoadable(name))
    .map((what) => ({ what, reason: 'unsupported', detail: 'the watch list names a template, or no unit at all' }));
  return { resident: [...resident.values()], others: [...others.values()], missing };
}

function isInMemory({ row, isResident }: ListedUnit): boolean {
  return isResident && !(row.loadState === 'not-found' && row.activeState === 'inactive');
}

/** What is still known of earlier findings; a fresh, empty map where that is nothing. */
async function recall(bus: SystemBus, reader: SystemdReader): Promise<Map<string, Finding>> {
  const manager = await reader.properties(MANAGER_OBJECT, 'Manager', ['UnitsLoadTimestamp']);
  const reloadedAtUs = manager.count('UnitsLoadTimestamp');
  const now = performance.now();
  const known = memories.get(bus);
  if (known !== undefined && known.reloadedAtUs === reloadedAtUs && now - known.since < REMEMBERED_MS) {
    return known.findings;
  }
  const findings = new Map<string, Finding>();
  memories.set(bus, { reloadedAtUs, since: now, findings });
  return findings;
}
