import type { Table } from '../answer.ts';
import { briefText, listNames } from '../brief-text.ts';
import { showAge, showMoment } from '../format-time.ts';
import type { Silence, SilenceMatcher } from '../upstreams/alertmanager.ts';
import { type AlertInstance, isHeld } from './alert-instance.ts';
import { factoredTable } from './factored-table.ts';

/** A silence that ends within this time is about to let its alerts out. */
const SOON_SECONDS = 3600;
const SHOWN = 3;
const ROWS = 20;
const LONGEST_COMMENT = 60;
const LONGEST_MATCHERS = 160;

/** What is needed to tell what holds an alert back. */
export interface Holders {
  /** Null where silences could not be looked at. */
  silences: readonly Silence[] | null;
  /** Every alert there is; those that inhibit are among them. */
  alerts: readonly AlertInstance[];
  now: Date;
}

/** Tells for each alert, in a few words, why nobody is notified of it; null for one of which somebody is. */
export function holderOf({ silences, alerts, now }: Holders): (alert: AlertInstance) => string | null {
  const byId = new Map(silences?.map((silence) => [silence.id, silence]));
  const names = namesByFingerprint(alerts);
  return (alert) => {
    const ends = alert.silencedBy.flatMap((id) => byId.get(id)?.endsAt ?? []).sort((a, b) => b.getTime() - a.getTime());
    const until = ends[0] === undefined ? '' : ` until ${moment(ends[0], now)}`;
    const said = [
      ...(alert.silencedBy.length === 0 ? [] : [`silenced${until}`]),
      ...(alert.inhibitedBy.length === 0 ? [] : [`inhibited by ${causes(alert, names).join(', ')}`]),
      ...(alert.mutedBy.length === 0 ? [] : [`muted by ${alert.mutedBy.join(', ')}`]),
      ...(alert.isUndelivered ? ['not in Alertmanager'] : []),
    ];
    return said.length === 0 ? null : said.join(', ');
  };
}

