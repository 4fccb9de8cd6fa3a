import type { Labels } from '../upstreams/prometheus-result.ts';
import type { AlertingRule } from '../upstreams/prometheus-rules.ts';

/** One alert: a rule that holds for one set of labels, as Prometheus and Alertmanager together know it. */
export interface AlertInstance {
  /** The label `alertname`. */
  name: string;
  /** The label `severity`; null where it has none. */
  severity: string | null;
  state: 'firing' | 'pending';
  /** All of them, with the external labels that its Prometheus sends to Alertmanager along, where these are known. */
  labels: Labels;
  annotations: Labels;
  /** Firing: since when it fires. Pending: since when its expression holds. Null where nobody says. */
  since: Date | null;
  /** When a pending one will fire if its expression goes on to hold; null for a firing one. */
  firesAt: Date | null;
  /** What the expression came to; null where Prometheus does not say or it is not known which of its alerts this is. */
  value: number | null;
  /** The rule of our Prometheus that made it; null where none did. */
  rule: PlacedRule | null;
  /** Its name at Alertmanager, in `inhibitedBy` of others; null where Alertmanager does not have it. */
  fingerprint: string | null;
  /** Ids of silences that hold it back. */
  silencedBy: readonly string[];
  /** Fingerprints of alerts that hold it back. */
  inhibitedBy: readonly string[];
  /** Time intervals that hold it back. */
  mutedBy: readonly string[];
  /** It fires in Prometheus for longer than a message takes, and Alertmanager, which answered, does not have it. */
  isUndelivered: boolean;
  receivers: readonly string[];
  /** Where its source shows what made it. */
  generatorUrl: string | null;
}

/** An alerting rule and the group that it is evaluated in. */
export interface PlacedRule extends AlertingRule {
  group: string;
  file: string;
}

/** Whether no notification goes out for it, by a silence, another alert or a time interval. */
export function isHeld({ silencedBy, inhibitedBy, mutedBy }: AlertInstance): boolean {
  return silencedBy.length + inhibitedBy.length + mutedBy.length > 0;
}

/** Its annotation for a line: `summary`, else what others name it; null where there is none. */
export function summaryOf({ annotations }: Pick<AlertInstance, 'annotations'>): string | null {
  return annotations.summary || annotations.title || annotations.message || annotations.description || null;
}

/** Its annotation `runbook_url`, or `runbook`; null where there is none. */
export function runbookOf({ annotations }: Pick<AlertInstance, 'annotations'>): string | null {
  return annotations.runbook_url || annotations.runbook || null;
}
