import { afterEach, describe, expect, it, vi } from 'vitest';
import { at, type JsonObject, listAt, numberAt, textAt } from '../../src/kubernetes/json.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from './api-server.ts';
import { type Cluster, newCluster } from './cluster.ts';
import { definition, nodeMetrics } from './custom-objects.ts';
import type { Fault } from './faults.ts';
import { pod } from './pod-objects.ts';
import { configMap } from './service-objects.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const running: ApiServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function serve(cluster: Cluster, options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = await startApiServer(cluster, options);
  running.push(server);
  return server;
}

async function ask(
  server: ApiServer,
  path: string,
  accept = 'application/json',
): Promise<JsonObject & { http: number }> {
  const response = await fetch(`${server.url}${path}`, { headers: { accept } });
  const document: JsonObject = JSON.parse(await response.text());
  return { ...document, http: response.status };
}

async function text(server: ApiServer, path: string): Promise<string> {
  const response = await fetch(`${server.url}${path}`);
  return response.text();
}

const namesOf = (list: JsonObject) => listAt(list, 'items').map((item) => textAt(item, 'metadata', 'name'));
const tokenOf = (list: JsonObject) => textAt(list, 'metadata', 'continue') ?? '';

/** Ten ConfigMaps in each of two namespaces. */
function twenty(): Cluster {
  const cluster = newCluster();
  for (let index = 0; index < 20; index += 1) {
    const namespace = index % 2 === 0 ? 'shop' : 'shop-2';
    cluster.add(
      configMap({
        name: `c-${index}`,
        namespace,
        labels: { parity: index % 4 < 2 ? 'low' : 'high' },
        data: { index: `${index}` },
      }),
    );
  }
  return cluster;
}

describe('paging', () => {
  it('gives every object once, in the order of the keys', async () => {
    const server = await serve(twenty());
    const all = namesOf(await ask(server, '/api/v1/configmaps'));
    let page = await ask(server, '/api/v1/configmaps?limit=7');
    expect(numberAt(page, 'metadata', 'remainingItemCount')).toBe(13);
    const seen = namesOf(page);
    for (let pages = 1; tokenOf(page) !== '' && pages < 10; pages += 1) {
      page = await ask(server, `/api/v1/configmaps?limit=7&continue=${tokenOf(page)}`);
      seen.push(...namesOf(page));
    }
    expect(seen).toEqual(all);
    expect(all).toHaveLength(20);
  });

  it('counts no remaining items with a selector', async () => {
    const page = await ask(await serve(twenty()), '/api/v1/configmaps?limit=3&labelSelector=parity=low');
    expect(namesOf(page)).toHaveLength(3);
    expect(at(page, 'metadata', 'remainingItemCount')).toBeUndefined();
    expect(tokenOf(page)).not.toBe('');
  });

  it('ignores the limit of a list from the watch cache', async () => {
    const page = await ask(await serve(twenty()), '/api/v1/configmaps?limit=3&resourceVersion=0');
    expect(namesOf(page)).toHaveLength(20);
  });

  it('expires when told, with a token that goes on', async () => {
    const server = await serve(twenty());
    server.expire = { afterPages: 1, times: 1 };
    const first = await ask(server, '/api/v1/namespaces/shop/configmaps?limit=3');
    const second = await ask(server, `/api/v1/namespaces/shop/configmaps?limit=3&continue=${tokenOf(first)}`);
    const third = await ask(server, `/api/v1/namespaces/shop/configmaps?limit=3&continue=${tokenOf(second)}`);
    expect(third).toMatchObject({ http: 410, reason: 'Expired', code: 410 });
    const rest = await ask(server, `/api/v1/namespaces/shop/configmaps?continue=${tokenOf(third)}`);
    expect([...namesOf(first), ...namesOf(second), ...namesOf(rest)]).toHaveLength(10);
  });

  it('refuses what is no token', async () => {
    expect(await ask(await serve(twenty()), '/api/v1/configmaps?limit=3&continue=x')).toMatchObject({ http: 400 });
  });
});

describe('selectors', () => {
  it.each([
    ['labelSelector=app%3Da', ['a1', 'a2']],
    ['labelSelector=app%3D%3Da,tier', ['a2']],
    ['labelSelector=app!%3Da', ['b1', 'none']],
    ['labelSelector=app%20in%20(a,%20b),!tier', ['a1', 'b1']],
    ['labelSelector=app%20notin%20(a)', ['b1', 'none']],
    ['labelSelector=example.com/x.y%3D1', ['b1']],
    ['fieldSelector=spec.nodeName%3Dn1,metadata.name!%3Da1', ['a2']],
    ['fieldSelector=status.phase%3DPending&labelSelector=!app', ['none']],
  ])('%s', async (query, expected) => {
    const server = await serve(
      newCluster().add(
        pod({ name: 'a1', labels: { app: 'a' }, node: 'n1' }),
        pod({ name: 'a2', labels: { app: 'a', tier: 'x' }, node: 'n1' }),
        pod({ name: 'b1', labels: { app: 'b', 'example.com/x.y': '1' }, node: 'n2' }),
        pod({ name: 'none', node: null }),
      ),
    );
    expect(namesOf(await ask(server, `/api/v1/namespaces/default/pods?${query}`))).toEqual(expected);
  });

  it.each([
    ['labelSelector=a%20in%20b', "found 'b', expected: '('"],
    ['labelSelector=a,', "found '', expected: identifier after ','"],
    ['fieldSelector=nonsense', "invalid selector: 'nonsense'; can't understand 'nonsense'"],
  ])('refuses %s in words', async (query, message) => {
    expect(await ask(await serve(newCluster()), `/api/v1/pods?${query}`)).toMatchObject({ http: 400, message });
  });
});

