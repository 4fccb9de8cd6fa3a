import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../upstreams/alertmanager.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';
import type { RuleAlert } from '../upstreams/prometheus-rules.ts';
import type { PlacedRule } from './alert-instance.ts';
import { joinAlerts } from './join-alerts.ts';

const NOW = new Date('2026-11-22T13:00:00Z');
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

function held(labels: Labels, minutes = 10): Alert {
  return {
    fingerprint: JSON.stringify(labels),
    labels,
    annotations: {},
    startsAt: ago(minutes),
    updatedAt: NOW,
    endsAt: ago(-4),
    state: 'active',
    silencedBy: [],
    inhibitedBy: [],
    mutedBy: [],
    receivers: ['team'],
    generatorUrl: null,
  };
}

function rule(name: string, alerts: readonly Partial<RuleAlert>[]): PlacedRule {
  return {
    type: 'alerting',
    name,
    expr: 'up == 0',
    labels: {},
    annotations: {},
    health: 'ok',
    lastError: null,
    lastEvaluation: NOW,
    state: 'firing',
    forSeconds: 300,
    group: 'g',
    file: 'f',
    alerts: alerts.map((alert) => ({
      annotations: {},
      state: 'firing',
      activeAt: ago(20),
      value: 1,
      ...alert,
      labels: { alertname: name, ...alert.labels },
    })),
  };
}

describe('joinAlerts', () => {
  it('has an alert of both once, with the labels of Alertmanager and the value of Prometheus', () => {
    const [only, ...others] = joinAlerts(
      [rule('Down', [{ labels: { pod: 'a' }, value: 7 }])],
      [held({ alertname: 'Down', pod: 'a', cluster: 'prod' })],
      NOW,
    );
    expect(others).toEqual([]);
    expect(only).toMatchObject({ value: 7, labels: { cluster: 'prod' }, isUndelivered: false, receivers: ['team'] });
  });

  it('takes the earlier beginning: a restart of Prometheus begins anew at Alertmanager', () => {
    const [restarted] = joinAlerts([rule('Down', [{}])], [held({ alertname: 'Down' }, 2)], NOW);
    expect(restarted?.since).toEqual(ago(15));
    const [flapped] = joinAlerts([rule('Down', [{ activeAt: ago(6) }])], [held({ alertname: 'Down' }, 10)], NOW);
    expect(flapped?.since).toEqual(ago(10));
  });

  it('knows alerts again whose labels were dropped on the way', () => {
    const alerts = joinAlerts(
      [rule('Down', [{ labels: { pod: 'a', replica: '0' } }, { labels: { pod: 'b', replica: '0' } }])],
      [held({ alertname: 'Down', pod: 'a' })],
      NOW,
    );
    expect(alerts.map(({ labels, isUndelivered }) => [labels.pod, isUndelivered])).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });

  it('gives no alert a value that may be of another', () => {
    const clusters = [held({ alertname: 'Down', cluster: 'a' }), held({ alertname: 'Down', cluster: 'b' }, 3)];
    const alerts = joinAlerts([rule('Down', [{ value: 7, activeAt: ago(60) }])], clusters, NOW);
    expect(alerts.map(({ value, since }) => [value, since])).toEqual([
      [null, ago(10)],
      [null, ago(3)],
    ]);
    const dropped = [
      rule('Down', [
        { labels: { pod: 'a' }, value: 7 },
        { labels: { pod: 'b' }, value: 8 },
      ]),
    ];
    expect(joinAlerts(dropped, [held({ alertname: 'Down' })], NOW).map(({ value }) => value)).toEqual([null]);
  });

  it('does not call undelivered what began a moment ago, is pending, or was not looked for', () => {
    const young = rule('Young', [{ activeAt: ago(5.5) }]);
    const old = rule('Old', [{}]);
    const pending = rule('Pending', [{ state: 'pending', activeAt: ago(20) }]);
    const lost = (alerts: ReturnType<typeof joinAlerts>) =>
      alerts.flatMap(({ name, isUndelivered }) => (isUndelivered ? [name] : []));
    expect(lost(joinAlerts([young, old, pending], [], NOW))).toEqual(['Old']);
    expect(lost(joinAlerts([young, old, pending], null, NOW))).toEqual([]);
  });

  it('says when a pending one will fire, and gives it the labels that Prometheus sends along', () => {
    const pending = rule('Pending', [{ state: 'pending', activeAt: ago(2) }]);
    const others = ['a', 'b'].map((pod) => held({ alertname: 'Down', pod, cluster: 'prod', shard: pod }));
    const down = rule('Down', [{ labels: { pod: 'a' } }, { labels: { pod: 'b' } }]);
    const found = joinAlerts([down, pending], others, NOW).find(({ state }) => state === 'pending');
    expect(found).toMatchObject({ firesAt: ago(-3), labels: { alertname: 'Pending', cluster: 'prod' } });
    expect(found?.labels).not.toHaveProperty('shard');
  });

  it('has every alert of Alertmanager once and every other of Prometheus once, whatever their labels', () => {
    const labels = fc.dictionary(fc.constantFrom('a', 'b', 'alertname'), fc.constantFrom('1', '2'));
    fc.assert(
      fc.property(
        fc.uniqueArray(labels, { selector: (each) => JSON.stringify(each) }),
        fc.array(labels),
        (there, here) => {
          const alerts = there.map((each) => held(each));
          const joined = joinAlerts(
            [
              rule(
                'A',
                here.map((each) => ({ labels: each })),
              ),
            ],
            alerts,
            NOW,
          );
          const fingerprints = joined.flatMap(({ fingerprint }) => (fingerprint === null ? [] : [fingerprint]));
          expect(fingerprints).toEqual(alerts.map(({ fingerprint }) => fingerprint));
          expect(joined.length - fingerprints.length).toBeLessThanOrEqual(here.length);
        },
      ),
    );
  });

  it('joins ten thousand alerts with ten thousand', () => {
    const all = Array.from({ length: 10_000 }, (_, index) => ({ pod: `p${index}` }));
    const joined = joinAlerts(
      [
        rule(
          'Down',
          all.map((labels) => ({ labels })),
        ),
      ],
      all.map((labels) => held({ alertname: 'Down', ...labels, cluster: 'prod' })),
      NOW,
    );
    expect(joined).toHaveLength(10_000);
    expect(joined.every(({ value }) => value === 1)).toBe(true);
  });
});
