import { afterEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../test/kubernetes/api-server.ts';
import { newCluster } from '../../../test/kubernetes/cluster.ts';
import { kubernetesOf } from '../../../test/kubernetes/connect.ts';
import { pod } from '../../../test/kubernetes/pod-objects.ts';
import {
  cronJob,
  daemonSet,
  deployment,
  job,
  replicaSet,
  statefulSet,
} from '../../../test/kubernetes/workload-objects.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';
import { type JsonObject, textAt } from '../json.ts';
import { podsOfWorkload } from './workload-pods.ts';

let server: ApiServer | null = null;
let kubernetes: Kubernetes | null = null;
afterEach(async () => {
  await kubernetes?.close();
  await server?.close();
});

const namespace = 'payments';
const replica = (app: string, hash: string, suffix: string) =>
  pod({
    namespace,
    name: `${app}-${hash}-${suffix}`,
    labels: { app, 'pod-template-hash': hash },
    owner: { kind: 'ReplicaSet', name: `${app}-${hash}` },
  });

const OBJECTS: readonly JsonObject[] = [
  deployment({ namespace, name: 'ledger' }),
  replicaSet({ namespace, name: 'ledger-7d9f8b6c5d', selector: { app: 'ledger' } }),
  replica('ledger', '7d9f8b6c5d', 'x2x7z'),
  replica('ledger', '5c4b9d8f7f', 'k8wq2'),
  // The same labels, another owner: a Job's pod that the selector finds too.
  pod({
    namespace,
    name: 'ledger-migrate',
    labels: { app: 'ledger' },
    owner: { apiVersion: 'batch/v1', kind: 'Job', name: 'x' },
  }),
  pod({ namespace, name: 'ledger-debug', labels: { app: 'ledger' } }),
  statefulSet({ namespace, name: 'db' }),
  pod({ namespace, name: 'db-0', labels: { app: 'db' }, owner: { kind: 'StatefulSet', name: 'db' } }),
  daemonSet({ namespace, name: 'agent' }),
  deployment({ namespace, name: 'agent', selector: { app: 'other' } }),
  cronJob({ namespace, name: 'report', schedule: '@hourly' }),
  job({
    namespace,
    name: 'report-1',
    age: '2h',
    succeeded: 1,
    owner: { apiVersion: 'batch/v1', kind: 'CronJob', name: 'report' },
  }),
  job({
    namespace,
    name: 'report-2',
    age: '1h',
    active: 1,
    owner: { apiVersion: 'batch/v1', kind: 'CronJob', name: 'report' },
  }),
  job({ namespace, name: 'report-by-hand', age: '1m', active: 1 }),
  ...['report-1', 'report-2'].map((name) =>
    pod({
      namespace,
      name: `${name}-b4x7q`,
      labels: { 'batch.kubernetes.io/job-name': name },
      owner: { apiVersion: 'batch/v1', kind: 'Job', name },
    }),
  ),
  cronJob({ namespace, name: 'never', schedule: '@yearly' }),
];

async function find(written: string) {
  server = await startApiServer(newCluster().add(...OBJECTS));
  kubernetes = kubernetesOf(server);
  const found = await podsOfWorkload(kubernetes, namespace, written, new AbortController().signal);
  return { ...found, pods: found.pods.map((each) => textAt(each, 'metadata', 'name')) };
}

describe('podsOfWorkload', () => {
  it.each([
    ['ledger', 'Deployment/ledger', ['ledger-5c4b9d8f7f-k8wq2', 'ledger-7d9f8b6c5d-x2x7z'], []],
    ['deploy/ledger', 'Deployment/ledger', ['ledger-5c4b9d8f7f-k8wq2', 'ledger-7d9f8b6c5d-x2x7z'], []],
    ['statefulset/db', 'StatefulSet/db', ['db-0'], []],
    ['report', 'CronJob/report', ['report-2-b4x7q'], ['pods of its newest Job report-2']],
    ['rs/ledger-7d9f8b6c5d', 'ReplicaSet/ledger-7d9f8b6c5d', ['ledger-7d9f8b6c5d-x2x7z'], []],
    ['job/report-1', 'Job/report-1', ['report-1-b4x7q'], []],
    ['never', 'CronJob/never', [], ['it has no Job now']],
    ['agent', 'Deployment/agent', [], ['there is also DaemonSet/agent']],
  ])('finds the pods that %s controls, not all that have its labels', async (written, workload, pods, notes) => {
    expect(await find(written)).toEqual({ workload, pods, notes });
  });

  it.each([
    ['ledgr', 'not_found', 'no workload "ledgr" in namespace payments', /Near to it: .*ledger/],
    ['deployment/ledgr', 'not_found', 'deployment "ledgr" in namespace payments does not exist', /payments\/ledger/],
    ['configmap/ledger', 'invalid_argument', 'workload: a ConfigMap has no pods of its own', /deployment, statefulset/],
    ['a/b/c', 'invalid_argument', 'workload: "a/b/c" is neither a name nor kind/name', null],
  ])('refuses %s', async (written, code, message, hint) => {
    const hinted = hint === null ? {} : { hint: expect.stringMatching(hint) };
    await expect(find(written)).rejects.toMatchObject({ code, message, ...hinted });
  });

  it('does not say that there is no such workload when it could not look', async () => {
    server = await startApiServer(newCluster().add(...OBJECTS), {
      denied: [{ verb: 'get', resource: 'daemonsets' }],
    });
    kubernetes = kubernetesOf(server);
    const ask = podsOfWorkload(kubernetes, namespace, 'nothing', new AbortController().signal);
    await expect(ask).rejects.toMatchObject({ code: 'denied' });
  });
});
