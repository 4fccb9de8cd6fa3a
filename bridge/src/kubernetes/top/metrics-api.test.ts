import { afterEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../test/kubernetes/api-server.ts';
import { newCluster } from '../../../test/kubernetes/cluster.ts';
import { object } from '../../../test/kubernetes/cluster-objects.ts';
import { kubernetesOf } from '../../../test/kubernetes/connect.ts';
import { nodeMetrics, podMetrics } from '../../../test/kubernetes/custom-objects.ts';
import { SEED_NOW } from '../../../test/kubernetes/seed-time.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';
import type { JsonObject } from '../json.ts';
import { nodesByMetricsApi, podsByMetricsApi } from './metrics-api.ts';

const { signal } = new AbortController();
let server: ApiServer | null = null;
let kubernetes: Kubernetes | null = null;
afterEach(async () => {
  await kubernetes?.close();
  await server?.close();
});

async function serving(...objects: readonly JsonObject[]): Promise<Kubernetes> {
  server = await startApiServer(newCluster().add(...objects), { metrics: true });
  kubernetes = kubernetesOf(server);
  return kubernetes;
}

const secondsAgo = (time: Date | null) => (SEED_NOW.getTime() - (time?.getTime() ?? 0)) / 1000;
const usage = { cpu: '12345678n', memory: '40Mi' };

describe('the metrics API', () => {
  it('says what each container uses, when, and over how long', async () => {
    const found = await podsByMetricsApi(
      await serving(
        podMetrics({ namespace: 'shop', name: 'cart-0', containers: { app: usage }, at: '50s', window: '1m0s' }),
        podMetrics({ namespace: 'shop', name: 'cart-1', containers: {}, at: '12s', window: '14.925s' }),
        podMetrics({ namespace: 'batch', name: 'report-0', containers: { app: usage } }),
      ),
      'shop',
      signal,
    );
    expect(found.items).toEqual([
      { namespace: 'shop', name: 'cart-0', containers: [{ name: 'app', cpu: 0.012345678, memory: 40 * 2 ** 20 }] },
      { namespace: 'shop', name: 'cart-1', containers: [] },
    ]);
    expect(found.window).toBe('CPU over 14s to 1m, samples up to 38s older');
    expect(secondsAgo(found.asOf)).toBe(12);
  });

  it.each([
    ['of a node in other words', { timestamp: 'yesterday', window: 'a while', usage: { cpu: 'lots' } }],
    ['of a node in no words', {}],
  ])('takes nothing for a number or a time that is none: %s', async (_, rest) => {
    const metrics = object('metrics.k8s.io/v1beta1', 'NodeMetrics', { name: 'node-0001' }, rest);
    const found = await nodesByMetricsApi(await serving(metrics), signal);
    expect(found).toEqual({
      items: [{ names: ['node-0001'], used: { cpu: null, memory: null } }],
      source: 'metrics.k8s.io',
      asOf: null,
      window: 'window not told',
      notes: ['the samples do not say when they were taken'],
    });
  });

  it('dates an answer by the sample that is dated', async () => {
    const undated = object('metrics.k8s.io/v1beta1', 'NodeMetrics', { name: 'node-0002' }, { usage });
    const dated = nodeMetrics({ name: 'node-0001', usage, at: '30s' });
    const found = await nodesByMetricsApi(await serving(dated, undated), signal);
    expect(secondsAgo(found.asOf)).toBe(30);
    expect(found.notes).toEqual([]);
  });
});
