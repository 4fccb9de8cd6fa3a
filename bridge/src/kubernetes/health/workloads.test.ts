import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { isUnhealthy, type Judge } from './judge.ts';
import { judgeDaemonSet, judgeDeployment, judgeReplicaSet, judgeStatefulSet } from './workloads.ts';

const now = new Date('2026-03-01T12:00:00Z');
const madeAgo = (minutes: number) => ({
  metadata: { creationTimestamp: new Date(now.getTime() - minutes * 60_000).toISOString() },
});

describe('an update that is not finished', () => {
  const partitioned = (updated: number) => ({
    spec: { replicas: 5, updateStrategy: { rollingUpdate: { partition: 3 } } },
    status: { readyReplicas: 5, updatedReplicas: updated, currentRevision: 'a', updateRevision: 'b' },
  });

  it.each<[string, Judge, JsonObject, string, string]>([
    [
      'is paused',
      judgeDeployment,
      { spec: { replicas: 3, paused: true }, status: { availableReplicas: 3, updatedReplicas: 1 } },
      'Paused',
      'rollout is paused at 1/3 updated',
    ],
    ['is as far as its partition lets it', judgeStatefulSet, partitioned(2), 'Partitioned', '2/5 updated, partition 3'],
    ['goes on up to its partition', judgeStatefulSet, partitioned(1), 'RollingOut', '1/5 updated'],
    [
      'waits for somebody to delete pods',
      judgeDaemonSet,
      {
        spec: { updateStrategy: { type: 'OnDelete' } },
        status: { desiredNumberScheduled: 9, numberReady: 9, updatedNumberScheduled: 4 },
      },
      'OutOfDate',
      '4/9 updated, OnDelete',
    ],
  ])('%s, which is a remark and no trouble', (_, judge, object, state, why) => {
    const health = judge(object, now);
    expect(health).toMatchObject({ state, why });
    expect(isUnhealthy(health)).toBe(false);
    expect(health.severity).toBeGreaterThan(0);
  });
});

describe('a workload without its pods', () => {
  const none = { spec: { replicas: 3 }, status: { desiredNumberScheduled: 3 } };

  it.each([
    ['Deployment', judgeDeployment],
    ['StatefulSet', judgeStatefulSet],
    ['DaemonSet', judgeDaemonSet],
    ['ReplicaSet', judgeReplicaSet],
  ])('is starting when the %s is a minute old, and down when it is ten', (_, judge) => {
    expect(judge({ ...none, ...madeAgo(1) }, now)).toMatchObject({ state: 'Starting', severity: 10 });
    const old = judge({ ...none, ...madeAgo(10) }, now);
    expect(old.state).toBe('Down');
    expect(isUnhealthy(old)).toBe(true);
  });
});
