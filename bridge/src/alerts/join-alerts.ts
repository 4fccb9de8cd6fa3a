import type { Alert } from '../upstreams/alertmanager.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';
import type { RuleAlert } from '../upstreams/prometheus-rules.ts';
import type { AlertInstance, PlacedRule } from './alert-instance.ts';

/** An alert that began to fire less than this ago may be on its way to Alertmanager. */
const ON_ITS_WAY_MS = 60_000;

/** What one alert of a rule is. */
interface Ruled {
  rule: PlacedRule;
  alert: RuleAlert;
}

/**
 * The alerts of both, each once. `rules` and `held` are null where that side was not looked at. Prometheus sends its external
 * labels along and may drop labels on the way (`alert_relabel_configs`): an alert of Alertmanager is a rule's when it has every
 * label of it, those aside that no alert of Alertmanager has. By their labels in the order of `held`, then of `rules`.
 */
export function joinAlerts(
  rules: readonly PlacedRule[] | null,
  held: readonly Alert[] | null,
  now: Date,
): AlertInstance[] {
  const ruled = (rules ?? []).flatMap((rule) => rule.alerts.map((alert): Ruled => ({ rule, alert })));
  const find = finder(held ?? []);
  const makers = new Map<Alert, Ruled[]>();
  // One rule's alert that is several at Alertmanager, of replicas or of clusters: which of them is ours cannot be told.
  const shared = new Set<Alert>();
  const alone: Ruled[] = [];
  for (const each of ruled) {
    const found = find(each.alert.labels);
    if (found.length === 0) alone.push(each);
    for (const alert of found) {
      makers.set(alert, [...(makers.get(alert) ?? []), each]);
      if (found.length > 1) shared.add(alert);
    }
  }
  const external = externalLabels(makers);
  return [
    ...(held ?? []).map((alert) => delivered(alert, makers.get(alert) ?? [], shared.has(alert))),
    ...alone.flatMap((each) => undelivered(each, { external, isLookedFor: held !== null, now })),
  ];
}

/** Finds the alerts of Alertmanager that have these labels. An index per set of names: there may be ten thousand of each. */
function finder(held: readonly Alert[]): (labels: Labels) => readonly Alert[] {
  const known = new Set(held.flatMap(({ labels }) => Object.keys(labels)));
  const indexes = new Map<string, Map<string, Alert[]>>();
  return (labels) => {
    const names = Object.keys(labels)
      .filter((name) => known.has(name))
      .sort();
    if (!names.includes('alertname')) return [];
    const signature = JSON.stringify(names);
    let index = indexes.get(signature);
    if (index === undefined) {
      index = Map.groupBy(held, (alert) => valuesOf(alert.labels, names));
      indexes.set(signature, index);
    }
    return index.get(valuesOf(labels, names)) ?? [];
  };
}

function valuesOf(labels: Labels, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => labels[name] ?? null));
}

function delivered(alert: Alert, makers: readonly Ruled[], isShared: boolean): AlertInstance {
  const [maker, ...others] = makers;
  const fired = maker === undefined || isShared ? null : firesAt(maker);
  return {
    name: alert.labels.alertname ?? '',
    severity: alert.labels.severity ?? null,
    state: 'firing',
    labels: alert.labels,
    annotations: alert.annotations,
    // A restart of Prometheus begins `startsAt` anew.
    since: fired !== null && fired < alert.startsAt ? fired : alert.startsAt,
    firesAt: null,
    value: others.length > 0 || isShared ? null : (maker?.alert.value ?? null),
    rule: maker?.rule ?? null,
    fingerprint: alert.fingerprint,
    silencedBy: alert.silencedBy,
    inhibitedBy: alert.inhibitedBy,
    mutedBy: alert.mutedBy,
    isUndelivered: false,
    receivers: alert.receivers,
    generatorUrl: alert.generatorUrl,
  };
}

/** The labels that all alerts of ours have at Alertmanager only, with the same value: those that Prometheus sends along. */
function externalLabels(makers: ReadonlyMap<Alert, readonly Ruled[]>): Labels {
  const added = [...makers].map(([alert, ruled]) =>
    Object.entries(alert.labels).filter(([name]) => ruled.every(({ alert: own }) => !(name in own.labels))),
  );
  const counts = new Map<string, number>();
  for (const pair of added.flat()) counts.set(JSON.stringify(pair), (counts.get(JSON.stringify(pair)) ?? 0) + 1);
  return Object.fromEntries((added[0] ?? []).filter((pair) => counts.get(JSON.stringify(pair)) === added.length));
}

function undelivered(
  ruled: Ruled,
  { external, isLookedFor, now }: { external: Labels; isLookedFor: boolean; now: Date },
): AlertInstance[] {
  const { rule, alert } = ruled;
  const { state, labels, annotations, activeAt, value } = alert;
  if (state !== 'firing' && state !== 'pending') return [];
  const isFiring = state === 'firing';
  const fires = firesAt(ruled);
  const isOld = fires !== null && now.getTime() - fires.getTime() > ON_ITS_WAY_MS;
  return [
    {
      name: labels.alertname ?? rule.name,
      severity: labels.severity ?? null,
      state,
      labels: { ...external, ...labels },
      annotations,
      since: isFiring ? fires : activeAt,
      firesAt: isFiring ? null : fires,
      value,
      rule,
      fingerprint: null,
      silencedBy: [],
      inhibitedBy: [],
      mutedBy: [],
      isUndelivered: isLookedFor && isFiring && isOld,
      receivers: [],
      generatorUrl: null,
    },
  ];
}

/** When its expression has held for as long as the rule wants. */
function firesAt({ rule, alert }: Ruled): Date | null {
  return alert.activeAt === null ? null : new Date(alert.activeAt.getTime() + rule.forSeconds * 1000);
}
