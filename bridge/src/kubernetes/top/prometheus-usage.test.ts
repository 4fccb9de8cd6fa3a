import { describe, expect, it } from 'vitest';
import { type Canned, cannedPrometheus } from '../../../test/canned-prometheus.ts';
import { ToolError } from '../../errors.ts';
import { nodesByPrometheus, podsByPrometheus } from './prometheus-usage.ts';

const now = new Date('2026-11-22T13:02:11Z');

function moment(answers: Readonly<Record<string, Canned>>) {
  const prometheus = cannedPrometheus(answers);
  return { prometheus, now, signal: new AbortController().signal };
}

const of = (pod: string, container: string) => ({ namespace: 'shop', pod, container });

describe('pods by Prometheus', () => {
  it('are put together of the series of their containers', async () => {
    const found = await podsByPrometheus(
      moment({
        container_cpu_usage: [
          [of('cart', 'app'), 0.5],
          [of('cart', 'envoy'), 0.1],
        ],
        container_memory: [
          [of('cart', 'envoy'), 1000],
          [of('cart', 'app'), 5000],
        ],
      }),
      undefined,
    );
    expect(found).toMatchObject({ source: 'prometheus (cAdvisor)', asOf: now, window: 'CPU over 5m' });
    expect(found.items).toEqual([
      {
        namespace: 'shop',
        name: 'cart',
        containers: [
          { name: 'app', cpu: 0.5, memory: 5000 },
          { name: 'envoy', cpu: 0.1, memory: 1000 },
        ],
      },
    ]);
  });

  it('are without what ended within the window of the rate', async () => {
    const { items } = await podsByPrometheus(
      moment({
        container_cpu_usage: [
          [of('cart', 'app'), 0.5],
          [of('cart', 'migrate'), 3],
          [of('gone', 'app'), 2],
        ],
        container_memory: [[of('cart', 'app'), 5000]],
      }),
      undefined,
    );
    expect(items.map(({ name, containers }) => [name, containers.map((each) => each.name)])).toEqual([
      ['cart', ['app']],
    ]);
  });

  it('know CPU alone where memory is not scraped, and no number where the sample is none', async () => {
    const { items } = await podsByPrometheus(
      moment({
        container_cpu_usage: [
          [of('a', 'app'), 0.5],
          [of('b', 'app'), Number.NaN],
        ],
      }),
      'shop',
    );
    expect(items.map(({ containers }) => containers[0])).toEqual([
      { name: 'app', cpu: 0.5, memory: null },
      { name: 'app', cpu: null, memory: null },
    ]);
  });

  it('are asked for in one namespace only where one was named', async () => {
    const at = moment({});
    await podsByPrometheus(at, 'shop');
    expect(at.prometheus.asked).toHaveLength(2);
    for (const expr of at.prometheus.asked) expect(expr).toContain(',namespace="shop"}');
  });

  it('are an error with a way out where nothing at all is scraped', async () => {
    await expect(podsByPrometheus(moment({}), undefined)).rejects.toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('/metrics/cadvisor'),
    });
  });
});

describe('nodes by Prometheus', () => {
  it.each([
    [{ node: 'node-1', instance: '10.0.0.1:10250' }, ['node-1', '10.0.0.1']],
    [{ kubernetes_io_hostname: 'node-1', instance: 'node-1' }, ['node-1', 'node-1']],
    [{ instance: '[fd00::1]:9100' }, ['fd00::1']],
  ])('labelled %j may be called %j', async (labels, names) => {
    const { items } = await nodesByPrometheus(moment({ 'id="/"': [[labels, 2]] }));
    expect(items).toEqual([{ names, used: { cpu: 2, memory: 2 } }]);
  });

  it('come of node_exporter where the root cgroup is not scraped, and that is said', async () => {
    const found = await nodesByPrometheus(
      moment({
        node_cpu_seconds_total: [[{ instance: '10.0.0.1:9100' }, 3]],
        node_memory_MemTotal_bytes: [[{ instance: '10.0.0.1:9100' }, 2e9]],
      }),
    );
    expect(found.source).toBe('prometheus (node_exporter)');
    expect(found.items).toEqual([{ names: ['10.0.0.1'], used: { cpu: 3, memory: 2e9 } }]);
  });

  it('fail as Prometheus does', async () => {
    const failure = new ToolError('timeout', 'too slow');
    await expect(nodesByPrometheus(moment({ 'id="/"': failure }))).rejects.toBe(failure);
    await expect(nodesByPrometheus(moment({}))).rejects.toMatchObject({ code: 'not_found' });
  });
});
