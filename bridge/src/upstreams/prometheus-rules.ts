import * as z from 'zod';
import { GoTime } from './go-time.ts';
import { LabelSet, labelOrder } from './label-set.ts';
import { type Labels, parseValue } from './prometheus-result.ts';

/** One series for which an alerting rule holds. */
export interface RuleAlert {
  /** Of the series, with those of the rule and `alertname`. */
  labels: Labels;
  annotations: Labels;
  /** `firing` or `pending`; what else a server says, as it is. */
  state: string;
  /** Since when the expression holds; null where the server does not say. */
  activeAt: Date | null;
  /** What the expression came to; null where it is no number in JSON's sense or is not said. NaN and infinities are numbers. */
  value: number | null;
}

interface RuleBase {
  name: string;
  expr: string;
  /** Labels that the rule adds. */
  labels: Labels;
  /** `ok`, `err` or `unknown` (not evaluated yet); what else a server says, as it is. */
  health: string;
  /** Why the last evaluation failed; null when it did not. */
  lastError: string | null;
  lastEvaluation: Date | null;
}

export interface AlertingRule extends RuleBase {
  type: 'alerting';
  /** `firing`, `pending`, `inactive` or `unknown`: the worst of its alerts; what else a server says, as it is. */
  state: string;
  /** How long the expression must hold before it fires, seconds. */
  forSeconds: number;
  annotations: Labels;
  /** Of this rule, firing and pending ones. */
  alerts: readonly RuleAlert[];
}

export interface RecordingRule extends RuleBase {
  type: 'recording';
}

/** Rules that are evaluated together. */
export interface RuleGroup {
  name: string;
  /** The file, or in Mimir the namespace, that holds it. */
  file: string;
  /** How often it is evaluated, seconds. */
  intervalSeconds: number;
  rules: readonly (AlertingRule | RecordingRule)[];
}

const seconds = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
const word = z
  .string()
  .nullish()
  .transform((text) => text ?? 'unknown');
const list = <S extends z.ZodType>(item: S) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const AlertEntry = z
  .object({ labels: LabelSet, annotations: LabelSet, state: word, activeAt: GoTime, value: z.unknown().optional() })
  .transform((alert): RuleAlert => ({ ...alert, value: parseValue(alert.value) }));

const RuleEntry = z
  .object({
    type: word,
    name: z.string(),
    query: z.string(),
    labels: LabelSet,
    health: word,
    lastError: z.string().nullish(),
    lastEvaluation: GoTime,
    state: word,
    duration: seconds,
    annotations: LabelSet,
    alerts: list(AlertEntry),
  })
  .transform(
    ({ type, query, lastError, state, duration, annotations, alerts, ...rule }): AlertingRule | RecordingRule => {
      const base = { ...rule, expr: query, lastError: lastError || null };
      if (type !== 'alerting') return { type: 'recording', ...base };
      return { type, ...base, state, forSeconds: duration, annotations, alerts: inOrder(alerts) };
    },
  );

const GroupEntry = z
  .object({ name: z.string(), file: word, interval: seconds, rules: list(RuleEntry) })
  .transform(({ interval, ...group }): RuleGroup => ({ ...group, intervalSeconds: interval }));

const RulesData = z.object({ groups: list(GroupEntry) });

/**
 * Reads the `data` of `/api/v1/rules` (https://prometheus.io/docs/prometheus/latest/querying/api/#rules), also as Thanos, Mimir and
 * vmalert write it; null when it is something else. Groups by file and name, alerts by their labels: servers keep no order.
 */
export function parseRules(data: unknown): RuleGroup[] | null {
  const groups = RulesData.safeParse(data).data?.groups ?? null;
  return groups?.sort((a, b) => (a.file + a.name < b.file + b.name ? -1 : 1)) ?? null;
}

function inOrder(alerts: readonly RuleAlert[]): RuleAlert[] {
  return alerts
    .map((alert) => ({ alert, key: labelOrder(alert.labels) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ alert }) => alert);
}
