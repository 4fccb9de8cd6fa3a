import { beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject, listAt, textAt } from '../../src/kubernetes/json.ts';
import { ownerOf } from '../../src/kubernetes/owners.ts';
import type { Cluster, Stored } from './cluster.ts';
import { podPrinter } from './printers/pods.ts';
import { SEED_SECRETS } from './seed-config.ts';
import { SEED_NOW } from './seed-time.ts';
import { seededCluster, UNHEALTHY_PER_ROUND } from './seeds.ts';

const SIZE = { nodes: 100, pods: 2000, events: 500 };

function stored(cluster: Cluster, kind: string): readonly Stored[] {
  const resource = cluster.resources.find((each) => each.kind === kind);
  return resource === undefined ? [] : cluster.all(resource);
}

/** Ready and status as printed. */
function stateOf(pod: JsonObject): { status: string; isWhole: boolean } {
  const [, ready, status] = podPrinter.cells(pod, SEED_NOW.getTime());
  const [up, all] = String(ready).split('/');
  return { status: String(status), isWhole: up === all };
}

describe('a seeded cluster', () => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = seededCluster(SIZE);
  });

  it('has exactly what was asked for', () => {
    const counts = ['Node', 'Pod', 'Event'].map((kind) => stored(cluster, kind).length);
    expect(counts).toEqual([SIZE.nodes, SIZE.pods, SIZE.events]);
  });

  it('is the same in every run', () => {
    const again = seededCluster(SIZE);
    for (const kind of ['Pod', 'Event', 'Deployment', 'Node']) {
      expect(stored(again, kind).map((each) => each.body)).toEqual(stored(cluster, kind).map((each) => each.body));
    }
  });

  it('has 31 pods that are not well, of every kind of trouble', () => {
    const states = stored(cluster, 'Pod').map(({ body }) => stateOf(body));
    const sick = states.filter(
      ({ status, isWhole }) =>
        status === 'Terminating' || (status !== 'Completed' && !(status === 'Running' && isWhole)),
    );
    const counts = Object.fromEntries(
      [...Map.groupBy(sick, ({ status }) => status)].map(([status, all]) => [status, all.length]),
    );
    expect(counts).toEqual({
      ContainerCreating: 1,
      CrashLoopBackOff: 9,
      CreateContainerConfigError: 1,
      ErrImagePull: 1,
      Error: 3,
      Evicted: 1,
      ImagePullBackOff: 3,
      'Init:CrashLoopBackOff': 2,
      Pending: 5,
      Running: 3,
      Terminating: 1,
    });
    // One more is Running, and was killed for its memory 12 minutes ago.
    expect(sick).toHaveLength(UNHEALTHY_PER_ROUND - 1);
  });

  it('counts in its workloads what its pods are', () => {
    const pods = stored(cluster, 'Pod').filter(
      ({ body }) => stateOf(body).isWhole && textAt(body, 'metadata', 'deletionTimestamp') === undefined,
    );
    const ready = Map.groupBy(
      pods,
      ({ namespace, body }) => `${namespace}/${ownerOf(body)?.kind}/${ownerOf(body)?.name}`,
    );
    for (const kind of ['Deployment', 'StatefulSet']) {
      for (const { namespace, name, body } of stored(cluster, kind)) {
        const { status } = body;
        const said = JSON.parse(JSON.stringify(status)).readyReplicas ?? 0;
        expect([name, ready.get(`${namespace}/${kind}/${name}`)?.length ?? 0]).toEqual([name, said]);
      }
    }
  });

  it('names nothing that is not there', () => {
    const nodes = new Set(stored(cluster, 'Node').map(({ name }) => name));
    const sets = new Set(stored(cluster, 'ReplicaSet').map(({ key }) => key));
    for (const { body, namespace } of stored(cluster, 'Pod')) {
      const node = textAt(body, 'spec', 'nodeName');
      if (node !== undefined) expect(nodes).toContain(node);
      const owner = listAt(body, 'metadata', 'ownerReferences')[0];
      if (textAt(owner, 'kind') === 'ReplicaSet') expect(sets).toContain(`${namespace}/${textAt(owner, 'name')}`);
    }
  });

  it('holds secrets that no answer may show', () => {
    const text = JSON.stringify(
      ['Pod', 'ConfigMap', 'Secret'].map((kind) => stored(cluster, kind).map(({ body }) => body)),
    );
    for (const secret of SEED_SECRETS.filter((each) => each !== 'hunter2-must-not-leak'))
      expect(text).toContain(secret);
  });
});

describe('a large one', () => {
  it('has about 500 pods that are not well among 20,000', () => {
    const pods = stored(seededCluster({ nodes: 1000, pods: 20_000, events: 0 }), 'Pod');
    const sick = pods.filter(({ body }) => !['Running', 'Completed'].includes(stateOf(body).status));
    expect(pods).toHaveLength(20_000);
    expect(sick.length).toBeGreaterThan(400);
    expect(new Set(pods.map(({ key }) => key)).size).toBe(20_000);
  });
});
