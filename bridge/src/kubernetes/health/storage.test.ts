import { expect, it } from 'vitest';
import { isUnhealthy } from './judge.ts';
import { claimJudge } from './storage.ts';

const now = new Date('2026-03-01T12:00:00Z');
const LAZY = new Set(['local']);

const claim = (storageClassName: string | undefined, annotations: Record<string, string> = {}, phase = 'Pending') => ({
  metadata: { creationTimestamp: '2026-03-01T10:00:00Z', annotations },
  spec: storageClassName === undefined ? {} : { storageClassName },
  status: { phase },
});

it('lets a claim alone that waits for a pod, as its storage class wants it', () => {
  const health = claimJudge(LAZY)(claim('local'), now);
  expect(health).toMatchObject({ state: 'Pending', why: 'waits for a pod that is placed, storage class local' });
  expect(isUnhealthy(health)).toBe(false);
});

it.each([
  ['of which a pod has its place already', claim('local', { 'volume.kubernetes.io/selected-node': 'node-1' })],
  ['of another class', claim('fast')],
  ['of no class', claim(undefined)],
])('takes a claim that pends for hours as trouble %s', (_, object) => {
  const health = claimJudge(LAZY)(object, now);
  expect(health.why).toMatch(/^not bound, /);
  expect(isUnhealthy(health)).toBe(true);
});

it('does not guess where the storage classes are not known', () => {
  expect(isUnhealthy(claimJudge(null)(claim('local'), now))).toBe(true);
});
