import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ApiServer, startApiServer } from '../../test/kubernetes/api-server.ts';
import { kubernetesOf } from '../../test/kubernetes/connect.ts';
import { definition } from '../../test/kubernetes/custom-objects.ts';
import { event } from '../../test/kubernetes/event-objects.ts';
import { SEED_NOW } from '../../test/kubernetes/seed-time.ts';
import { seededCluster } from '../../test/kubernetes/seeds.ts';
import { callTool, type ToolRuntime } from '../call-tool.ts';
import { createCursors } from '../cursor.ts';
import type { Kubernetes } from '../upstreams/kubernetes.ts';
import { k8sEvents } from './k8s-events.ts';
import { k8sGet } from './k8s-get.ts';
import { k8sTop } from './k8s-top.ts';
import { tailPodLogs } from './tail-pod-logs.ts';

const TOOLS = [k8sGet, k8sEvents, k8sTop, tailPodLogs];
/** Answers to answers to answers. */
const DEPTH = 3;
/** Pages of one answer, beyond which they are all alike. */
const MOST_CALLS = 400;

let server: ApiServer;
let kubernetes: Kubernetes;
let runtime: ToolRuntime;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: SEED_NOW });
  const cluster = seededCluster({ nodes: 100, pods: 2000, events: 500, metrics: true });
  // Of the same name as a kind of Kubernetes.
  const apiVersion = 'serving.knative.dev/v1';
  cluster.add(
    definition({ group: 'serving.knative.dev', version: 'v1', kind: 'Service', plural: 'services' }),
    { apiVersion, kind: 'Service', metadata: { name: 'hello', namespace: 'knative' } },
    event({
      name: 'hello.1',
      namespace: 'knative',
      about: { apiVersion, kind: 'Service', name: 'hello' },
      reason: 'InternalError',
      message: 'failed to reconcile',
      type: 'Warning',
      first: '2m',
    }),
  );
  server = await startApiServer(cluster, { metrics: true });
  kubernetes = kubernetesOf(server);
  runtime = {
    upstreams: { prometheus: null, loki: null, alertmanager: null, agents: null, kubernetes },
    cursors: createCursors(Buffer.from('a key of the tests')),
    deadlineMs: 60_000,
    budget: 24_000,
    onBug: (_id, _tool, error) => {
      throw error;
    },
  };
});
afterAll(async () => {
  vi.useRealTimers();
  await kubernetes.close();
  await server.close();
});

/** A call as it is written in an answer: `k8s_get(kind="pods", name="a")`. */
function parseCall(written: string): { name: string; args: Record<string, unknown> } {
  const [, name = '', inside = ''] = /^(\w+)\((.*)\)$/.exec(written) ?? [];
  const pairs = inside.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|[^,)]+)(?:, |$)/g);
  return { name, args: Object.fromEntries([...pairs].map(([, key = '', value = '']) => [key, JSON.parse(value)])) };
}

async function answerTo(written: string): Promise<{ text: string; ok: boolean }> {
  const { name, args } = parseCall(written);
  const tool = TOOLS.find((each) => each.name.replaceAll('.', '_') === name);
  if (tool === undefined) return expect.fail(`there is no tool ${name}`);
  return callTool(tool, args, runtime, { signal: new AbortController().signal, names: 'underscore' });
}

const kinds = [
  'pods',
  'nodes',
  'deploy',
  'sts',
  'ds',
  'rs',
  'jobs',
  'cronjobs',
  'svc',
  'ingress',
  'hpa',
  'vpa',
  'pvc',
  'pv',
];
const others = ['namespaces', 'events', 'certificates', 'secrets', 'cm', 'pdb', 'quota', 'crd', 'apiservices'];
const questions = [
  ...[...kinds, ...others].map((kind) => `k8s_get(kind="${kind}")`),
  'k8s_get(kind="pods", limit=5)',
  'k8s_get(kind="pods", labelSelector="app=nothing-at-all")',
  'k8s_get(kind="pods", fields="spec.nodeName", limit=5)',
  'k8s_events()',
  'k8s_events(namespace="knative")',
  'k8s_get(kind="services.serving.knative.dev")',
  'k8s_events(namespace="payments", type="Warning")',
  'k8s_events(kind="node")',
  'k8s_events(kind="deploy", name="ledger")',
  ...['pods', 'nodes', 'namespaces'].map((kind) => `k8s_top(kind="${kind}")`),
  'k8s_top(kind="pods", sort="memoryPercent", limit=3)',
  'tail_pod_logs(namespace="payments", workload="deployment/ledger")',
  'tail_pod_logs(namespace="payments", workload="ledger", fold=true)',
  'tail_pod_logs(namespace="payments", workload="ledger", grep="nothing like it", since="5m")',
];

it('every call that an answer proposes can be made, and so can those that follow', async () => {
  const known = new Set(questions);
  let asked = questions;
  const failed: string[] = [];
  for (let depth = 0; depth <= DEPTH; depth += 1) {
    const found: string[] = [];
    for (const call of asked) {
      const { ok, text } = await answerTo(call);
      if (!ok) failed.push(`${call}: ${text}`);
      for (const [, next = ''] of text.matchAll(/^next: (.*)$/gm)) {
        if (known.has(next) || known.size >= MOST_CALLS) continue;
        known.add(next);
        found.push(next);
      }
    }
    asked = found;
  }
  expect(known.size).toBeGreaterThan(questions.length + 30);
  expect(failed).toEqual([]);
}, 120_000);