describe('logs', () => {
  const cluster = newCluster().add(
    pod({
      name: 'two',
      containers: [
        { name: 'a', restarts: 1, last: { exitCode: 1, ago: '1m' } },
        { name: 'b', image: 'x:1', state: { waiting: 'ContainerCreating' } },
      ],
      initContainers: [{ name: 'init' }],
    }),
    pod({ name: 'unscheduled', node: null }),
  );
  const of = { namespace: 'default', pod: 'two', container: 'a' };
  cluster.setLog(of, 'one\ntwo\nthree');
  cluster.setLog(of, 'before\n', { previous: true });
  const path = '/api/v1/namespaces/default/pods/two/log';

  it.each([
    ['container=a', 'one\ntwo\nthree'],
    ['container=a&tailLines=2', 'two\nthree'],
    ['container=a&tailLines=0', ''],
    ['container=a&limitBytes=5', 'one\nt'],
    ['container=a&sinceSeconds=1', 'two\nthree'],
    ['container=a&timestamps=true&tailLines=1', '2026-11-22T13:02:11.000000000Z three'],
    ['container=a&previous=true', 'before\n'],
  ])('%s', async (query, expected) => {
    expect(await text(await serve(cluster), `${path}?${query}`)).toBe(expected);
  });

  it.each([
    [
      path,
      'a container name must be specified for pod two, choose one of: [a b] or one of the init containers: [init]',
    ],
    [`${path}?container=c`, 'container c is not valid for pod two'],
    [`${path}?container=b`, 'container "b" in pod "two" is waiting to start: ContainerCreating'],
    [`${path}?container=b&previous=true`, 'previous terminated container "b" in pod "two" not found'],
    ['/api/v1/namespaces/default/pods/unscheduled/log', 'pods "unscheduled" does not have a host assigned'],
  ])('%s is refused in words', async (asked, message) => {
    expect(await ask(await serve(cluster), asked)).toMatchObject({ http: 400, reason: 'BadRequest', message });
  });

  it('come from a generator a chunk at a time', async () => {
    let made = 0;
    const big = newCluster().add(pod({ name: 'big' }));
    big.setLog({ namespace: 'default', pod: 'big', container: 'main' }, function* () {
      for (made = 0; made < 100_000; made += 1) yield `2026-11-22T13:00:00Z ${'x'.repeat(1000)}\n`;
    });
    const server = await serve(big);
    const response = await fetch(`${server.url}/api/v1/namespaces/default/pods/big/log?timestamps=true`);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(made).toBeLessThan(50_000);
  });
});

describe('what is served', () => {
  it('has metrics only where they are switched on', async () => {
    const cluster = newCluster().add(nodeMetrics({ name: 'n1', usage: { cpu: '1', memory: '2Gi' } }));
    const path = '/apis/metrics.k8s.io/v1beta1/nodes';
    expect(namesOf(await ask(await serve(cluster, { metrics: true }), path))).toEqual(['n1']);
    const down = await serve(cluster, { metrics: 'down' });
    expect(await text(down, path)).toBe('service unavailable\n');
    const groups = await ask(down, '/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    expect(listAt(groups, 'items').at(-1)).toMatchObject({
      metadata: { name: 'metrics.k8s.io' },
      versions: [{ freshness: 'Stale' }],
    });
  });

  it('prints custom resources by the columns of their definition', async () => {
    const columns = [
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'Since', type: 'date', jsonPath: '.status.since' },
      { name: 'First', type: 'integer', jsonPath: '.spec.sizes[0]', priority: 1 },
    ];
    const server = await serve(
      newCluster().add(
        definition({ group: 'example.com', version: 'v1', kind: 'Widget', plural: 'widgets', columns }),
        {
          apiVersion: 'example.com/v1',
          kind: 'Widget',
          metadata: { name: 'w' },
          spec: { sizes: [7, 8] },
          status: { conditions: [{ type: 'Ready', status: 'False' }], since: '2026-11-22T13:00:11Z' },
        },
        { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'x' } },
      ),
    );
    const table = await ask(server, '/apis/example.com/v1/widgets?includeObject=Object', TABLE);
    expect(listAt(table, 'rows').map((row) => at(row, 'cells'))).toEqual([
      ['w', 'False', '2m', 7],
      ['x', null, null, null],
    ]);
    expect(textAt(table, 'rows', 0, 'object', 'kind')).toBe('Widget');
  });

  it('refuses in one namespace, and over all of them', async () => {
    const server = await serve(twenty());
    server.denied.push({ verb: 'list', resource: 'configmaps', namespace: 'shop' });
    expect(await ask(server, '/api/v1/namespaces/shop/configmaps')).toMatchObject({
      http: 403,
      message:
        'configmaps is forbidden: User "system:serviceaccount:mcp:viewer" cannot list resource "configmaps" in API group "" in the namespace "shop"',
    });
    expect(await ask(server, '/api/v1/configmaps')).toMatchObject({ http: 403 });
    expect(await ask(server, '/api/v1/namespaces/shop-2/configmaps')).toMatchObject({ http: 200 });
    expect(await ask(server, '/api/v1/namespaces/shop/configmaps/c-0')).toMatchObject({ http: 200 });
  });

  it('is only read', async () => {
    const server = await serve(twenty());
    const response = await fetch(`${server.url}/api/v1/namespaces/shop/configmaps/c-0`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(server.requests).toMatchObject([{ method: 'DELETE', path: '/api/v1/namespaces/shop/configmaps/c-0' }]);
  });
});

