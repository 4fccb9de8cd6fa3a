import fc from 'fast-check';
import { expect, it } from 'vitest';
import { podPrinter } from '../../../test/kubernetes/printers/pods.ts';
import { SEED_NOW } from '../../../test/kubernetes/seed-time.ts';
import { seededCluster } from '../../../test/kubernetes/seeds.ts';
import type { JsonObject } from '../json.ts';
import { readRestarts } from './pod-states.ts';
import { printPod } from './printed-pod.ts';

/** What the tests' API server prints, whose words are those of a real one. */
function expectedOf(pod: JsonObject) {
  const cells = podPrinter.cells(pod, SEED_NOW.getTime()).map(String);
  const [, ready = '', status = '', restarts = ''] = cells;
  return { ready, status, restarts: readRestarts(restarts).count, gates: cells.at(-1)?.replace('<none>', '') };
}

function shownOf(pod: JsonObject) {
  const { ready, status, restarts, gates } = printPod(pod, SEED_NOW);
  return { ready, status, restarts: readRestarts(restarts).count, gates };
}

it('prints every pod of a cluster as the server does', () => {
  const cluster = seededCluster({ nodes: 100, pods: 2000, events: 0 });
  const pods = cluster.resources.find(({ kind, group }) => kind === 'Pod' && group === '');
  const bodies = pods === undefined ? [] : cluster.all(pods).map(({ body }) => body);
  expect(bodies).toHaveLength(2000);
  // Whether a pod is being deleted is judged apart.
  for (const body of bodies.filter(({ metadata }) => !JSON.stringify(metadata).includes('deletionTimestamp')))
    expect(shownOf(body)).toEqual(expectedOf(body));
});

const state = fc.oneof(
  fc.constant({ running: { startedAt: '2026-01-01T00:00:00Z' } }),
  fc.constantFrom('PodInitializing', 'ContainerCreating', 'CrashLoopBackOff', 'ImagePullBackOff').map((reason) => ({
    waiting: { reason },
  })),
  fc
    .record({
      exitCode: fc.constantFrom(0, 1, 137),
      signal: fc.constantFrom(0, 9),
      reason: fc.constantFrom('', 'Error'),
    })
    .map((terminated) => ({
      terminated: terminated.exitCode === 0 ? { ...terminated, signal: 0, reason: 'Completed' } : terminated,
    })),
);
const statusOf = (name: string) =>
  fc.record({
    name: fc.constant(name),
    ready: fc.boolean(),
    started: fc.boolean(),
    restartCount: fc.nat(9),
    state,
    lastState: fc.constantFrom({}, { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:00:00Z' } }),
  });
const condition = (type: string, reason = '') =>
  fc.record({ type: fc.constant(type), status: fc.constantFrom('True', 'False'), reason: fc.constant(reason) });

const anyPod = fc.record({
  metadata: fc.constant({ name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' }),
  spec: fc.record({
    initContainers: fc.tuple(
      fc.constantFrom({ name: 'i0' }, { name: 'i0', restartPolicy: 'Always' }),
      fc.constantFrom({ name: 'i1' }, { name: 'i1', restartPolicy: 'Always' }),
    ),
    containers: fc.constant([{ name: 'c0' }, { name: 'c1' }]),
    readinessGates: fc.constantFrom([], [{ conditionType: 'example.org/gate' }]),
  }),
  status: fc.record(
    {
      phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
      reason: fc.constantFrom('Evicted', 'Shutdown'),
      conditions: fc.tuple(
        condition('Ready'),
        condition('Initialized'),
        condition('example.org/gate'),
        fc.constantFrom({ type: 'PodScheduled', status: 'True' }, { type: 'PodScheduled', reason: 'SchedulingGated' }),
      ),
      initContainerStatuses: fc.tuple(statusOf('i0'), statusOf('i1')),
      containerStatuses: fc.tuple(statusOf('c0'), statusOf('c1')),
    },
    { requiredKeys: ['phase'] },
  ),
});

it('prints any pod as the server does: init containers, sidecars, gates, evictions', () => {
  fc.assert(
    fc.property(anyPod, (pod) => {
      expect(shownOf(pod)).toEqual(expectedOf(pod));
    }),
  );
});
