import { expect, it } from 'vitest';
import { type Canned, cannedPrometheus } from '../../../test/canned-prometheus.ts';
import { ToolError } from '../../errors.ts';
import { type OomEvidence, troubleOf } from './trouble.ts';

const now = new Date('2026-11-22T13:02:11Z');

async function trouble(answers: Readonly<Record<string, Canned>>, evidence: OomEvidence = 'last hour') {
  const prometheus = cannedPrometheus(answers);
  const found = await troubleOf({ prometheus, now, signal: new AbortController().signal }, 'shop', evidence);
  return { ...found, asked: prometheus.asked };
}

const cart = { namespace: 'shop', pod: 'cart' };
const idle = { namespace: 'shop', pod: 'idle' };

it('knows throttling of pods that had CPU periods only', async () => {
  const found = await trouble({
    cfs_throttled: [
      [cart, 0.62],
      [idle, Number.NaN],
    ],
  });
  expect([...(found.throttled ?? [])]).toEqual([['shop/cart', 0.62]]);
  expect(found.notes).toEqual(['throttling by prometheus: share of CPU periods over 5m']);
});

it('says where throttling is not known, and never that there is none', async () => {
  expect(await trouble({})).toMatchObject({
    throttled: null,
    notes: ['throttling not known: prometheus has no container_cpu_cfs_periods_total here'],
  });
  const without = await troubleOf(
    { prometheus: null, now, signal: new AbortController().signal },
    undefined,
    'last hour',
  );
  expect(without).toMatchObject({ throttled: null, notes: ['throttling not known: no Prometheus'] });
});

it('keeps what it got when the rest failed', async () => {
  const down = new ToolError('timeout', 'prometheus: no answer within 20s');
  const found = await trouble({ cfs_throttled: down, oom_events: [[cart, 1]] });
  expect([...found.oomKilled]).toEqual(['shop/cart']);
  expect(found.notes).toEqual([
    'throttling not known: prometheus: no answer within 20s',
    'OOM kills: those that prometheus saw are counted too',
  ]);
});

it.each([
  ['last hour', 'increase(container_oom_events_total{container!="",namespace="shop"}[1h])'],
  ['last end', 'kube_pod_container_status_last_terminated_reason{reason="OOMKilled",container!="",namespace="shop"}'],
] as const)('finds OOM kills of the %s', async (evidence, expr) => {
  const { asked } = await trouble({}, evidence);
  expect(asked.join('\n')).toContain(expr);
});

it('throws what is no failure of Prometheus', async () => {
  const prometheus = { ...cannedPrometheus({}), query: () => Promise.reject(new TypeError('a bug')) };
  await expect(
    troubleOf({ prometheus, now, signal: new AbortController().signal }, undefined, 'last hour'),
  ).rejects.toThrow('a bug');
});
