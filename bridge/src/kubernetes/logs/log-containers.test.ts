import { describe, expect, it } from 'vitest';
import { pod } from '../../../test/kubernetes/pod-objects.ts';
import { isQuiet, logContainersOf } from './log-containers.ts';

const named = { namespace: 'shop', name: 'cart' };
const last = { exitCode: 1, ago: '4m' };

describe('logContainersOf', () => {
  it('has the containers before the init containers, each with what is to be known of its log', () => {
    const containers = logContainersOf(
      pod({
        ...named,
        initContainers: [{ name: 'migrate' }],
        containers: [
          { name: 'app', restarts: 42, state: { waiting: 'CrashLoopBackOff' }, last },
          { name: 'new', state: { waiting: 'ErrImagePull', message: 'no such image' } },
          { name: 'once', restarts: 1, last },
          { name: 'fine' },
        ],
      }),
    );
    expect(
      containers.map(({ name, type, waiting, between, ranBefore }) => [name, type, waiting, between, ranBefore]),
    ).toEqual([
      ['app', 'app', null, 'CrashLoopBackOff', true],
      ['new', 'app', 'ErrImagePull, no such image', null, false],
      ['once', 'app', null, null, true],
      ['fine', 'app', null, null, false],
      ['migrate', 'init', null, null, false],
    ]);
  });

  it('says why a pod without statuses has no log', () => {
    const [unscheduled] = logContainersOf(pod({ ...named, node: null, unschedulable: 'no node fits' }));
    expect(unscheduled?.waiting).toBe('the pod has no node yet, no node fits');
    const [evicted] = logContainersOf(pod({ ...named, phase: 'Failed', reason: 'Evicted' }));
    expect(evicted?.waiting).toBeNull();
  });
});

describe('isQuiet', () => {
  it.each([
    [[{}], true],
    [[{ restarts: 1, last }], false],
    [[{}, { ready: false }], false],
  ])('of %j is %s', (containers, quiet) => {
    expect(isQuiet(pod({ ...named, containers }))).toBe(quiet);
  });
});
