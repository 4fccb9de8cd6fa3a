import { showCount } from '../format.ts';
import type { AlertInstance } from './alert-instance.ts';
import { severityRank } from './severity.ts';

/** `60 firing in 12 alerts: 3 critical, 40 warning, 17 info; 5 pending`, worst severity first. Null for none. */
export function describeTotals(alerts: readonly AlertInstance[]): string | null {
  const [firing, pending] = (['firing', 'pending'] as const).map((state) =>
    alerts.filter((alert) => alert.state === state),
  );
  const said = [...told(firing ?? [], 'firing'), ...told(pending ?? [], 'pending')];
  return said.length === 0 ? null : said.join('; ');
}

/** `3 critical, 40 warning, 2 without severity`, worst first. */
export function countSeverities(alerts: readonly AlertInstance[]): string {
  return [...Map.groupBy(alerts, ({ severity }) => severity)]
    .sort(([a], [b]) => severityRank(a) - severityRank(b) || ((a ?? '') < (b ?? '') ? -1 : 1))
    .map(([severity, each]) => `${showCount(each.length)} ${wordOf(severity)}`)
    .join(', ');
}

/** `none` is a severity that rules give themselves; alone it would read as if there were no alert. */
function wordOf(severity: string | null | undefined): string {
  return severity == null ? 'without severity' : severity === 'none' ? 'of severity none' : severity;
}

function told(alerts: readonly AlertInstance[], state: string): string[] {
  const names = new Set(alerts.map(({ name }) => name)).size;
  const where = names > 1 && names < alerts.length ? ` in ${names} alerts` : '';
  const [severity, ...others] = new Set(alerts.map((alert) => alert.severity));
  if (alerts.length === 0) return [];
  const which =
    others.length > 0 ? `: ${countSeverities(alerts)}` : `, ${alerts.length === 1 ? '' : 'all '}${wordOf(severity)}`;
  return [`${showCount(alerts.length)} ${state}${where}${which}`];
}