/** How many of `listed` are held back and by what, for an answer that does not list them. */
export function heldNotes(listed: readonly AlertInstance[], holders: Holders): string[] {
  const { silences, alerts, now } = holders;
  const names = namesByFingerprint(alerts);
  const silenced = listed.filter(({ silencedBy }) => silencedBy.length > 0);
  const inhibited = listed.filter(({ inhibitedBy }) => inhibitedBy.length > 0);
  const muted = listed.filter(({ mutedBy }) => mutedBy.length > 0);
  const by = (silences ?? [])
    .map((silence) => ({ silence, count: silenced.filter((alert) => alert.silencedBy.includes(silence.id)).length }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => endOrder(a.silence, b.silence))
    .map(({ silence, count }) => `${count} by ${described(silence, now)}`);
  return [
    ...(silenced.length === 0
      ? []
      : [`silenced ${silenced.length}${by.length === 0 ? '' : `: ${listNames(by, SHOWN)}`}`]),
    ...counted('inhibited', inhibited, (alert) => causes(alert, names)),
    ...counted('muted', muted, ({ mutedBy }) => mutedBy),
  ];
}

/** The silences in force or to come: all, or with `of` those that hold one of these alerts back. The one that ends first leads. */
export function silenceTable({ silences, alerts, now }: Holders, of: readonly AlertInstance[] | null): Table | null {
  const wanted = of === null ? null : new Set(of.flatMap(({ silencedBy }) => silencedBy));
  const shown = (silences ?? [])
    .filter(({ id, state }) => state !== 'expired' && (wanted?.has(id) ?? true))
    .sort((a, b) => Number(a.state === 'pending') - Number(b.state === 'pending') || endOrder(a, b));
  if (shown.length === 0) return null;
  return {
    name: 'silences',
    ...factoredTable(shown, [
      { name: 'state', cell: ({ state }) => state, isCommon: true },
      { name: 'from', cell: ({ state, startsAt }) => (state === 'pending' ? moment(startsAt, now) : null) },
      { name: 'until', cell: ({ endsAt }) => moment(endsAt, now) },
      { name: 'left', cell: ({ endsAt }) => showAge((endsAt.getTime() - now.getTime()) / 1000) },
      { name: 'alerts', cell: ({ id }) => alerts.filter(({ silencedBy }) => silencedBy.includes(id)).length },
      { name: 'by', cell: ({ createdBy }) => briefText(createdBy, LONGEST_COMMENT) || null, isCommon: true },
      { name: 'matchers', cell: ({ matchers }) => briefText(matchers.map(showMatcher).join(','), LONGEST_MATCHERS) },
      { name: 'id', cell: ({ id }) => id },
      { name: 'comment', cell: ({ comment }) => briefText(comment, LONGEST_COMMENT) || null },
    ]),
    order: 'ending soonest first',
    limit: ROWS,
  };
}

/** Says how many are not listed, in short: `7 silenced, 2 inhibited`. Null for none. */
export function countHeld(alerts: readonly AlertInstance[]): string | null {
  // Each under one of them only.
  const held = alerts.filter(isHeld);
  const silenced = held.filter(({ silencedBy }) => silencedBy.length > 0);
  const inhibited = held.filter(({ silencedBy, inhibitedBy }) => silencedBy.length === 0 && inhibitedBy.length > 0);
  const muted = held.length - silenced.length - inhibited.length;
  const said = [
    ...(silenced.length === 0 ? [] : [`${silenced.length} silenced`]),
    ...(inhibited.length === 0 ? [] : [`${inhibited.length} inhibited`]),
    ...(muted === 0 ? [] : [`${muted} muted`]),
  ];
  return said.length === 0 ? null : said.join(', ');
}

function described({ createdBy, comment, endsAt }: Silence, now: Date): string {
  const left = (endsAt.getTime() - now.getTime()) / 1000;
  const soon = left < SOON_SECONDS ? `, ends in ${showAge(left)}` : '';
  const why = comment === '' ? '' : ` (${briefText(comment, LONGEST_COMMENT)})`;
  return `${briefText(createdBy, LONGEST_COMMENT) || 'nobody named'} until ${moment(endsAt, now)}${soon}${why}`;
}

function counted(
  what: string,
  alerts: readonly AlertInstance[],
  causesOf: (alert: AlertInstance) => readonly string[],
): string[] {
  const counts = new Map<string, number>();
  for (const cause of alerts.flatMap((alert) => [...new Set(causesOf(alert))]))
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  const by = [...counts]
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
    .map(([cause, count]) => (counts.size === 1 ? cause : `${cause} ×${count}`));
  return alerts.length === 0 ? [] : [`${what} ${alerts.length}, by ${listNames(by, SHOWN)}`];
}

function causes({ inhibitedBy }: AlertInstance, names: ReadonlyMap<string, string>): string[] {
  return [...new Set(inhibitedBy.map((fingerprint) => names.get(fingerprint) ?? 'an alert that is gone'))].sort();
}

function namesByFingerprint(alerts: readonly AlertInstance[]): ReadonlyMap<string, string> {
  return new Map(
    alerts.flatMap(({ fingerprint, name }) => (fingerprint === null ? [] : [[fingerprint, name] as const])),
  );
}

function endOrder(a: Silence, b: Silence): number {
  return a.endsAt.getTime() - b.endsAt.getTime() || (a.id < b.id ? -1 : 1);
}

/** As Alertmanager writes it, without quotes, which would be escaped in a cell. */
function showMatcher({ name, value, isRegex, isEqual }: SilenceMatcher): string {
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  return `${name}${operator}${/[\s,]/.test(value) ? `'${value}'` : value}`;
}

function moment(time: Date, now: Date): string {
  return showMoment(time.toISOString(), now.toISOString());
}
