import { ToolError } from '../errors.ts';
import type { ToolContext } from '../tool.ts';
import type { Silence } from '../upstreams/alertmanager.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import type { RuleGroup } from '../upstreams/prometheus-rules.ts';
import type { AlertInstance, PlacedRule } from './alert-instance.ts';
import { joinAlerts } from './join-alerts.ts';

/** All that Prometheus and Alertmanager say of alerts. Null is what could not be looked at; `notes` say why. */
export interface AlertsRead {
  /** Who answered. */
  source: string;
  alerts: readonly AlertInstance[];
  groups: readonly RuleGroup[] | null;
  rules: readonly PlacedRule[] | null;
  /** Why `rules` is null. */
  rulesMissing: ToolError | null;
  silences: readonly Silence[] | null;
  notes: readonly string[];
}

/**
 * Asks both at once; one that is not configured or fails costs its part only.
 * @throws {ToolError} `not_configured` where the bridge has neither; the failure where nobody answered
 */
export async function readAlerts({
  upstreams,
  signal,
  now,
}: Pick<ToolContext, 'upstreams' | 'signal' | 'now'>): Promise<AlertsRead> {
  const { prometheus, alertmanager } = upstreams;
  if (prometheus === null && alertmanager === null)
    throw new ToolError('not_configured', 'this bridge has neither Alertmanager nor Prometheus', {
      hint: 'The operator sets TELEMCP_ALERTMANAGER_URL, TELEMCP_PROMETHEUS_URL, or both.',
    });
  const [ruled, held, silenced] = await Promise.all([
    prometheus === null ? null : attempt(prometheus.rules({}, signal)),
    alertmanager === null ? null : attempt(alertmanager.alerts({}, signal)),
    alertmanager === null ? null : attempt(alertmanager.silences({}, signal)),
  ]);
  const groups = given(ruled);
  const alerts = given(held);
  const rulesMissing = groups === null ? (ruled?.failure ?? withoutRules(prometheus)) : null;
  if (groups === null && alerts === null) throw nobodyAnswered([rulesMissing, held?.failure ?? null]);
  const rules = groups?.flatMap(placedRules) ?? null;
  const silences = given(silenced);
  return {
    source: [
      ...(groups === null ? [] : [prometheus?.name ?? '']),
      ...(alerts === null ? [] : [alertmanager?.name ?? '']),
    ].join(' and '),
    alerts: joinAlerts(rules, alerts, now),
    groups,
    rules,
    rulesMissing,
    silences,
    notes: [
      ...(rulesMissing === null ? [] : [`not known: ${OF_PROMETHEUS}; ${rulesMissing.message}`]),
      ...(groups?.length === 0 && prometheus !== null ? [await noRules(prometheus, signal)] : []),
      ...(held === null ? [`not known: ${OF_ALERTMANAGER}; this bridge has no Alertmanager`] : []),
      ...(held?.failure == null ? [] : [`not known: ${OF_ALERTMANAGER}; ${held.failure.message}`]),
      ...(alerts === null || silenced?.failure == null
        ? []
        : [`who silences until when is not known: ${silenced.failure.message}`]),
    ],
  };
}

const OF_PROMETHEUS = 'pending alerts, values and whether rules are well';
const OF_ALERTMANAGER = 'what is silenced or inhibited, and whether alerts are delivered';

interface Attempt<T> {
  value: T | null;
  failure: ToolError | null;
}

async function attempt<T>(asked: Promise<T | null>): Promise<Attempt<T>> {
  try {
    return { value: await asked, failure: null };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { value: null, failure: error };
  }
}

function given<T>(tried: Attempt<T> | null): T | null {
  return tried?.value ?? null;
}

function placedRules({ name, file, rules }: RuleGroup): PlacedRule[] {
  return rules.flatMap((rule) => (rule.type === 'alerting' ? [{ ...rule, group: name, file }] : []));
}

function withoutRules(prometheus: Prometheus | null): ToolError {
  const hint = 'The operator sets TELEMCP_PROMETHEUS_URL to a server that evaluates rules.';
  return prometheus === null
    ? new ToolError('not_configured', 'this bridge has no Prometheus', { hint })
    : new ToolError('not_configured', `${prometheus.address} serves no rules`, { upstream: prometheus.name, hint });
}

/** What it means that a server serves its rules and has none. */
async function noRules(prometheus: Prometheus, signal: AbortSignal): Promise<string> {
  const { value } = await attempt(prometheus.buildInfo(signal));
  return value?.product === 'VictoriaMetrics'
    ? `${prometheus.address} passes on no rules: those of vmalert are seen where -vmalert.proxyURL is set`
    : `${prometheus.address} has no rules: nothing there can fire`;
}

function nobodyAnswered(failures: readonly (ToolError | null)[]): ToolError {
  const told = failures.filter((failure) => failure !== null);
  // Of one that is down and one that is not configured, the first is what is wrong.
  const first = told.find(({ code }) => code !== 'not_configured') ?? told[0];
  return new ToolError(first?.code ?? 'not_configured', told.map(({ message }) => message).join('; '), {
    upstream: first?.upstream ?? null,
    hint: first?.hint ?? null,
    cause: first,
  });
}