describe('watches', () => {
  it('tell of changes while they last', async () => {
    const cluster = twenty();
    const server = await serve(cluster);
    const path = `/api/v1/namespaces/shop/configmaps?watch=true&resourceVersion=${cluster.revision}`;
    const response = await fetch(`${server.url}${path}`);
    const seen: string[] = [];
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) seen.push(decoder.decode(chunk));
    })();
    reading.catch(() => undefined);
    cluster.add(configMap({ name: 'new', namespace: 'shop', data: {} }), configMap({ name: 'other', data: {} }));
    cluster.remove('ConfigMap', 'c-0', 'shop');
    await vi.waitFor(() => {
      const events: JsonObject[] = seen
        .join('')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(events.map((event) => [event.type, textAt(event, 'object', 'metadata', 'name')])).toEqual([
        ['ADDED', 'new'],
        ['DELETED', 'c-0'],
      ]);
    });
  });

  it('from a forgotten revision end with an error', async () => {
    const cluster = twenty();
    cluster.compact();
    const event = await ask(await serve(cluster), '/api/v1/configmaps?watch=1&resourceVersion=2');
    expect(event).toMatchObject({ http: 200, type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });
});

describe('faults', () => {
  const path = '/api/v1/namespaces/shop/configmaps';

  it.each<[Fault, number, string]>([
    [{ kind: 'status', status: 429, retryAfterSeconds: 1 }, 429, '"reason":"TooManyRequests"'],
    [{ kind: 'status', status: 503, text: 'no endpoints available' }, 503, 'no endpoints available'],
    [{ kind: 'html' }, 200, '<html>'],
    [{ kind: 'invalid-json' }, 200, '"metadata":'],
    [{ kind: 'wrong-shape' }, 200, '[1,2,3]'],
    [{ kind: 'huge', bytes: 1000 }, 200, 'xxxxxxxx'],
  ])('%j comes once and is gone', async (fault, status, says) => {
    const server = await serve(twenty());
    server.faults.push({ path, fault, times: 1 });
    const response = await fetch(`${server.url}${path}`);
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(says)]);
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
    expect(await ask(server, path)).toMatchObject({ http: 200 });
  });

  it('cut connections break off in the middle', async () => {
    const server = await serve(twenty());
    server.faults.push({ path: /configmaps$/, fault: { kind: 'cut', afterBytes: 100 } });
    const response = await fetch(`${server.url}${path}`);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('a log breaks off after what was asked of it', async () => {
    const cluster = newCluster().add(pod({ name: 'p' }));
    cluster.setLog({ namespace: 'default', pod: 'p', container: 'main' }, 'one\ntwo\nthree\n');
    const server = await serve(cluster);
    server.faults.push({ path: '/log', fault: { kind: 'cut', afterBytes: 5 } });
    const response = await fetch(`${server.url}/api/v1/namespaces/default/pods/p/log`);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const chunk of response.body ?? []) seen.push(Buffer.from(chunk).toString());
    })();
    await expect(reading).rejects.toThrow('terminated');
    expect(seen.join('')).toBe('one\nt');
  });

  it('silent ones never answer', async () => {
    const server = await serve(twenty());
    server.faults.push({ path, fault: { kind: 'silent' } });
    const abort = new AbortController();
    const answered = fetch(`${server.url}${path}`, { signal: abort.signal });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    abort.abort();
    await expect(answered).rejects.toThrow('aborted');
  });
});
