import { briefText, countOf, listNames } from '../brief-text.ts';
import { showAge } from '../format-time.ts';
import type { RuleGroup } from '../upstreams/prometheus-rules.ts';
import type { PlacedRule } from './alert-instance.ts';

const SHOWN = 3;
const LONGEST_ERROR = 120;
/** So many intervals without an evaluation, and at least a minute, are no delay any more. */
const INTERVALS_TO_BE_LATE = 3;
const LATE_SECONDS = 60;

/**
 * Rules that cannot fire though they should: those in error, those of groups that are not evaluated. Of all of them, or with `of`
 * only of the rules that an alert of that name and group is from.
 */
export function ruleHealthNotes(all: readonly RuleGroup[], of: readonly PlacedRule[] | null, now: Date): string[] {
  const isAsked = (group: RuleGroup, name: string) =>
    of === null || of.some((rule) => rule.name === name && rule.group === group.name && rule.file === group.file);
  const groups = all
    .map((group) => ({ ...group, rules: group.rules.filter(({ name }) => isAsked(group, name)) }))
    .filter(({ rules }) => rules.length > 0);
  const rules = groups.flatMap((group) => group.rules);
  const failing = rules.filter(({ health }) => health === 'err');
  const words = failing
    .slice(0, SHOWN)
    .map(({ name, type, lastError }) => {
      const what = type === 'recording' ? `${name} (recording)` : name;
      return `${what}: ${lastError === null ? 'no reason given' : briefText(lastError, LONGEST_ERROR)}`;
    })
    .concat(failing.length > SHOWN ? [`and ${failing.length - SHOWN} more`] : []);
  const late = groups.flatMap((group) => {
    const age = ageOf(group, now);
    const isLate = age !== null && age > Math.max(LATE_SECONDS, INTERVALS_TO_BE_LATE * group.intervalSeconds);
    return isLate ? [`${group.name} (last ${showAge(age)} ago)`] : [];
  });
  return [
    ...(failing.length === 0
      ? []
      : [`${countOf(failing.length, 'rule')} cannot be evaluated and cannot fire: ${words.join('; ')}`]),
    ...(late.length === 0
      ? []
      : [`${countOf(late.length, 'group')} of rules not evaluated: ${listNames(late, SHOWN)}`]),
  ];
}

/** Seconds since the last evaluation of any of its rules; null where there was none yet. */
function ageOf({ rules }: RuleGroup, now: Date): number | null {
  const times = rules.flatMap(({ lastEvaluation }) => (lastEvaluation === null ? [] : [lastEvaluation.getTime()]));
  return times.length === 0 ? null : (now.getTime() - times.reduce((a, b) => Math.max(a, b))) / 1000;
}
