import { expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { judgeJob, longestGapSeconds } from './jobs.ts';
import { isUnhealthy } from './judge.ts';

it.each([
  ['* * * * *', 60],
  ['*/15 * * * *', 900],
  ['5 * * * *', 3600],
  ['0 3 * * *', 86_400],
  ['0 */6 * * *', 21_600],
  ['0 9 * * 1-5', 604_800],
  ['0 0 1 * *', 62 * 86_400],
  ['@hourly', 3600],
  ['@every 90m', 5400],
  ['TZ=Europe/Berlin 0 3 * * *', 86_400],
  ['nonsense', null],
])('knows how long %s may be silent', (schedule, seconds) => {
  expect(longestGapSeconds(schedule)).toBe(seconds);
});

const now = new Date('2026-03-01T12:00:00Z');
const made = (minutes: number, rest: JsonObject = {}) => ({
  metadata: { creationTimestamp: new Date(now.getTime() - minutes * 60_000).toISOString() },
  status: {},
  ...rest,
});

it('sees a Job that nobody makes pods for', () => {
  const health = judgeJob(made(10), now);
  expect(health).toMatchObject({ state: 'Waiting', why: 'no pod was made' });
  expect(isUnhealthy(health)).toBe(true);
});

it.each([
  ['was just made', made(1)],
  ['has a pod', made(10, { status: { active: 1 } })],
  ['had one that succeeded, and waits for the next', made(10, { status: { succeeded: 1 } })],
  ['is suspended', made(10, { spec: { suspend: true } })],
  ['belongs to another controller', made(10, { spec: { managedBy: 'kueue.x-k8s.io/multikueue' } })],
])('lets a Job alone that %s', (_, job) => {
  expect(isUnhealthy(judgeJob(job, now))).toBe(false);
});
