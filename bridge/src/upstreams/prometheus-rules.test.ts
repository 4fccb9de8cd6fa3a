import fc from 'fast-check';
import { expect, it } from 'vitest';
import { prometheusRecording } from '../../test/canned-server.ts';
import { parseRules } from './prometheus-rules.ts';

it('reads what a real Prometheus says, with the alerts of each rule', () => {
  const [group] = parseRules(prometheusRecording('rules').body.data) ?? [];
  expect(group).toMatchObject({ name: 'g', file: 'r.yml', intervalSeconds: 1 });
  const summaries = group?.rules.map((rule) =>
    rule.type === 'alerting' ? [rule.name, rule.state, rule.forSeconds, rule.alerts.length] : [rule.name, rule.expr],
  );
  expect(summaries).toEqual([
    ['job:up:sum', 'sum by (job) (up)'],
    ['Down', 'firing', 0, 1],
    ['Slow', 'pending', 3600, 2],
    ['Bad', 'firing', 0, 2],
  ]);
  const [, down] = group?.rules ?? [];
  expect(down).toMatchObject({
    labels: { severity: 'critical' },
    annotations: { summary: 'x {{ $labels.job }}' },
    health: 'ok',
    lastError: null,
    alerts: [
      {
        labels: { alertname: 'Down', instance: '127.0.0.1:1', job: 'gone', severity: 'critical' },
        annotations: { summary: 'x gone' },
        state: 'firing',
        activeAt: expect.any(Date),
        value: 0,
      },
    ],
  });
});

it('takes what others leave out or write as null, and words it does not know', () => {
  const alert = { labels: { a: '1' }, annotations: null, state: 'muted', activeAt: '0001-01-01T00:00:00Z', value: '' };
  const rules = [
    {
      type: 'alerting',
      name: 'a',
      query: 'up',
      state: 'noData',
      health: 'nodata',
      lastError: 'no data',
      alerts: [alert],
    },
    { type: 'recording', name: 'b', query: 'up', labels: null },
  ];
  const [group, empty] =
    parseRules({
      groups: [
        { name: 'g', file: 'x', rules },
        { name: 'h', file: 'x', rules: null },
      ],
    }) ?? [];
  expect(group?.rules).toEqual([
    {
      type: 'alerting',
      name: 'a',
      expr: 'up',
      labels: {},
      annotations: {},
      state: 'noData',
      health: 'nodata',
      lastError: 'no data',
      lastEvaluation: null,
      forSeconds: 0,
      alerts: [{ labels: { a: '1' }, annotations: {}, state: 'muted', activeAt: null, value: null }],
    },
    { type: 'recording', name: 'b', expr: 'up', labels: {}, health: 'unknown', lastError: null, lastEvaluation: null },
  ]);
  expect(empty?.rules).toEqual([]);
});

it('is in the same order whatever order it came in', () => {
  const alerts = ['c', 'a', 'b'].map((pod) => ({ labels: { pod, z: '1' }, state: 'firing', value: '1' }));
  const group = (file: string, name: string) => ({
    file,
    name,
    rules: [{ type: 'alerting', name: 'x', query: 'up', alerts }],
  });
  const groups = [group('b', 'y'), group('b', 'x'), group('a', 'z')];
  fc.assert(
    fc.property(
      fc.shuffledSubarray(groups, { minLength: 3 }),
      fc.shuffledSubarray(alerts, { minLength: 3 }),
      (some, others) => {
        const read = parseRules({
          groups: some.map((each) => ({ ...each, rules: [{ ...each.rules[0], alerts: others }] })),
        });
        expect(read).toEqual(parseRules({ groups }));
      },
    ),
  );
});

it.each([null, 'text', {}, { groups: 'none' }, { groups: [{ name: 1 }] }, { groups: [{ name: 'g', rules: [{}] }] }])(
  'is never made up from %j',
  (data) => {
    const read = parseRules(data);
    expect(read === null || read.length === 0).toBe(true);
  },
);
