import { countOf, listNames } from '../brief-text.ts';
import { ToolError } from '../errors.ts';
import { showAge } from '../format-time.ts';
import type { Alertmanager } from '../upstreams/alertmanager.ts';
import type { AlertInstance, PlacedRule } from './alert-instance.ts';

const NAMES_SHOWN = 3;
/** Alertmanager keeps no alerts over a restart; Prometheus sends all again within this time. */
const SETTLING_SECONDS = 300;

/** Where Prometheus and Alertmanager differ in what fires. `rules` is null where they are not known. */
export function differenceNotes(alerts: readonly AlertInstance[], rules: readonly PlacedRule[] | null): string[] {
  const lost = alerts.filter(({ isUndelivered }) => isUndelivered);
  const known = new Set(rules?.map(({ name }) => name));
  const foreign = rules === null ? [] : alerts.filter(({ rule }) => rule === null);
  const [ended, others] = [true, false].map((wanted) => foreign.filter(({ name }) => known.has(name) === wanted));
  return [
    ...said(lost, 'in Prometheus, but not in Alertmanager (not delivered, or dropped by alert_relabel_configs)'),
    ...said(ended ?? [], 'in Alertmanager, but not in Prometheus now (just ended, or from another Prometheus)'),
    ...said(others ?? [], 'from another source: this Prometheus has no such rule'),
  ];
}

/** Why Alertmanager may lack alerts: it runs since a moment ago. Asked only where it does. */
export async function restartNotes(
  alerts: readonly AlertInstance[],
  alertmanager: Alertmanager | null,
  now: Date,
  signal: AbortSignal,
): Promise<string[]> {
  if (alertmanager === null || !alerts.some(({ isUndelivered }) => isUndelivered)) return [];
  try {
    const { startedAt } = await alertmanager.status(signal);
    const seconds = startedAt === null ? Number.POSITIVE_INFINITY : (now.getTime() - startedAt.getTime()) / 1000;
    return seconds < SETTLING_SECONDS
      ? [`Alertmanager started ${showAge(seconds)} ago: it has only what was sent to it since`]
      : [];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    // It would only have explained a note that stands.
    return [];
  }
}

function said(alerts: readonly AlertInstance[], where: string): string[] {
  const names = [...Map.groupBy(alerts, ({ name }) => name)]
    .sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1))
    .map(([name, each]) => (each.length === 1 ? name : `${name} ×${each.length}`));
  return alerts.length === 0 ? [] : [`${countOf(alerts.length, 'alert')} ${where}: ${listNames(names, NAMES_SHOWN)}`];
}
