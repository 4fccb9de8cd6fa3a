import { listNames } from '../brief-text.ts';
import { nearestNames } from '../nearest-names.ts';
import type { AlertInstance, PlacedRule } from './alert-instance.ts';
import { type Matchable, parseMatch } from './alert-match.ts';
import { countSeverities } from './alert-totals.ts';

const NAMES_SHOWN = 5;

/** What there is instead, for filters that no alert passes. `alerts` are all there are; `rules` is null where they are not known. */
export function explainNone(
  { match, severity }: { match: string | undefined; severity: string | undefined },
  alerts: readonly AlertInstance[],
  rules: readonly PlacedRule[] | null,
): string[] {
  const names = new Set([...alerts, ...(rules ?? [])].map(({ name }) => name));
  const matches = match === undefined ? null : parseMatch(match, names);
  const others = matches === null ? alerts : alerts.filter(matches);
  const quiet =
    matches === null ? [] : (rules ?? []).filter((rule) => matches(asAlert(rule)) && rule.alerts.length === 0);
  const near = match === undefined ? [] : nearestNames(match, [...names], 3);
  return [
    ...(severity === undefined || others.length === 0 ? [] : [`severities there: ${countSeverities(others)}`]),
    ...(quiet.length === 0
      ? []
      : [
          `rules that match and do not fire: ${listNames([...new Set(quiet.map(({ name }) => name))].sort(), NAMES_SHOWN)}`,
        ]),
    ...(quiet.length > 0 || others.length > 0 || near.length === 0
      ? []
      : [`alerts called like it: ${near.join(', ')}`]),
  ];
}

/** A rule as its alerts would be matched, before there is one. */
export function asAlert({ name, labels, annotations }: PlacedRule): Matchable {
  return { labels: { ...labels, alertname: name }, annotations };
}
