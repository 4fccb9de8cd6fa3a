import { briefText } from '../../brief-text.ts';
import { showAge } from '../../format-time.ts';
import { type Json, type JsonObject, listAt, textAt } from '../json.ts';
import { type Health, healthy, type Judge, SEVERITY, timeOf, worstOf } from './judge.ts';

/** A condition of an object's status (meta/v1 Condition, and the older shapes of core kinds). */
export interface Condition {
  type: string;
  /** `True`, `False` or `Unknown`. */
  status: string;
  reason: string;
  message: string;
  since: number | null;
}

/** The conditions in `status.conditions`. */
export function conditionsOf(object: JsonObject): Condition[] {
  return conditionsIn(object.status);
}

function conditionsIn(status: Json | undefined): Condition[] {
  return listAt(status, 'conditions').flatMap((condition) => {
    const type = textAt(condition, 'type');
    return type === undefined
      ? []
      : [
          {
            type,
            status: textAt(condition, 'status') ?? 'Unknown',
            reason: textAt(condition, 'reason') ?? '',
            message: textAt(condition, 'message') ?? '',
            since: timeOf(textAt(condition, 'lastTransitionTime')),
          },
        ];
  });
}

/** Reason and message of a condition, said once where one says the other. */
export function showCondition({ type, reason, message }: Condition, max = 140): string {
  const words = briefText(message.replace(/\.\s*$/, ''), max);
  if (words === '') return reason === '' ? type : reason;
  const told = reason === '' || words.toLowerCase().replaceAll(/\W/g, '').includes(reason.toLowerCase());
  return told ? words : briefText(`${reason}: ${message.replace(/\.\s*$/, '')}`, max);
}

/** ` (for 5h)`: how long a condition is as it is. */
export function showSince({ since }: Pick<Condition, 'since'>, now: Date): string {
  return since === null ? '' : ` (for ${showAge((now.getTime() - since) / 1000)})`;
}

/** The health that one condition speaks of: its words, and for how long. */
export function healthBy(
  condition: Condition,
  now: Date,
  { state, severity }: Pick<Health, 'state' | 'severity'>,
): Health {
  return { state, severity, why: `${showCondition(condition)}${showSince(condition, now)}`, since: condition.since };
}

/** Conditions that should be True. Others that end alike are no trouble: `UpdateAvailable=False` is good news. */
const WANTED =
  /^(?:(?!Not).*Ready|Available|Synced|Healthy|Established|NamesAccepted|Accepted|Programmed|Reconciled|Succeeded|ResolvedRefs)$/;
/** Among them those that speak of the whole. */
const HEADS = /^(?:Ready|Available|Healthy|Established)$/;
/** Conditions that should not. */
const UNWANTED =
  /(?:Pressure|Failure|Failures|Unavailable|Problem)$|^(?:Degraded|Failed|Stalled|Failing|Error|NonStructuralSchema|Terminating|Deadlock|.*Deadlock|.*Failed|.*Error)$/;

/** What a condition of any kind says of health, by what its name means; null where it says nothing, or nothing is wrong. */
export function conditionHealth(condition: Condition, now: Date): Health | null {
  const { type, status } = condition;
  if (UNWANTED.test(type)) {
    return status === 'True' ? healthBy(condition, now, { state: type, severity: SEVERITY.failing }) : null;
  }
  if (!WANTED.test(type) || status === 'True') return null;
  // What has not ended yet is not known to succeed.
  if (status !== 'False')
    return type === 'Succeeded'
      ? null
      : healthBy(condition, now, { state: `${type}Unknown`, severity: SEVERITY.waiting });
  return healthBy(condition, now, { state: `Not${type}`, severity: SEVERITY.failing + (HEADS.test(type) ? 5 : 0) });
}

const BAD_PHASES = new Map<string, number>([
  ['failed', SEVERITY.broken],
  ['error', SEVERITY.broken],
  ['lost', SEVERITY.broken],
  ['missing', SEVERITY.broken],
  ['degraded', SEVERITY.failing],
  ['unknown', SEVERITY.degraded],
  ['pending', SEVERITY.waiting],
]);

const STUCK_MS = 10 * 60_000;

/** An object that is being deleted: trouble when it still is ten minutes after it should be gone; null for any other. */
export function deletionHealth(object: JsonObject, now: Date): Health | null {
  const since = timeOf(textAt(object, 'metadata', 'deletionTimestamp'));
  if (since === null) return null;
  const late = now.getTime() - since;
  const finalizers = listAt(object, 'metadata', 'finalizers').filter((name) => typeof name === 'string');
  const held = finalizers.length === 0 ? '' : `, held by ${briefText(finalizers.join(', '), 80)}`;
  return {
    state: 'Terminating',
    severity: late > STUCK_MS ? SEVERITY.degraded + 5 : SEVERITY.note,
    why: late > 0 ? `should be gone since ${showAge(late / 1000)}${held}` : '',
    since,
  };
}

/** Any kind, custom resources among them: its conditions, its phase or state, and whether its deletion hangs. */
export const judgeByConditions: Judge = (object, now) => {
  // Routes of the Gateway API have conditions for each parent.
  const conditions = [...conditionsOf(object), ...listAt(object, 'status', 'parents').flatMap(conditionsIn)];
  const phase =
    textAt(object, 'status', 'phase') ??
    textAt(object, 'status', 'state') ??
    // Argo CD
    textAt(object, 'status', 'health', 'status');
  const bad = BAD_PHASES.get(phase?.toLowerCase() ?? '');
  const message = textAt(object, 'status', 'message') ?? textAt(object, 'status', 'reason') ?? '';
  const found = conditions.map((condition) => conditionHealth(condition, now));
  const byPhase: Health | null =
    bad === undefined || phase === undefined
      ? null
      : { state: phase, severity: bad, why: briefText(message, 110), since: null };
  const good = conditions.filter(({ type, status: value }) => WANTED.test(type) && value === 'True');
  const told = good.find(({ type }) => HEADS.test(type)) ?? good[0];
  return worstOf([deletionHealth(object, now), ...found, byPhase], healthy(phase ?? told?.type ?? ''));
};
