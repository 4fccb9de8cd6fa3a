import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../bridge/src/answer.ts';
import { type Rendered, renderAnswer } from '../bridge/src/render-answer.ts';
import { parseArguments } from '../bridge/src/tool-arguments.ts';
import { alertsList } from '../bridge/src/tools/alerts-list.ts';
import type { Alertmanager } from '../bridge/src/upstreams/alertmanager.ts';
import { createAlertmanager } from '../bridge/src/upstreams/alertmanager-client.ts';
import { createPrometheus, type Prometheus } from '../bridge/src/upstreams/prometheus.ts';
import { type AlertmanagerServer, alertmanagerUnavailable, startAlertmanager } from './real/alertmanager-server.ts';
import { type PrometheusServer, startPrometheus } from './real/prometheus-server.ts';

const reason = alertmanagerUnavailable();
const skip = reason !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

const vector = (value: number, label: string, of: string) =>
  `label_replace(vector(${value}), "${label}", "${of}", "", "")`;
const two = `(${vector(1, 'side', 'a')} or ${vector(1, 'side', 'b')})`;

const rule = (alert: string, severity: string, expr: string, more: Record<string, unknown> = {}) => ({
  alert,
  expr,
  labels: { severity },
  annotations: { summary: `${alert} on {{ $labels.node }}`, runbook_url: `https://wiki.example/ops/${alert}` },
  ...more,
});

const RULES = {
  groups: [
    {
      name: 'test',
      rules: [
        rule('Watchdog', 'none', 'vector(1)'),
        rule('NodeDown', 'critical', `${vector(3, 'node', 'n1')} or ${vector(4, 'node', 'n2')}`),
        rule('KubeletDown', 'warning', vector(1, 'node', 'n1')),
        rule('LedgerLag', 'warning', vector(7, 'namespace', 'payments')),
        rule('SlowBurn', 'warning', vector(0.5, 'service', 'checkout'), { for: '1h' }),
        rule('NeverSent', 'info', 'vector(2)'),
        rule('Quiet', 'warning', 'vector(0) > 1'),
        rule('Broken', 'warning', `${two} * on () ${two}`),
      ],
    },
  ],
};

