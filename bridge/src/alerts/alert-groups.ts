import { labelOrder } from '../upstreams/label-set.ts';
import type { AlertInstance } from './alert-instance.ts';
import { severityRank } from './severity.ts';

/** Alerts of one name, severity and state. */
export interface AlertGroup {
  name: string;
  severity: string | null;
  state: AlertInstance['state'];
  /** The newest first. */
  alerts: readonly AlertInstance[];
  /** When the last and the first of them began; null where that is not known of any. */
  newest: Date | null;
  oldest: Date | null;
}

/** Firing before pending, worst severity first, then the most, then the newest. */
export function groupAlerts(alerts: readonly AlertInstance[]): AlertGroup[] {
  const groups = Map.groupBy(alerts, ({ name, severity, state }) => JSON.stringify([name, severity, state]));
  return [...groups.values()].flatMap(groupOf).sort(byUrgency);
}

function groupOf(unordered: readonly AlertInstance[]): AlertGroup[] {
  const alerts = unordered
    .map((alert) => ({ alert, key: labelOrder(alert.labels) }))
    .sort((a, b) => timeOf(b.alert.since) - timeOf(a.alert.since) || (a.key < b.key ? -1 : 1))
    .map(({ alert }) => alert);
  const [first] = alerts;
  if (first === undefined) return [];
  const { name, severity, state } = first;
  const dated = alerts.flatMap(({ since }) => (since === null ? [] : [since]));
  return [{ name, severity, state, alerts, newest: dated[0] ?? null, oldest: dated.at(-1) ?? null }];
}

function byUrgency(a: AlertGroup, b: AlertGroup): number {
  return (
    Number(a.state === 'pending') - Number(b.state === 'pending') ||
    severityRank(a.severity) - severityRank(b.severity) ||
    b.alerts.length - a.alerts.length ||
    timeOf(b.newest) - timeOf(a.newest) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : (a.severity ?? '') < (b.severity ?? '') ? -1 : 1)
  );
}

function timeOf(time: Date | null): number {
  return time?.getTime() ?? 0;
}
