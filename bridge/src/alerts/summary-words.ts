import { briefText } from '../brief-text.ts';
import { type AlertInstance, summaryOf } from './alert-instance.ts';

const LONGEST = 90;

/** Its summary in brief; null where it has none. */
export function briefSummary(alert: Pick<AlertInstance, 'annotations'>): string | null {
  const summary = summaryOf(alert);
  return summary === null ? null : briefText(summary, LONGEST);
}

/** Its summary with the names of its labels where their values stand: the same for alerts that say the same of different things. */
export function summaryTemplate(alert: Pick<AlertInstance, 'annotations' | 'labels'>): string | null {
  const values = Object.entries(alert.labels)
    .filter(([, value]) => value.length > 1)
    .sort(([, a], [, b]) => b.length - a.length || (a < b ? -1 : 1));
  return values.reduce<string | null>(
    (text, [name, value]) => text?.replaceAll(value, `{${name}}`) ?? null,
    summaryOf(alert),
  );
}
