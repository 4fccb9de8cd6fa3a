import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { Alertmanager } from '../src/upstreams/alertmanager.ts';
import { createAlertmanager } from '../src/upstreams/alertmanager-client.ts';
import { createPrometheus, type Prometheus } from '../src/upstreams/prometheus.ts';
import type { Labels } from '../src/upstreams/prometheus-result.ts';
import { type Asked, cannedServer, type Reply } from './canned-server.ts';
import { GOLDEN_NOW } from './fake-agent.ts';

/** An alert as both servers are to tell of it. */
export interface CannedAlert {
  name: string;
  severity?: string;
  labels?: Labels;
  annotations?: Labels;
  state?: 'firing' | 'pending';
  /** For how many minutes its expression holds. */
  minutes?: number;
  /** For how many minutes it must hold, by its rule. */
  forMinutes?: number;
  value?: number | string;
  /** Only there. */
  at?: 'prometheus' | 'alertmanager';
  silencedBy?: readonly string[];
  inhibitedBy?: readonly string[];
  mutedBy?: readonly string[];
}

/** A rule without alerts. */
export interface CannedRule {
  name: string;
  severity?: string;
  expr?: string;
  health?: string;
  lastError?: string;
  recording?: true;
  /** How many minutes ago its group was evaluated. */
  evaluated?: number;
  annotations?: Labels;
}

export interface CannedSilence {
  id: string;
  by: string;
  comment?: string;
  matchers?: readonly string[];
  /** In how many minutes it ends; below zero for one that has. */
  minutesLeft: number;
  state?: 'active' | 'pending' | 'expired';
}

export interface CannedAlerting {
  alerts?: readonly CannedAlert[];
  rules?: readonly CannedRule[];
  silences?: readonly CannedSilence[];
  /** Labels that Prometheus sends along. */
  external?: Labels;
  /** Other answers by path. */
  replies?: Readonly<Record<string, Reply>>;
}

const at = (minutes: number) => new Date(GOLDEN_NOW.getTime() + minutes * 60_000).toISOString();

const labelsOf = ({ name, severity, labels }: CannedAlert): Labels => ({
  alertname: name,
  ...(severity === undefined ? {} : { severity }),
  ...labels,
});

/** The name that an alert has in `inhibitedBy`. */
export const fingerprint = (alert: CannedAlert) =>
  createHash('sha256')
    .update(JSON.stringify(labelsOf(alert)))
    .digest('hex')
    .slice(0, 16);

/** A Prometheus and an Alertmanager that tell of these alerts over HTTP, closed when the test is finished. */
export async function cannedAlerting(
  of: CannedAlerting,
): Promise<{ prometheus: Prometheus; alertmanager: Alertmanager; seen: readonly Asked[] }> {
  const { url, seen } = await cannedServer(({ path }) => {
    const reply = of.replies?.[path];
    if (reply !== undefined) return reply;
    if (path === '/api/v1/rules') return { body: { status: 'success', data: { groups: ruleGroups(of) } } };
    if (path === '/api/v2/alerts') return { body: alertmanagerAlerts(of) };
    if (path === '/api/v2/silences') return { body: silencesOf(of) };
    if (path === '/api/v2/status')
      return { body: { cluster: { status: 'ready' }, versionInfo: { version: '0.25.0' }, uptime: at(-9000) } };
    return { status: 404, body: { status: 'error', error: 'not here' } };
  });
  const prometheus = createPrometheus({ url, timeoutMs: 1000 });
  const alertmanager = createAlertmanager({ url, timeoutMs: 1000 });
  onTestFinished(async () => {
    await Promise.all([prometheus.close(), alertmanager.close()]);
  });
  return { prometheus, alertmanager, seen };
}

function ruleGroups({ alerts = [], rules = [] }: CannedAlerting): unknown[] {
  const own = alerts.filter((alert) => alert.at !== 'alertmanager');
  const byRule = Map.groupBy(own, ({ name, severity }) => `${name} ${severity}`);
  const firing = [...byRule.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [ruleOf([first, ...others])],
  );
  return [
    { name: 'shop.rules', file: '/etc/prometheus/shop.yml', interval: 30, rules: firing },
    ...rules.map(
      ({ name, severity, expr = 'up == 0', health = 'ok', lastError, recording, evaluated = 0.2, annotations }) => ({
        name: `${name}.group`,
        file: '/etc/prometheus/more.yml',
        interval: 30,
        rules: [
          {
            type: recording === true ? 'recording' : 'alerting',
            name,
            query: expr,
            duration: 300,
            labels: severity === undefined ? {} : { severity },
            annotations,
            state: 'inactive',
            alerts: [],
            health,
            lastError,
            lastEvaluation: at(-evaluated),
          },
        ],
      }),
    ),
  ];
}

function ruleOf(alerts: readonly [CannedAlert, ...CannedAlert[]]): unknown {
  const [{ name, severity, forMinutes = 5, annotations }] = alerts;
  return {
    type: 'alerting',
    name,
    query: name === 'Watchdog' ? 'vector(1)' : `rate(${name}_total{env="prod"}[5m]) > 0.1`,
    duration: forMinutes * 60,
    labels: severity === undefined ? {} : { severity },
    annotations,
    state: alerts.some(({ state }) => state !== 'pending') ? 'firing' : 'pending',
    health: 'ok',
    lastEvaluation: at(-0.2),
    alerts: alerts.map((alert) => ({
      labels: labelsOf(alert),
      annotations: alert.annotations ?? {},
      state: alert.state ?? 'firing',
      activeAt: at(-(alert.minutes ?? 60) - forMinutes),
      value: String(alert.value ?? '1e+00'),
    })),
  };
}

function alertmanagerAlerts({ alerts = [], external }: CannedAlerting): unknown[] {
  return alerts
    .filter((alert) => alert.at !== 'prometheus' && alert.state !== 'pending')
    .map((alert) => {
      const { silencedBy = [], inhibitedBy = [], mutedBy = [] } = alert;
      const isHeld = silencedBy.length + inhibitedBy.length + mutedBy.length > 0;
      return {
        fingerprint: fingerprint(alert),
        labels: { ...labelsOf(alert), ...external },
        annotations: alert.annotations ?? {},
        startsAt: at(-(alert.minutes ?? 60)),
        updatedAt: at(-0.5),
        endsAt: at(3.5),
        generatorURL: `http://prometheus.example/graph?g0.expr=${alert.name}`,
        receivers: [{ name: 'on-call' }],
        status: { state: isHeld ? 'suppressed' : 'active', silencedBy, inhibitedBy, mutedBy },
      };
    });
}

function silencesOf({ silences = [] }: CannedAlerting): unknown[] {
  return silences.map(({ id, by, comment = '', matchers = ['alertname=X'], minutesLeft, state = 'active' }) => ({
    id,
    createdBy: by,
    comment,
    matchers: matchers.map((text) => {
      const [, name, operator = '', value] = /^(\w+)(=~|!~|!=|=)(.*)$/.exec(text) ?? [];
      return { name, value, isRegex: operator.includes('~'), isEqual: !operator.startsWith('!') };
    }),
    startsAt: at(state === 'pending' ? minutesLeft - 30 : -600),
    endsAt: at(minutesLeft),
    updatedAt: at(-600),
    status: { state },
  }));
}