describe.skipIf(skip)(`alerts.list on the real Alertmanager${reason === null ? '' : ` (${reason})`}`, () => {
  let servers: { prometheus: PrometheusServer; alertmanager: AlertmanagerServer };
  let prometheus: Prometheus;
  let alertmanager: Alertmanager;
  let silence: string;

  beforeAll(async () => {
    if (reason !== null) throw new Error(reason);
    const held = await startAlertmanager({
      inhibitRules: [
        { source_matchers: ['alertname="NodeDown"'], target_matchers: ['alertname="KubeletDown"'], equal: ['node'] },
      ],
    });
    silence = await held.silence([{ name: 'namespace', value: 'pay.*', isRegex: true }], {
      minutes: 20,
      createdBy: 'bob',
      comment: 'migration, token=hunter2-must-not-leak',
    });
    const evaluating = await startPrometheus({
      rules: JSON.stringify(RULES),
      externalLabels: { cluster: 'test' },
      alerting: {
        alertmanagers: [{ static_configs: [{ targets: [held.address] }] }],
        alert_relabel_configs: [{ source_labels: ['alertname'], regex: 'NeverSent', action: 'drop' }],
      },
    });
    servers = { prometheus: evaluating, alertmanager: held };
    prometheus = createPrometheus({ url: new URL(evaluating.url) });
    alertmanager = createAlertmanager({ url: new URL(held.url) });
    await evaluating.waitFor('count(ALERTS)', (count) => count === 7);
    await held.waitFor(
      (states) =>
        states.get('Watchdog') === 'active' &&
        states.get('NodeDown') === 'active' &&
        states.get('KubeletDown') === 'suppressed' &&
        states.get('LedgerLag') === 'suppressed',
    );
  });

  afterAll(async () => {
    await prometheus?.close();
    await alertmanager?.close();
    await servers?.prometheus.remove();
    await servers?.alertmanager.remove();
  });

  async function ask(
    args: Record<string, unknown> = {},
    { now = new Date(), without }: { now?: Date; without?: 'prometheus' | 'alertmanager' } = {},
  ): Promise<Rendered & { answer: Answer }> {
    const upstreams = { prometheus, alertmanager, ...(without === undefined ? {} : { [without]: null }) };
    const answer = await alertsList.run(alertsList.input.parse(parseArguments(alertsList, args)), {
      upstreams: { loki: null, agents: null, kubernetes: null, ...upstreams },
      signal: new AbortController().signal,
      now,
    });
    const rendered = renderAnswer(answer, {
      budget: 24_000,
      from: null,
      toolName: (name) => name,
      continueAt: () => null,
    });
    return { answer, ...rendered };
  }

  it('says what fires, what is pending, and what is held back by whom', async () => {
    const { answer, text } = await ask();
    expect(answer.summary).toBe(
      '3 firing in 2 alerts: 2 critical, 1 info; 1 pending, warning; 1 silenced, 1 inhibited, not listed',
    );
    const [table] = answer.tables;
    expect(table?.common).toEqual({ cluster: 'test' });
    expect(table?.columns).toEqual(['state', 'severity', 'alert', 'since', 'value', 'labels', 'summary']);
    const since = expect.stringMatching(/^\d+m?s$/);
    expect(table?.rows).toEqual([
      ['firing', 'critical', 'NodeDown', since, 3, 'node=n1', 'NodeDown on n1'],
      ['firing', 'critical', 'NodeDown', since, 4, 'node=n2', 'as above'],
      ['firing', 'info', 'NeverSent', since, 2, null, 'NeverSent on'],
      [
        expect.stringMatching(/^pending,fires-in-59m$/),
        'warning',
        'SlowBurn',
        since,
        0.5,
        'service=checkout',
        'SlowBurn on',
      ],
    ]);
    expect(text).toMatch(
      /\nnote: silenced 1: 1 by bob until \S+Z, ends in (19|20)m \(migration, token=\[redacted:\w+\]\)\n/,
    );
    expect(text).toContain('\nnote: inhibited 1, by NodeDown\n');
    expect(text).toContain('\nnote: not counted, fires by design: Watchdog\n');
    expect(text).toMatch(
      /\nnote: 1 rule cannot be evaluated and cannot fire: Broken: found duplicate series for the match group/,
    );
    expect(text).not.toContain('hunter2');
  });

  it('knows what was not delivered, once it should have been', async () => {
    expect((await ask()).text).not.toContain('not in Alertmanager');
    const { text } = await ask({}, { now: new Date(Date.now() + 120_000) });
    expect(text).toContain('note: 1 alert in Prometheus, but not in Alertmanager');
    expect(text).toMatch(/alert_relabel_configs\): NeverSent\n/);
    expect(text).toMatch(/note: Alertmanager started 2m ago/);
  });

  it('shows one alert with its rule and where it came from', async () => {
    const { text } = await ask({ match: 'NodeDown' });
    expect(text).toMatch(
      /\nall: state=firing severity=critical alert=NodeDown cluster=test\nsince value node\n\S+ 3 n1\n\S+ 4 n2\n/,
    );
    expect(text).toContain('\nrunbook_url https://wiki.example/ops/NodeDown\n');
    expect((await ask({ match: 'NeverSent' })).text).not.toContain('source');
    expect((await ask({ match: 'LedgerLag', silenced: true })).text).toMatch(
      /\nsource http:\S+\/graph\?g0\.expr=label_r/,
    );
    expect(text).toContain('\nreceivers nobody\n');
  });

  it('lists silences where asked for', async () => {
    const { answer } = await ask({ silenced: true });
    expect(answer.tables.find(({ name }) => name === 'silences')).toMatchObject({
      rows: [
        [expect.any(String), expect.stringMatching(/^(19|20)m$/), 1, 'namespace=~pay.*', silence, expect.any(String)],
      ],
    });
    const held = await ask({ match: 'KubeletDown', silenced: true });
    expect(held.text).toMatch(/\nsince value held\n\S+ 1 inhibited by NodeDown\n/);
  });

  it('selects by the labels that Prometheus sends along, also what is not sent', async () => {
    expect((await ask({ match: 'cluster="test"' })).answer.summary).toMatch(/^4 firing.*; 1 pending/);
    expect((await ask({ match: 'cluster="other"' })).answer.summary).toMatch(/^no alert matches/);
  });

  it('knows the rules that are quiet', async () => {
    const { answer } = await ask({ state: 'inactive' });
    expect(answer.tables[0]?.rows.map(([name]) => name).sort()).toEqual(['Broken', 'Quiet']);
  });

  it('has the same alerts from either alone, and says what it cannot know', async () => {
    const rules = await ask({}, { without: 'alertmanager' });
    expect(rules.answer.summary).toBe('5 firing in 4 alerts: 2 critical, 2 warning, 1 info; 1 pending, warning');
    expect(rules.text).toContain('note: not known: what is silenced or inhibited');
    const sent = await ask({}, { without: 'prometheus' });
    expect(sent.answer.summary).toBe('2 firing, all critical; 1 silenced, 1 inhibited, not listed');
    expect(sent.text).toContain('note: not known: pending alerts');
  });

  // Last: it takes the servers away.
  it('answers from Prometheus when Alertmanager is gone, and fails with both names when both are', async () => {
    await servers.alertmanager.stop();
    const { answer } = await ask();
    expect(answer.source).toBe('prometheus');
    expect(answer.notes?.join('\n')).toMatch(/not known: what is silenced.*: connection refused/);
    await servers.prometheus.stop();
    await expect(ask()).rejects.toMatchObject({
      code: 'unreachable',
      message: `${servers.prometheus.url}: connection refused; ${servers.alertmanager.url}: connection refused`,
    });
  });
});
