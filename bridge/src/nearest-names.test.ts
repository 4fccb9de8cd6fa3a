import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestNames } from './nearest-names.ts';

const METRICS = [
  'up',
  'node_cpu_seconds_total',
  'node_cpu_guest_seconds_total',
  'node_memory_MemAvailable_bytes',
  'node_memory_MemTotal_bytes',
  'container_cpu_usage_seconds_total',
  'http_requests_total',
  'http_request_duration_seconds_bucket',
  'kube_pod_info',
];

describe('the nearest names', () => {
  it.each<[string, string[]]>([
    ['node_cpu_secons_total', ['node_cpu_seconds_total']],
    ['node_memory_memavailable_bytes', ['node_memory_MemAvailable_bytes']],
    ['http_request_total', ['http_requests_total']],
    ['pod_info', ['kube_pod_info']],
    ['upp', ['up']],
    ['entirely_different', []],
    ['', []],
  ])('to %j begin with %j', (wanted, expected) => {
    const near = nearestNames(wanted, METRICS, 5);
    expect(near.slice(0, Math.max(1, expected.length))).toEqual(expected);
  });

  it('are found by their words when nothing is spelled alike', () => {
    expect(nearestNames('cpu_usage_node_seconds', METRICS, 3)).toEqual([
      'node_cpu_seconds_total',
      'node_cpu_guest_seconds_total',
      'container_cpu_usage_seconds_total',
    ]);
  });

  it('are never more than asked for, and never the name itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), fc.integer({ min: 0, max: 5 }), (wanted, names, most) => {
        const near = nearestNames(wanted, names, most);
        expect(near.length).toBeLessThanOrEqual(most);
        expect(near).not.toContain(wanted);
      }),
    );
  });

  it('of 20,000 are found without a stop of the process', () => {
    const names = Array.from(
      { length: 20_000 },
      (_, index) => `some_exporter_${index}_requests_duration_seconds_total`,
    );
    const start = performance.now();
    expect(nearestNames('some_exporter_777_request_duration_seconds_total', names, 1)).toEqual([
      'some_exporter_777_requests_duration_seconds_total',
    ]);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
