import { afterEach, describe, expect, it } from 'vitest';
import { askTool, structuredLimit, tokensOfTool } from '../../test/ask-tool.ts';
import { type ApiServer, startApiServer } from '../../test/kubernetes/api-server.ts';
import { newCluster } from '../../test/kubernetes/cluster.ts';
import { object } from '../../test/kubernetes/cluster-objects.ts';
import { kubernetesOf } from '../../test/kubernetes/connect.ts';
import * as objects from '../../test/kubernetes/event-objects.ts';
import { SEED_NOW } from '../../test/kubernetes/seed-time.ts';
import { type SeedOptions, seededCluster } from '../../test/kubernetes/seeds.ts';
import type { JsonObject } from '../kubernetes/json.ts';
import type { Kubernetes } from '../upstreams/kubernetes.ts';
import { k8sEvents } from './k8s-events.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** A cluster behind a server, and a way to ask about it. */
async function cluster(...objects: readonly JsonObject[]) {
  const server: ApiServer = await startApiServer(newCluster().add(...objects));
  const kubernetes: Kubernetes = kubernetesOf(server);
  open.push(kubernetes, server);
  const ask = (args: Readonly<Record<string, unknown>> = {}, options: { from?: { table: number; row: number } } = {}) =>
    askTool(k8sEvents, args, null, { now: SEED_NOW, upstreams: { kubernetes }, ...options });
  return { server, ask };
}

interface EventOptions extends Pick<objects.EventOptions, 'reason' | 'message' | 'type' | 'count'> {
  /** `Pod/payments/ledger-…`, `Node/node-0007`. */
  of: string;
  /** Since it was seen last, and first. */
  seen?: string;
  first?: string;
}

let serial = 0;

function event({ of, type = 'Warning', seen = '5m', first = seen, ...rest }: EventOptions): JsonObject {
  const [kind = '', ...path] = of.split('/');
  const [name = '', namespace = 'default'] = path.reverse();
  serial += 1;
  return objects.event({
    name: `${name}.${serial}`,
    namespace,
    about: { kind, name },
    type,
    first,
    last: seen,
    ...rest,
  });
}

const replicaSet = (namespace: string, deployment: string, hash: string) =>
  object('apps/v1', 'ReplicaSet', {
    name: `${deployment}-${hash}`,
    namespace,
    labels: { 'pod-template-hash': hash },
    owner: { kind: 'Deployment', name: deployment },
  });

const crash = (pod: string, count: number, seen: string) =>
  event({
    of: `Pod/payments/${pod}`,
    reason: 'BackOff',
    message: `Back-off restarting failed container main in pod ${pod}_payments(8a2b4c6d-1234-4234-a234-${String(count).padStart(12, '0')})`,
    count,
    seen,
    first: '50m',
  });

/** A morning of a small cluster. */
const MORNING: readonly JsonObject[] = [
  replicaSet('payments', 'ledger', '7d9f8b6c5d'),
  replicaSet('shop', 'cart', '5c9d7f6b8'),
  crash('ledger-7d9f8b6c5d-x2x7z', 120, '2m'),
  crash('ledger-7d9f8b6c5d-q9q8w', 80, '4m'),
  crash('ledger-6b8f7c9d4f-zzzzz', 3, '40m'),
  event({
    of: 'Pod/shop/cart-5c9d7f6b8-lq2ws',
    reason: 'FailedScheduling',
    message: '0/100 nodes are available: 97 Insufficient memory, 3 node(s) had untolerated taint(s).',
    count: 9,
    seen: '1m',
  }),
  event({
    of: 'Node/node-0007',
    reason: 'NodeNotReady',
    message: 'Node node-0007 status is now: NodeNotReady',
    seen: '20m',
  }),
  event({
    of: 'Node/node-0031',
    reason: 'NodeNotReady',
    message: 'Node node-0031 status is now: NodeNotReady',
    seen: '21m',
  }),
  event({
    of: 'Deployment/shop/cart',
    reason: 'ScalingReplicaSet',
    message: 'Scaled up replica set cart-5c9d7f6b8 from 1 to 2',
    type: 'Normal',
    seen: '9m',
  }),
  event({ of: 'Job/batch/report-28374650', reason: 'Completed', message: 'Job completed', type: 'Normal', seen: '3m' }),
  event({ of: 'Pod/shop/old', reason: 'Killing', message: 'Stopping container main', type: 'Normal', seen: '3h' }),
];

