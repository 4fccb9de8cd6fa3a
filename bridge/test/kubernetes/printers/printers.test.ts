import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/kubernetes/json.ts';
import { type PodOptions, pod } from '../pod-objects.ts';
import { SEED_NOW } from '../seed-time.ts';
import { job } from '../workload-objects.ts';
import { printDuration } from './ages.ts';
import { jobPrinter } from './batch.ts';
import { podPrinter } from './pods.ts';

const now = SEED_NOW.getTime();
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

describe('ages', () => {
  it.each([
    [-5 * SECOND, '<invalid>'],
    [0, '0s'],
    [119 * SECOND, '119s'],
    [120 * SECOND, '2m'],
    [532 * SECOND, '8m52s'],
    [600 * SECOND, '10m'],
    [179 * 60 * SECOND, '179m'],
    [3 * HOUR, '3h'],
    [3 * HOUR + 300 * SECOND, '3h5m'],
    [8 * HOUR, '8h'],
    [47 * HOUR, '47h'],
    [2 * DAY, '2d'],
    [2 * DAY + 3 * HOUR, '2d3h'],
    [8 * DAY, '8d'],
    [729 * DAY, '729d'],
    [735 * DAY, '2y5d'],
    [9 * 365 * DAY, '9y'],
  ])('%i ms is %s', (milliseconds, printed) => {
    expect(printDuration(milliseconds)).toBe(printed);
  });
});

describe('pods', () => {
  const crash = { state: { waiting: 'CrashLoopBackOff' }, restarts: 3, last: { exitCode: 1, ago: '5m' } } as const;
  it.each<[string, Partial<PodOptions>, string, string, string]>([
    ['a ready one', {}, '1/1', 'Running', '0'],
    ['a crash loop', { containers: [crash] }, '0/1', 'CrashLoopBackOff', '3 (5m ago)'],
    ['one of two', { containers: [{ name: 'a' }, { name: 'b', ...crash }] }, '1/2', 'CrashLoopBackOff', '3 (5m ago)'],
    ['an init container that fails', { initContainers: [{ ...crash }] }, '0/1', 'Init:CrashLoopBackOff', '3 (5m ago)'],
    ['an init container that runs', { initContainers: [{}, { name: 'b', state: 'running' }] }, '0/1', 'Init:1/2', '0'],
    ['a sidecar', { initContainers: [{ name: 's', sidecar: true }] }, '2/2', 'Running', '0'],
    ['a complete one', { containers: [{ state: { ended: { exitCode: 0, ago: '1h' } } }] }, '0/1', 'Completed', '0'],
    [
      'an exit code without a reason',
      { containers: [{ state: { ended: { exitCode: 2, reason: '', ago: '1h' } } }] },
      '0/1',
      'ExitCode:2',
      '0',
    ],
    ['one that is evicted', { phase: 'Failed', reason: 'Evicted' }, '0/1', 'Evicted', '0'],
    ['one that is going', { deleted: '1m' }, '1/1', 'Terminating', '0'],
    ['one on a lost node', { deleted: '1m', reason: 'NodeLost' }, '1/1', 'Unknown', '0'],
    ['one without a node', { node: null }, '0/1', 'Pending', '0'],
  ])('%s', (_, options, ready, status, restarts) => {
    const cells = podPrinter.cells(pod({ name: 'p', ...options }), now);
    expect(cells.slice(0, 4)).toEqual(['p', ready, status, restarts]);
  });
});

describe('jobs', () => {
  it.each<[string, JsonObject, readonly string[]]>([
    ['complete', job({ name: 'j', succeeded: 1, age: '2h', ended: '1h' }), ['Complete', '1/1', '60m']],
    ['running', job({ name: 'j', active: 1, age: '2h' }), ['Running', '0/1', '120m']],
    ['failed', job({ name: 'j', failure: { reason: 'DeadlineExceeded', message: '' } }), ['Failed', '0/1', '24h']],
    ['suspended', job({ name: 'j', suspended: true }), ['Suspended', '0/1', '']],
  ])('%s', (_, object, expected) => {
    expect(jobPrinter.cells(object, now).slice(1, 4)).toEqual(expected);
  });
});
