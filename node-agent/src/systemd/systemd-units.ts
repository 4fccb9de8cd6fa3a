import type { Missing } from '@telemcp/shared/envelope';
import type { SystemdUnitList, SystemdUnitRow } from '@telemcp/shared/facts/systemd';
import { type UnitsQuery, withUnitType } from '@telemcp/shared/routes';
import type { SystemBus } from '../dbus/bus.ts';
import { FactError } from '../fact-error.ts';
import { createSystemdReader, type ListedUnit, type SystemdReader } from './systemd-reader.ts';
import { readDetails, type UnitDetails } from './systemd-unit-details.ts';

/** Units of one list that are read in detail. */
const MAX_DETAILS = 50;

/** Matching units, the most urgent first; `total` counts all that match, `units` holds the first of them. */
interface FoundUnits {
  units: SystemdUnitList['units'];
  total: number;
  truncated: boolean;
  missing: readonly Missing[];
}

/**
 * Units by state, type and pattern: failed ones first, then activating ones, then by name. Failed and activating units,
 * timers, sockets and a unit asked for by its name come in detail, the first 50 of them; all others as rows.
 *
 * A pattern with `*`, `?` or `[` is matched as it stands against the full names of the units systemd has loaded (`nginx*`
 * finds nginx.service and nginx.socket), as in systemctl(1) list-units. Anything else is a name, `nginx` meaning
 * nginx.service or, where `type` says so, nginx.timer; it is found also when it is not loaded or does not exist.
 */
export async function listUnits(bus: SystemBus, query: UnitsQuery, signal: AbortSignal): Promise<FoundUnits> {
  const reader = createSystemdReader(bus, signal);
  const isNamed = query.pattern !== undefined && !isGlob(query.pattern);
  const found = await find(reader, query);
  const shown = found.sort((a, b) => byUrgency(a.row, b.row)).slice(0, query.limit);
  const detailed = shown.filter((unit) => isNamed || saysMoreInDetail(unit)).slice(0, MAX_DETAILS);
  const details = new Map(
    await Promise.all(detailed.map(async (unit) => [unit, await readDetails(reader, unit)] as const)),
  );
  return {
    units: shown.map((unit) => details.get(unit)?.unit ?? unit.row),
    total: found.length,
    truncated: shown.length < found.length,
    missing: [...details.values()].flatMap(({ missing }) => missing),
  };
}

/**
 * One unit in detail; one that does not exist has `loadState` `not-found`. An alias answers under the unit's own name.
 * @param name a unit name, `nginx` meaning nginx.service
 * @throws {FactError} `unsupported` for a template such as `getty@.service`, which is no unit
 */
export async function readUnit(bus: SystemBus, name: string, signal: AbortSignal): Promise<UnitDetails> {
  const reader = createSystemdReader(bus, signal);
  const full = withUnitType(name);
  if (!isLoadable(full)) {
    throw new FactError('unsupported', `${full} names no single unit`, {
      hint: `Ask for an instance of it, or list units with pattern=${full.replace('@.', '@*.')}.`,
    });
  }
  const [unit] = await reader.byNames([full]);
  if (unit === undefined) throw new FactError('parse_error', `systemd gave no answer about ${full}`);
  return readDetails(reader, unit);
}

/** True for a shell pattern, false for a name. */
export function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** Whether systemd can load this as a unit: a full name, and no template. One bad name would fail a whole `ListUnitsByNames`. */
export function isLoadable(name: string): boolean {
  return /^[A-Za-z0-9:_.\\-][A-Za-z0-9:_.\\@-]*\.[a-z]+$/.test(name) && name.length <= 255 && !name.includes('@.');
}

/** Failed first, then activating, then by name. */
export function byUrgency(a: SystemdUnitRow, b: SystemdUnitRow): number {
  const rank = ({ activeState }: SystemdUnitRow) =>
    activeState === 'failed' ? 0 : activeState === 'activating' ? 1 : 2;
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}

async function find(reader: SystemdReader, { state, type, pattern }: UnitsQuery): Promise<ListedUnit[]> {
  if (pattern !== undefined && !isGlob(pattern)) {
    const name = type !== undefined && !pattern.includes('.') ? `${pattern}.${type}` : withUnitType(pattern);
    if (!isLoadable(name)) return [];
    return (await reader.byNames([name])).filter((unit) => isOfType(unit, type) && isInState(unit, state));
  }
  const patterns = pattern !== undefined ? [pattern] : type !== undefined ? [`*.${type}`] : [];
  const units = await reader.list({ states: state === undefined ? [] : [state], patterns });
  return units.filter((unit) => isOfType(unit, type));
}

function isOfType({ row }: ListedUnit, type: string | undefined): boolean {
  return type === undefined || row.name.endsWith(`.${type}`);
}

function isInState({ row }: ListedUnit, state: string | undefined): boolean {
  return state === undefined || [row.loadState, row.activeState, row.subState].includes(state);
}

function saysMoreInDetail({ row }: ListedUnit): boolean {
  if (row.activeState === 'failed' || row.activeState === 'activating') return true;
  return row.loadState !== 'not-found' && /\.(timer|socket)$/.test(row.name);
}
