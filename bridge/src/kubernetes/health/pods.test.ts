import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { isUnhealthy } from './judge.ts';
import { judgePrintedPod } from './pod-states.ts';
import { judgePod } from './pods.ts';

const now = new Date('2026-03-01T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();

function pod(status: JsonObject, metadata: JsonObject = {}): JsonObject {
  const containers = [{ name: 'main' }];
  return { metadata: { creationTimestamp: minutesAgo(4320), ...metadata }, spec: { containers }, status };
}

function container(status: JsonObject): JsonObject {
  return { phase: 'Running', containerStatuses: [{ name: 'main', ready: false, restartCount: 0, ...status }] };
}

const ended = (exitCode: number, reason: string, minutes: number): JsonObject => ({
  terminated: { exitCode, reason, finishedAt: minutesAgo(minutes) },
});

describe('judgePrintedPod', () => {
  const printed = { ready: '1/1', status: 'Running', restarts: '0', age: '3d', gates: '<none>' };

  it.each([
    ['runs', printed],
    ['ran to its end', { ...printed, ready: '0/1', status: 'Completed' }],
    ['restarted often, but long ago', { ...printed, restarts: '42 (3d ago)' }],
    ['restarted just now, but seldom', { ...printed, restarts: '2 (4m ago)' }],
    ['pulls its image for a minute', { ...printed, ready: '0/1', status: 'ContainerCreating', age: '60s' }],
    ['waits for a node since just now', { ...printed, ready: '0/1', status: 'Pending', age: '20s' }],
    ['becomes ready', { ...printed, ready: '0/1', age: '45s' }],
    ['is being deleted', { ...printed, status: 'Terminating' }],
    ['waits for a gate that somebody set', { ...printed, ready: '0/1', status: 'SchedulingGated', age: '3d' }],
  ])('lets a pod alone that %s', (_, cells) => {
    expect(isUnhealthy(judgePrintedPod(cells))).toBe(false);
  });

  it.each([
    ['CrashLoopBackOff', '3d'],
    ['Init:CrashLoopBackOff', '3d'],
    ['Init:0/2', '6m'],
    ['ContainerCreating', '6m'],
    ['Pending', '2d3h'],
    ['ImagePullBackOff', '9s'],
    ['CreateContainerConfigError', '3d'],
    ['OOMKilled', '3d'],
    ['Error', '3d'],
    ['Evicted', '90d'],
    ['OutOfcpu', '3d'],
    ['Unknown', '3d'],
    ['Signal:9', '3d'],
    ['SomethingNobodyHeardOf', '3d'],
  ])('sees %s after %s as trouble, under the very name', (status, age) => {
    const health = judgePrintedPod({ ...printed, ready: '0/1', status, age });
    expect(isUnhealthy(health)).toBe(true);
    expect(health.state).toBe(status);
  });

  it('tells pods that run but do not serve, or keep restarting, from those that run', () => {
    expect(judgePrintedPod({ ...printed, ready: '1/2' }).state).toBe('Running but not ready');
    expect(judgePrintedPod({ ...printed, restarts: '6 (12m ago)' }).state).toBe('Running but restarting');
  });

  it('puts crash loops before pods that cannot be placed, and those before evicted ones', () => {
    const severity = (status: string) => judgePrintedPod({ ...printed, ready: '0/1', status }).severity;
    expect(severity('CrashLoopBackOff')).toBeGreaterThan(severity('Pending'));
    expect(severity('Pending')).toBeGreaterThan(severity('Evicted'));
  });
});

describe('why a pod is in trouble', () => {
  it.each<[string, JsonObject, string]>([
    [
      'a crash loop by how it ended',
      container({
        restartCount: 42,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container=main' } },
        lastState: ended(1, 'Error', 4),
      }),
      'exit 1 (Error) 4m ago',
    ],
    [
      'an image by its name and the cause, not by the whole error',
      container({
        image: 'registry.example/ledger:9.9',
        state: {
          waiting: {
            reason: 'ImagePullBackOff',
            message:
              'Back-off pulling image "registry.example/ledger:9.9": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image: registry.example/ledger:9.9: not found',
          },
        },
      }),
      'registry.example/ledger:9.9: not found',
    ],
    [
      'a missing key by its message',
      container({ state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "db" not found' } } }),
      'secret "db" not found',
    ],
    [
      'a readiness probe by the container and since when',
      {
        ...container({ state: { running: { startedAt: minutesAgo(60) } } }),
        conditions: [
          { type: 'Ready', status: 'False', reason: 'ContainersNotReady', lastTransitionTime: minutesAgo(12) },
        ],
      },
      'main not ready for 12m',
    ],
    [
      'an eviction by the words of the kubelet',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
      'The node was low on resource: memory.',
    ],
  ])('tells %s', (_, status, why) => {
    expect(judgePod(pod(status), now).why).toBe(why);
  });

  it('names the container where there are several, and the worst of them', () => {
    const containerStatuses = [
      { name: 'main', ready: true, restartCount: 3, lastState: ended(0, 'Completed', 90) },
      {
        name: 'proxy',
        ready: false,
        restartCount: 9,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: ended(137, 'OOMKilled', 2),
      },
    ];
    const health = judgePod(pod({ phase: 'Running', containerStatuses }), now);
    expect(health).toMatchObject({ state: 'CrashLoopBackOff', why: 'proxy: exit 137 (OOMKilled) 2m ago' });
  });

  it('says the one reason that all nodes share without its count, and several with theirs', () => {
    const unplaced = (message: string) =>
      judgePod(
        pod({
          phase: 'Pending',
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
        }),
        now,
      ).why;
    expect(
      unplaced(
        '0/100 nodes are available: 100 Insufficient memory. preemption: 0/100 nodes are available: 100 No preemption victims found for incoming pod.',
      ),
    ).toBe('Unschedulable: insufficient memory (0/100 nodes)');
    expect(unplaced('0/5 nodes are available: 2 Insufficient cpu, 3 node(s) had untolerated taint {gpu: true}.')).toBe(
      'Unschedulable: 2 Insufficient cpu, 3 had untolerated taint {gpu: true} (0/5 nodes)',
    );
  });

  it.each<[string, string, JsonObject]>([
    [
      'whose sidecar is not ready',
      'Running but not ready',
      {
        spec: { initContainers: [{ name: 'proxy', restartPolicy: 'Always' }], containers: [{ name: 'main' }] },
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
          initContainerStatuses: [{ name: 'proxy', started: true, ready: false, state: { running: {} } }],
          containerStatuses: [{ name: 'main', ready: true, state: { running: {} } }],
        },
      },
    ],
    [
      'whose readiness gate is not passed',
      'Running but not ready',
      {
        spec: { containers: [{ name: 'main' }], readinessGates: [{ conditionType: 'example.org/gate' }] },
        status: {
          phase: 'Running',
          containerStatuses: [{ name: 'main', ready: true, state: { running: {} } }],
          conditions: [{ type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: 'gate is closed' }],
        },
      },
    ],
    [
      'whose node is silent, and its containers as they were last seen',
      'Running but not ready',
      {
        spec: { containers: [{ name: 'main' }] },
        status: {
          phase: 'Running',
          containerStatuses: [{ name: 'main', ready: true, state: { running: {} } }],
          conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: minutesAgo(12) }],
        },
      },
    ],
  ])('takes a pod for unhealthy %s', (_, state, object) => {
    const health = judgePod({ metadata: { creationTimestamp: minutesAgo(60) }, ...object }, now);
    expect(health).toMatchObject({
      state,
      why: expect.stringMatching(/^(?:proxy not ready|gate is closed|said to be)/),
    });
    expect(isUnhealthy(health)).toBe(true);
  });

  it('lets a pod alone whose init containers run since a minute', () => {
    const waiting = { state: { waiting: { reason: 'PodInitializing' } }, ready: false };
    const status = {
      phase: 'Pending',
      initContainerStatuses: [
        { name: 'one', ready: false, state: { running: {} } },
        { name: 'two', ...waiting },
      ],
      containerStatuses: [{ name: 'main', ...waiting }],
    };
    const spec = { initContainers: [{ name: 'one' }, { name: 'two' }], containers: [{ name: 'main' }] };
    const health = judgePod({ metadata: { creationTimestamp: minutesAgo(1) }, spec, status }, now);
    expect(health.state).toBe('Init:0/2');
    expect(isUnhealthy(health)).toBe(false);
  });

  it('sees a deletion that hangs, and what holds it', () => {
    const leaving = (minutes: number) =>
      judgePod(
        pod({ phase: 'Running' }, { deletionTimestamp: minutesAgo(minutes), finalizers: ['example.com/backup'] }),
        now,
      );
    expect(leaving(1)).toMatchObject({ state: 'Terminating' });
    expect(isUnhealthy(leaving(1))).toBe(false);
    expect(isUnhealthy(leaving(34))).toBe(true);
    expect(leaving(34).why).toBe('should be gone since 34m, held by example.com/backup');
  });

  it('hides credentials in what containers leave behind, before it is cut', () => {
    const message = `${'x'.repeat(40)} password=hunter2-must-not-leak`;
    const { why } = judgePod(pod(container({ state: { terminated: { exitCode: 2, reason: 'Error', message } } })), now);
    expect(why).not.toContain('hunter2');
  });

  it('takes any document for a pod', () => {
    const json = fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value)));
    const keyed = fc.dictionary(
      fc.constantFrom('phase', 'conditions', 'containerStatuses', 'initContainerStatuses', 'reason', 'message'),
      json,
    );
    fc.assert(
      fc.property(keyed, keyed, (status, metadata) => {
        expect(judgePod({ metadata, spec: {}, status }, now).severity).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
