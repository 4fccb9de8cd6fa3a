import type { SystemdService, SystemdUnit, SystemdUnitList, SystemdUnitRow } from '@telemcp/shared/facts/systemd';
import { briefText } from '../brief-text.ts';

/** A unit of a list: with or without detail. */
export type ListedUnit = SystemdUnitList['units'][number];

/** The state as systemctl(1) writes it: `active (running)`, `failed`, `not-found`, `masked`. */
export function showState(unit: SystemdUnitRow): string {
  const { loadState, activeState, subState } = unit;
  if (loadState !== 'loaded' && activeState === 'inactive') return loadState;
  const state = activeState === subState ? activeState : `${activeState} (${subState})`;
  return loadState === 'loaded' ? state : `${state}, ${loadState}`;
}

/** Rank of a state: the lower, the sooner a reader should see it. Up to `TROUBLE` something is wrong whatever other nodes say. */
export function urgency(unit: SystemdUnitRow): number {
  if (unit.activeState === 'failed') return 0;
  if (unit.loadState === 'bad-setting' || unit.loadState === 'error') return 1;
  if (unit.activeState !== 'active' && unit.activeState !== 'inactive') return 2;
  if (unit.loadState === 'not-found') return 3;
  if (unit.loadState === 'masked') return 4;
  return unit.activeState === 'inactive' ? 5 : 6;
}

export const TROUBLE = 2;

/** The detail of a listed unit; null when it was listed without. */
export function detailOf(unit: ListedUnit): SystemdUnit | null {
  return 'service' in unit ? unit : null;
}

/** Why the last run of a service ended, `exit-code, status 3`; null when it ended well or has not ended. */
export function showExit(service: SystemdService): string | null {
  const { result, exitKind, exitStatus } = service;
  const parts = result === 'success' ? [] : [result];
  if (exitKind === 'exited' && exitStatus !== null && exitStatus !== 0) parts.push(`status ${exitStatus}`);
  if (exitKind !== null && exitKind !== 'exited' && result !== 'success') {
    parts.push(`${SIGNALS[exitStatus ?? 0] ?? `signal ${exitStatus}`}${exitKind === 'dumped' ? ' (core dumped)' : ''}`);
  }
  return parts.length === 0 ? null : parts.join(', ');
}

/** What explains the state, without what differs from node to node by chance; empty when nothing does. */
export function showCause(unit: SystemdUnit): string {
  const exit = unit.service === null ? null : showExit(unit.service);
  const results = [unit.timer?.result, unit.socket?.result].filter((result) => result !== undefined);
  return [
    ...(exit === null ? [] : [exit]),
    ...results.filter((result) => result !== 'success'),
    // That a unit does not exist, its state says already.
    ...(unit.loadError === null || unit.loadState === 'not-found' ? [] : [briefText(unit.loadError, 160)]),
    ...(unit.activeState === 'inactive' && unit.unitFileState === 'disabled' ? ['disabled'] : []),
  ].join(', ');
}

/** The cause and the rest worth knowing at a glance: restarts, a pending daemon-reload, the service's own words. */
export function showDetail(unit: SystemdUnit): string {
  const { restarts = 0, statusText = null } = unit.service ?? {};
  const cause = showCause(unit);
  return [
    ...(cause === '' ? [] : [cause]),
    ...(restarts > 0 ? [`${restarts} restart${restarts === 1 ? '' : 's'}`] : []),
    ...(unit.needsDaemonReload ? ['needs daemon-reload'] : []),
    ...(statusText === null || statusText === '' ? [] : [`says: ${briefText(statusText, 120)}`]),
  ].join(', ');
}

/** signal(7), numbers of Linux on every architecture a node may have. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};