describe('k8s.events', () => {
  it('folds by owner, warnings first', async () => {
    const { ask } = await cluster(...MORNING);
    const asked = await ask();
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/k8s-events.txt');
    expect(asked.tokens).toBeLessThanOrEqual(420);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  });

  it('says once what all rows have in common', async () => {
    const { ask } = await cluster(...MORNING);
    const asked = await ask({ namespace: 'payments', type: 'Warning' });
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/k8s-events-namespace.txt');
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  });

  it('reads every page before it sorts, and counts what it folds', async () => {
    const many = Array.from({ length: 1200 }, (_, index) =>
      event({
        of: `Pod/shop/app-${index % 400}-7d9f8b6c5d-x2x7z`,
        reason: 'Unhealthy',
        message: `Readiness probe failed: Get "http://10.42.1.${index % 250}:8080/healthz": context deadline exceeded`,
        count: 2,
        seen: `${10 + (index % 40)}m`,
      }),
    );
    const { ask, server } = await cluster(...many, ...MORNING);
    const asked = await ask();
    expect(asked.answer.summary).toContain('1,208 events seen 2,616 times, 1,206 warnings: Unhealthy ×2,400');
    expect(asked.answer.tables[0]?.rows.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(2616);
    expect(asked.answer.tables[0]?.rows.length).toBeLessThanOrEqual(30);
    expect(asked.text).toContain('97 Insufficient memory');
    expect(server.requests.filter(({ path }) => path.includes('continue=')).length).toBeGreaterThan(0);
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/k8s-events-alike.txt');
  });

  it('has a way from what it took together to each of it', async () => {
    const many = Array.from({ length: 80 }, (_, index) =>
      event({ of: `Pod/shop/app-${index}-7d9f8b6c5d-x2x7z`, reason: 'Unhealthy', message: 'Readiness probe failed' }),
    );
    const { ask } = await cluster(...many);
    const asked = await ask({ since: '2h' });
    expect(asked.answer.tables[0]?.rows).toHaveLength(1);
    const call = { namespace: 'shop', kind: 'Pod', type: 'Warning', since: '2h' };
    expect(asked.answer.next).toContainEqual({ tool: 'k8s.events', arguments: call });
    const each = await ask(call);
    expect(each.text).toContain('shown 30 of 80');
    expect(each.answer.tables[0]?.rows).toHaveLength(80);
  });

  it('goes on where an answer was cut', async () => {
    const reasons = Array.from({ length: 70 }, (_, index) =>
      event({
        of: 'Pod/shop/web',
        reason: `Reason${String(index).padStart(2, '0')}`,
        message: 'words',
        seen: `${index % 50}m`,
      }),
    );
    const { ask } = await cluster(...reasons);
    const first = await ask();
    expect(first.text).toContain('shown 30 of 70, warnings first, then newest');
    expect(first.text).toMatch(/next: k8s_events\(cursor="[^"]+"\)/);
    const pages = [
      first,
      await ask({}, { from: { table: 0, row: 30 } }),
      await ask({}, { from: { table: 0, row: 60 } }),
    ];
    const seen = pages.flatMap(({ text }) => text.match(/Reason\d\d(?= )/g) ?? []);
    const rows = new Set(seen);
    expect(rows.size).toBe(70);
  });

  it('has the pods of a workload among its events, also those that are gone, and nobody else', async () => {
    const { ask } = await cluster(
      ...MORNING,
      event({ of: 'Pod/payments/ledger-api-6b8f7c9d4f-zzzzz', reason: 'Failed', message: 'of another' }),
      event({
        of: 'Deployment/payments/ledger',
        reason: 'ProgressDeadlineExceeded',
        message: 'ReplicaSet has timed out',
      }),
    );
    for (const args of [{ name: 'ledger' }, { kind: 'deploy', namespace: 'payments', name: 'ledger' }]) {
      const asked = await ask(args);
      expect(asked.answer.summary).toMatch(/^4 events seen 204 times/);
      expect(asked.text).not.toContain('ledger-api');
      expect(asked.answer.title).toMatch(/^events of (Deployment\/ledger in payments|ledger)$/);
    }
  });

  it('has one pod only where a pod is named, and lets the server select', async () => {
    const { ask, server } = await cluster(...MORNING);
    const asked = await ask({ kind: 'po', namespace: 'payments', name: 'ledger-7d9f8b6c5d-x2x7z' });
    expect(asked.answer.summary).toBe('1 event seen 120 times, all warnings: BackOff ×120');
    const path = server.requests.find((request) => request.path.includes('/events'))?.path ?? '';
    expect(new URLSearchParams(path.split('?')[1]).get('fieldSelector')).toBe(
      'involvedObject.kind=Pod,involvedObject.name=ledger-7d9f8b6c5d-x2x7z',
    );
  });

  it('finds the events of a node, whatever the namespace', async () => {
    const { ask } = await cluster(...MORNING);
    const asked = await ask({ kind: 'node', namespace: 'payments', name: 'node-0007' });
    expect(asked.answer.summary).toBe('1 event, all warnings: NodeNotReady ×1');
    expect(asked.answer.notes).toContain('Node lives in no namespace: namespace=payments was left out');
  });

  it('says how far back events and their counts go', async () => {
    const { ask } = await cluster(
      ...MORNING.filter((_, index) => index !== MORNING.length - 1),
      crash('ledger-7d9f8b6c5d-wwwww', 7, '30m'),
    );
    const long = await ask({ since: '1d' });
    expect(long.answer.notes).toEqual(['oldest seen 40m ago; API servers keep events for 1h unless told otherwise']);
    expect((await ask({ since: '42m', type: 'Normal' })).answer.notes).toEqual([]);
    const short = await ask({ since: '45m', type: 'Warning', namespace: 'payments' });
    expect(short.answer.notes).toEqual(['counts of 4 events begin before the window, the first 50m ago']);
  });

  it('does not speak of an hour where events are kept longer', async () => {
    const { ask } = await cluster(...MORNING);
    expect((await ask({ since: '2d' })).answer.notes).toEqual(['oldest seen 3h ago']);
    expect((await ask({ since: '190m' })).answer.notes).toEqual([]);
  });

  it('hides what looks like a secret and what acts on a terminal', async () => {
    const { ask } = await cluster(
      event({
        of: 'Pod/shop/web',
        reason: 'Failed',
        message: `pull of https://bob:hunter2-must-not-leak@r.example/x failed: \u001b[31m${'x'.repeat(300)}`,
      }),
    );
    const asked = await ask();
    expect(asked.text).not.toContain('hunter2');
    expect(asked.text).not.toContain('\u001b');
    expect(asked.text).toContain('…');
  });

  it('reads events.k8s.io where core events are forbidden', async () => {
    const { ask, server } = await cluster(...MORNING);
    const before = await ask();
    server.denied.push({ verb: 'list', resource: 'events', group: '' });
    expect((await ask()).text).toBe(before.text);
  });

  it('shows pods by name where owners may not be read, and says so', async () => {
    const { ask, server } = await cluster(...MORNING);
    server.denied.push({ verb: 'list', resource: 'replicasets' });
    const asked = await ask({ namespace: 'payments' });
    expect(asked.text).toContain('Pod/ledger-7d9f8b6c5d-* (2 pods)');
    expect(asked.answer.notes?.join()).toMatch(/^owners not looked up: ReplicaSets: .*forbidden/);
  });

  it('takes an empty text as left out', async () => {
    const { ask } = await cluster(...MORNING);
    expect((await ask({ namespace: '', kind: '', name: '' })).text).toBe((await ask()).text);
  });
});

describe('k8s.events of a whole cluster', () => {
  const seeded = async (options: SeedOptions) => {
    const server = await startApiServer(seededCluster(options));
    const kubernetes = kubernetesOf(server);
    open.push(kubernetes, server);
    return (args = {}) => askTool(k8sEvents, args, null, { now: SEED_NOW, upstreams: { kubernetes } });
  };

  it('has all that is wrong among 500 events, for few tokens, each time in the same words', async () => {
    const ask = await seeded({ nodes: 100, pods: 2000, events: 500 });
    const asked = await ask({ since: '24h' });
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/k8s-events-500.txt');
    expect(asked.tokens).toBeLessThanOrEqual(1100);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    expect(asked.answer.summary).toMatch(/^500 events seen /);
    expect((await ask({ since: '24h' })).text).toBe(asked.text);
  });

  it('stays as small with 20,000 events, and counts them all', async () => {
    const ask = await seeded({ nodes: 300, pods: 6000, events: 20_000 });
    const asked = await ask({ since: '24h' });
    expect(asked.answer.summary).toMatch(/^20,000 events seen /);
    expect(asked.tokens).toBeLessThanOrEqual(1500);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  }, 30_000);
});

describe('k8s.events without events', () => {
  it.each([
    ['everything else is of the other type', { namespace: 'batch', type: 'Warning' }, ['type=Warning hides 1 Normal']],
    ['everything else is of other kinds', { namespace: 'payments', kind: 'svc' }, ['events in the window: 3 of Pod']],
    [
      'the name has a typo',
      { namespace: 'payments', name: 'ledgr' },
      ['events in the window: 3 of Pod', 'names near "ledgr" with events: ledger'],
    ],
    [
      'the object exists and is quiet',
      { kind: 'rs', namespace: 'shop', name: 'cart-5c9d7f6b8', since: '30s' },
      [
        'ReplicaSet cart-5c9d7f6b8 exists',
        '1 event before the window, the newest 1m ago',
        'no warnings in other namespaces either',
      ],
    ],
    [
      'all is older',
      { kind: 'deploy', namespace: 'payments', name: 'ledger', since: '1m' },
      [
        'Deployment ledger does not exist',
        '3 events before the window, the newest 2m ago',
        'warnings in other namespaces: shop 1',
      ],
    ],
    [
      'the object does not exist',
      { kind: 'pod', namespace: 'batch', name: 'web' },
      ['Pod web does not exist', 'events in the window: 1 of Job'],
    ],
    [
      'others have trouble',
      { namespace: 'kube-system' },
      ['warnings in other namespaces: payments 3, none (nodes and the like) 2, shop 1'],
    ],
  ])('says that %s', async (_, args, notes) => {
    const { ask } = await cluster(...MORNING);
    const asked = await ask(args);
    expect(asked.answer.summary).toMatch(/^no (Warning )?events$/);
    expect(asked.answer.notes).toEqual(notes);
    expect(asked.answer.tables).toEqual([]);
  });

  it('tells a namespace that does not exist from a quiet one', async () => {
    const { ask } = await cluster(...MORNING);
    await expect(ask({ namespace: 'paymnts' })).rejects.toMatchObject({
      code: 'not_found',
      message: 'namespace "paymnts" does not exist',
      hint: 'Near to it: payments.',
    });
    await expect(ask({ namespace: 'qqqq' })).rejects.toMatchObject({
      hint: 'k8s.get with kind="namespaces" lists what there is.',
    });
  });

  it('claims nothing of namespaces that it may not read', async () => {
    const { ask, server } = await cluster(...MORNING);
    server.denied.push(
      { verb: 'list', resource: 'events', namespace: 'payments' },
      { verb: 'get', resource: 'namespaces' },
    );
    const asked = await ask({ namespace: 'kube-system' });
    expect(asked.answer.notes).toEqual(['other namespaces could not be looked at: denied']);
    await expect(ask({ namespace: 'payments' })).rejects.toMatchObject({
      code: 'denied',
      hint: 'The operator grants get and list on events in namespace payments.',
    });
  });

  it('refuses a window that it does not understand, and a kind that nobody serves', async () => {
    const { ask } = await cluster();
    await expect(ask({ since: 'whenever' })).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(ask({ kind: 'deploymnt' })).rejects.toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('deployments'),
    });
  });

  it('fails rather than to say that there is nothing', async () => {
    const { ask, server } = await cluster(...MORNING);
    server.faults.push({ path: '/api/v1/events', fault: { kind: 'cut' } });
    await expect(ask()).rejects.toMatchObject({ code: expect.stringMatching(/unreachable|bad_response/) });
  });
});

it('costs a model little to know', () => {
  expect(tokensOfTool(k8sEvents)).toBeLessThanOrEqual(200);
});
