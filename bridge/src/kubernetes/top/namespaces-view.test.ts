import { describe, expect, it } from 'vitest';
import { namespacesView, quotaUse } from './namespaces-view.ts';
import { joinPods } from './pod-measure.ts';
import { podResources } from './pod-resources.ts';
import type { Trouble } from './trouble.ts';

const MIB = 2 ** 20;
const view = { sort: 'memory', limit: 20, namespace: undefined, now: new Date('2026-11-22T13:02:11Z') } as const;
const calm: Trouble = { throttled: null, oomKilled: new Set(), evidence: 'last hour', notes: [] };

const pod = (namespace: string, name: string, memory: string | null) =>
  podResources({
    metadata: { namespace, name },
    spec: {
      containers: [
        { name: 'app', resources: memory === null ? {} : { requests: { cpu: '1', memory }, limits: { memory } } },
      ],
    },
    status: { phase: 'Running' },
  });
const usage = (namespace: string, name: string, cpu: number, mib: number) => ({
  namespace,
  name,
  containers: [{ name: 'app', cpu, memory: mib * MIB }],
});
const quota = (namespace: string, hard: Record<string, string>, used: Record<string, string>) =>
  quotaUse({ metadata: { namespace, name: 'quota' }, status: { hard, used } });

describe('a quota', () => {
  it.each([
    [
      { 'requests.cpu': '10', pods: '20' },
      { 'requests.cpu': '5', pods: '19' },
      { resource: 'pods', share: 0.95 },
    ],
    [{ 'limits.memory': '1Gi' }, { 'limits.memory': '512Mi' }, { resource: 'limits.memory', share: 0.5 }],
    [{ pods: '5' }, { pods: '6' }, { resource: 'pods', share: 1.2 }],
    [{ pods: '0' }, { pods: '0' }, undefined],
    [{ pods: '5' }, {}, undefined],
    [{ pods: 'many' }, { pods: '1' }, undefined],
  ])('of %j with %j used is nearest at %j', (hard, used, nearest) => {
    expect(quota('shop', hard, used)).toEqual(nearest === undefined ? undefined : { namespace: 'shop', ...nearest });
  });
});

describe('namespaces', () => {
  const pods = [pod('shop', 'a', '100Mi'), pod('shop', 'b', '100Mi'), pod('batch', 'c', null)];
  const samples = [usage('shop', 'a', 0.5, 95), usage('shop', 'b', 0.5, 5), usage('batch', 'c', 3, 300)];
  const shop = quota('shop', { pods: '2', 'requests.cpu': '10' }, { pods: '2', 'requests.cpu': '2' });
  const quotas = shop === undefined ? [] : [shop];

  it('are the sums of their pods, beside requests and quotas', async () => {
    const shown = namespacesView(await joinPods(samples, pods), quotas, calm, view);
    expect(shown.tables[0]?.columns.join(' ')).toBe(
      'namespace pods cpu cpuRequests cpuOfRequest% memory memoryRequests memoryOfRequest% quota% remarks',
    );
    expect(shown.tables[0]?.rows).toEqual([
      ['batch', 1, '3', null, null, '300MiB', null, null, null, null],
      ['shop', 2, '1', '2', 50, '100MiB', '200MiB', 50, 100, 'quota of pods, 1 near OOM'],
    ]);
    expect(shown.summary).toBe(
      '3 pods in 2 namespaces use 4 cores, 400MiB; 1 over 90% of their memory limit; 1 namespace over 90% of a quota',
    );
    expect(shown.next).toEqual([{ tool: 'k8s.top', arguments: { kind: 'pods', namespace: 'batch', sort: 'memory' } }]);
  });

  it.each([
    ['cpu', ['batch', 'shop']],
    ['cpuPercent', ['shop', 'batch']],
    ['memoryPercent', ['shop', 'batch']],
  ] as const)('by %s are %j, those without such a number last', async (sort, names) => {
    const shown = namespacesView(await joinPods(samples, pods), [], calm, { ...view, sort });
    expect(shown.tables[0]?.rows.map(([name]) => name)).toEqual(names);
  });

  it('count OOM kills and throttling that only Prometheus saw', async () => {
    const throttled = new Map([
      ['batch/c', 0.4],
      ['shop/a', 0.1],
    ]);
    const trouble: Trouble = { ...calm, throttled, oomKilled: new Set(['batch/c']) };
    const shown = namespacesView(await joinPods(samples, pods), [], trouble, view);
    expect(shown.tables[0]?.rows[0]?.at(-1)).toBe('1 OOM-killed within 1h, 1 throttled');
    expect(shown.tables[0]?.rows[1]?.at(-1)).toBe('1 near OOM');
  });
});
