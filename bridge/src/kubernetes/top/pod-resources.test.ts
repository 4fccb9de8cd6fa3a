import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { isOver, podResources } from './pod-resources.ts';

const container = (name: string, cpu: string | null, extra: JsonObject = {}): JsonObject => ({
  name,
  resources: cpu === null ? {} : { requests: { cpu, memory: '1Gi' }, limits: { cpu } },
  ...extra,
});
const sidecar = (name: string, cpu: string) => container(name, cpu, { restartPolicy: 'Always' });
const pod = (spec: JsonObject, status: JsonObject = {}): JsonObject => ({
  metadata: { namespace: 'shop', name: 'cart-1' },
  spec,
  status,
});
const cpuOf = (spec: JsonObject) => podResources(pod(spec)).requests.cpu;

// The rules: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
describe('what a pod asks for', () => {
  it('is the sum of its containers', () => {
    expect(cpuOf({ containers: [container('a', '250m'), container('b', '0.5'), container('c', null)] })).toBe(0.75);
  });

  it('is what its largest init container needs, where that is more', () => {
    const spec = { containers: [container('a', '1')], initContainers: [container('i', '3'), container('j', '2')] };
    expect(cpuOf(spec)).toBe(3);
    expect(podResources(pod(spec)).running.cpu).toBe(1);
  });

  it('counts sidecars beside the containers', () => {
    const spec = { containers: [container('a', '1')], initContainers: [sidecar('s', '500m')] };
    expect(cpuOf(spec)).toBe(1.5);
    expect(podResources(pod(spec)).running.cpu).toBe(1.5);
  });

  it('counts beside an init container only the sidecars started before it', () => {
    const before = [sidecar('s', '1'), container('i', '4')];
    const containers = [container('a', '1')];
    expect(cpuOf({ containers, initContainers: before })).toBe(5);
    expect(cpuOf({ containers, initContainers: before.toReversed() })).toBe(4);
  });

  it('is what is set for the pod as a whole, and overhead comes on top', () => {
    const containers = [container('a', '1')];
    const spec = { containers, resources: { requests: { cpu: '4' } }, overhead: { cpu: '250m', memory: '120Mi' } };
    expect(cpuOf(spec)).toBe(4.25);
    expect(podResources(pod(spec)).requests.memory).toBe(2 ** 30 + 120 * 2 ** 20);
    expect(podResources(pod(spec)).running.cpu).toBe(4);
  });

  it('is not known as 0 where nothing is set, and overhead is no limit', () => {
    const found = podResources(pod({ containers: [container('a', null)], overhead: { cpu: '1' } }));
    expect(found.limits).toEqual({ cpu: null, memory: null });
    expect(found.running).toEqual({ cpu: null, memory: null });
    expect(podResources(pod({ containers: [container('a', null)] })).requests).toEqual({ cpu: null, memory: null });
  });

  it('never is less than what runs, nor than any init container', () => {
    const amount = fc.integer({ min: 0, max: 8000 });
    const inits = fc.array(fc.record({ cpu: amount, stays: fc.boolean() }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 4 }), inits, (containers, initContainers) => {
        const found = podResources(
          pod({
            containers: containers.map((cpu, index) => container(`c${index}`, `${cpu}m`)),
            initContainers: initContainers.map(({ cpu, stays }, index) =>
              stays ? sidecar(`s${index}`, `${cpu}m`) : container(`i${index}`, `${cpu}m`),
            ),
          }),
        );
        const least = Math.max(found.running.cpu ?? 0, ...initContainers.map(({ cpu }) => cpu / 1000));
        expect(found.requests.cpu).toBeGreaterThanOrEqual(least - 1e-9);
      }),
    );
  });
});

describe('the limits of a container', () => {
  const spec = { containers: [container('app', '1')], initContainers: [sidecar('mesh', '2'), container('once', '3')] };

  it('are those of containers that stay', () => {
    expect(podResources(pod(spec)).containers).toEqual([
      { name: 'app', limits: { cpu: 1, memory: null } },
      { name: 'mesh', limits: { cpu: 2, memory: null } },
    ]);
  });

  it('are those the kubelet has set, when it is behind the spec', () => {
    const status = { containerStatuses: [{ name: 'app', resources: { limits: { cpu: '500m' } } }] };
    expect(podResources(pod(spec, status)).containers[0]?.limits.cpu).toBe(0.5);
  });
});

describe('what became of a pod', () => {
  const killed = (finishedAt: string, reason = 'OOMKilled') => ({ terminated: { reason, finishedAt, exitCode: 137 } });

  it('is the last OOM kill of any container, sidecars too, and all restarts', () => {
    const status = {
      phase: 'Running',
      containerStatuses: [
        { name: 'a', restartCount: 2, lastState: killed('2026-11-22T12:00:00Z'), state: { running: {} } },
        { name: 'b', restartCount: 1, lastState: killed('2026-11-22T13:00:00Z', 'Error') },
      ],
      initContainerStatuses: [{ name: 's', restartCount: 4, state: killed('2026-11-22T12:30:00Z'), lastState: {} }],
    };
    expect(podResources(pod({ containers: [] }, status))).toMatchObject({
      restarts: 7,
      oomKilledAt: '2026-11-22T12:30:00Z',
      isUp: true,
    });
  });

  it.each([
    ['Succeeded', true],
    ['Failed', true],
    ['Running', false],
    ['Pending', false],
  ])('in phase %s is over: %s', (phase, over) => {
    expect(isOver(podResources(pod({}, { phase })))).toBe(over);
  });

  it('is not guessed from garbage', () => {
    const garbage = {
      phase: 7,
      containerStatuses: [null, 'x', { name: 'a', restartCount: '3', lastState: killed('soon') }],
    };
    expect(podResources(pod({ containers: 'none' }, garbage))).toMatchObject({
      phase: 'Unknown',
      isUp: false,
      restarts: 0,
      oomKilledAt: null,
      containers: [],
      node: null,
    });
  });
});
