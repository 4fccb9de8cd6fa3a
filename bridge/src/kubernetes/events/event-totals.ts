import type { TemplatedEvent } from './fold-events.ts';
import { tally } from './tally.ts';

const REASONS = 5;

/** What events amount to: `500 events, seen 12,345 times, 37 warnings: BackOff ×9,000, FailedScheduling ×120`. */
export function describeTotals(events: readonly TemplatedEvent[]): string {
  const warnings = events.filter(({ type }) => type === 'Warning');
  const times = events.reduce((sum, { count }) => sum + count, 0);
  const seen = times === events.length ? '' : ` seen ${grouped(times)} times`;
  const all = `${grouped(events.length)} event${events.length === 1 ? '' : 's'}${seen}`;
  if (warnings.length === events.length) return `${all}, all warnings: ${topReasons(events)}`;
  if (warnings.length === 0) return `${all}, no warnings: ${topReasons(events)}`;
  return `${all}, ${grouped(warnings.length)} warning${warnings.length === 1 ? '' : 's'}: ${topReasons(warnings)}`;
}

function topReasons(events: readonly TemplatedEvent[]): string {
  const reasons = tally(
    events,
    ({ reason }) => reason || '-',
    ({ count }) => count,
  );
  const shown = reasons.slice(0, REASONS).map(([reason, times]) => `${reason} ×${grouped(times)}`);
  const rest = reasons.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
