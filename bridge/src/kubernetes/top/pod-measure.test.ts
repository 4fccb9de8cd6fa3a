import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { joinPods, unmeasuredNotes } from './pod-measure.ts';
import { podResources } from './pod-resources.ts';

const NOW = new Date('2026-11-22T13:02:11Z');
const MIB = 2 ** 20;

const limited = (name: string, memory: string | null): JsonObject => ({
  name,
  resources: memory === null ? {} : { limits: { memory } },
});
const pod = (name: string, containers: JsonObject[], status: JsonObject = {}, spec: JsonObject = {}) =>
  podResources({
    metadata: { namespace: 'shop', name },
    spec: { containers, ...spec },
    status: { phase: 'Running', containerStatuses: [{ state: { running: {} } }], ...status },
  });
const usage = (name: string, containers: Record<string, number>) => ({
  namespace: 'shop',
  name,
  containers: Object.entries(containers).map(([container, memory]) => ({
    name: container,
    cpu: 0.1,
    memory: memory * MIB,
  })),
});
const only = <T>(items: readonly T[]): T => {
  expect(items).toHaveLength(1);
  return items[0]!;
};

describe('usage beside limits', () => {
  it('is that of the container nearest to its own, however large the others are', async () => {
    const pods = [pod('cart', [limited('app', '1Gi'), limited('envoy', '64Mi')])];
    const { measured } = await joinPods([usage('cart', { app: 200, envoy: 62 })], pods);
    expect(only(measured).ofLimit.memory).toEqual({ share: 62 / 64, container: 'envoy' });
    expect(only(measured).heaviest.memory).toEqual({ container: 'app', share: 200 / 262 });
  });

  it('leaves out containers without a limit, and pods without any', async () => {
    const pods = [pod('cart', [limited('app', null), limited('envoy', '100Mi')]), pod('free', [limited('app', null)])];
    const { measured } = await joinPods([usage('cart', { app: 900, envoy: 10 }), usage('free', { app: 900 })], pods);
    expect(measured.map(({ ofLimit }) => ofLimit.memory?.share ?? null)).toEqual([0.1, null]);
  });

  it('is that of the pod as a whole where that limit is nearer', async () => {
    const pods = [
      pod('cart', [limited('a', '200Mi'), limited('b', null)], {}, { resources: { limits: { memory: '100Mi' } } }),
    ];
    const { measured } = await joinPods([usage('cart', { a: 50, b: 45 })], pods);
    expect(only(measured).ofLimit.memory).toEqual({ share: 0.95, container: null });
  });

  it('stands alone where pods may not be read', async () => {
    const { measured, unmeasured, gone } = await joinPods([usage('cart', { app: 5 })], null);
    expect(only(measured)).toMatchObject({ resources: null, ofLimit: { memory: null }, used: { memory: 5 * MIB } });
    expect({ unmeasured, gone }).toEqual({ unmeasured: [], gone: 0 });
  });
});

describe('pods without samples', () => {
  it('are counted by why, with the nodes that should have known more', async () => {
    const pods = [
      pod('done', [], { phase: 'Succeeded' }),
      pod('failed', [], { phase: 'Failed' }),
      pod('waits', [], { phase: 'Pending' }),
      pod('crashing', [], { containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }] }),
      pod('young', [], { startTime: '2026-11-22T13:01:41Z' }),
      pod('silent', [], { startTime: '2026-11-22T09:00:00Z' }, { nodeName: 'node-7' }),
      pod('seen', [limited('app', null)]),
    ];
    expect(unmeasuredNotes(await joinPods([usage('seen', { app: 1 })], pods), NOW)).toEqual([
      '6 pods without samples, not shown: 2 ended, 1 pending, 1 just started, 1 with no container running, 1 running on node-7',
    ]);
  });

  it('are not made of samples of pods that ended or are gone', async () => {
    const joined = await joinPods(
      [usage('done', { app: 1 }), usage('deleted', { app: 1 })],
      [pod('done', [], { phase: 'Succeeded' })],
    );
    expect(joined.measured).toEqual([]);
    expect(unmeasuredNotes(joined, NOW)).toEqual([
      '1 pod without samples, not shown: 1 ended',
      'samples of 2 pods left out: ended or deleted since',
    ]);
  });
});
