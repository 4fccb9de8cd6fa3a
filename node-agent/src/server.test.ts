import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { FactsAnswer, familyAnswerOf, PackageListAnswer, UnitAnswer, UnitListAnswer } from '@telemcp/shared/families';
import { FAMILY_NAMES, type FamilyName } from '@telemcp/shared/family-names';
import type { Listen } from '@telemcp/shared/listen';
import { ErrorAnswer } from '@telemcp/shared/routes';
import { HostSummary } from '@telemcp/shared/summary';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fakeCollector,
  SAMPLE_FACTS,
  STORE_OPTIONS,
  sampleCollectors,
  silentBus,
  unitNamed,
} from '../test/sample-facts.ts';
import type { Collector } from './collector.ts';
import { FactError } from './fact-error.ts';
import { createFactStore } from './fact-store.ts';
import { createHostRoot } from './host-root.ts';
import { createMetrics } from './metrics.ts';
import { createPackageStore } from './package-store.ts';
import { Readiness } from './routes.ts';
import { createServer } from './server.ts';
import { createUnitStore } from './unit-store.ts';

interface Change {
  collectors?: Collector[];
  disabled?: readonly FamilyName[];
  listen?: Listen;
  listUnits?: () => Promise<never>;
}

/** A server over the sample facts, what its bugs were, and the names its units were read by. */
function startServer(change: Change = {}) {
  const bugs: unknown[] = [];
  const read: string[] = [];
  const bugLog = (_where: string, error: unknown) => {
    bugs.push(error);
    return 'b0b0b0b0';
  };
  const { collectors = sampleCollectors(), disabled = [], listen = { host: '127.0.0.1', port: 9110 } } = change;
  const store = createFactStore({ ...STORE_OPTIONS, collectors, disabled, onBug: bugLog });
  const units = createUnitStore({
    bus: silentBus,
    onBug: bugLog,
    listUnits: async () => ({ units: [unitNamed('a.service')], total: 1, truncated: false, missing: [] }),
    readUnit: async (_bus, name) => {
      read.push(name);
      return { unit: unitNamed(name), missing: [] };
    },
    ...change,
  });
  const packages = createPackageStore({
    openHost: (signal) =>
      createHostRoot(fileURLToPath(new URL('../test/fixtures/root-debian-12', import.meta.url)), signal),
    onBug: bugLog,
  });
  const speaker = { node: 'node-0007', version: '1.2.3' };
  const metrics = createMetrics({ ...speaker, families: store.states, bus: silentBus.state });
  const app = createServer({ ...speaker, listen, store, units, packages, bus: silentBus, metrics, bugLog });
  const get = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'GET', url, headers: { host: 'localhost:9110', ...headers } });
  return { app, get, bugs, read };
}

test('every family answers by the contract, alone and together', async () => {
  const { get } = startServer();
  for (const family of FAMILY_NAMES) {
    const response = await get(`/v1/facts/${family}`);
    const answer = familyAnswerOf(family).parse(response.json());
    expect([response.statusCode, answer.node, answer.agentVersion, answer.family]).toEqual([
      200,
      'node-0007',
      '1.2.3',
      family,
    ]);
    expect(answer.data).toEqual(SAMPLE_FACTS[family]);
  }
  const all = FactsAnswer.strict().parse((await get('/v1/facts')).json());
  expect(Object.keys(all.families)).toEqual(FAMILY_NAMES);
  const some = FactsAnswer.parse((await get('/v1/facts?families=os,time,os')).json());
  expect(Object.keys(some.families).sort()).toEqual(['os', 'time']);
});

test('the summary has no time in it, so the same state is the same bytes, and 304 to who has them', async () => {
  const { get, app } = startServer();
  const first = await get('/v1/summary');
  const summary = HostSummary.strict().parse(first.json());
  expect([summary.node, Object.keys(summary.families), summary.os?.bootId]).toEqual(['node-0007', FAMILY_NAMES, 'b']);
  const { etag = '', ...headers } = first.headers;
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-cache',
    'x-telemcp-answered-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    'x-telemcp-age-seconds': expect.anything(),
  });
  const again = await get('/v1/summary', { 'if-none-match': '"older"' });
  expect([again.statusCode, again.headers.etag, again.body]).toEqual([200, etag, first.body]);
  for (const header of [etag, `W/${etag}`, '*', `"older", ${etag}`]) {
    const known = await get('/v1/summary', { 'if-none-match': header });
    expect([known.statusCode, known.headers.etag, known.body]).toEqual([304, etag, '']);
    expect(known.headers['x-telemcp-answered-at']).toBeDefined();
    expect(known.headers['content-type']).toBeUndefined();
  }
  const head = await app.inject({ method: 'HEAD', url: '/v1/summary', headers: { host: 'localhost' } });
  expect([head.statusCode, head.headers.etag, head.body]).toEqual([200, etag, '']);
});

test('the summary changes with what is collected, and knows how old that is', async () => {
  let isDown = false;
  const collect = async () => {
    if (isDown) throw new FactError('no_systemd', 'gone');
    return { data: SAMPLE_FACTS.systemd, source: 'test' };
  };
  const collectors = [fakeCollector('systemd', SAMPLE_FACTS.systemd, { collect, ttlMs: 0 })];
  const { get } = startServer({ collectors });
  const { etag = '', 'x-telemcp-age-seconds': age } = (await get('/v1/summary')).headers;
  expect(Number(age)).toBeLessThan(5);
  isDown = true;
  const changed = await get('/v1/summary', { 'if-none-match': `${etag}` });
  expect(changed.statusCode).toBe(200);
  expect(HostSummary.parse(changed.json())).toMatchObject({
    systemd: null,
    families: { systemd: { reason: 'no_systemd' } },
  });
});

test('answers may not be cached or sniffed, and HEAD has no body', async () => {
  const { app, get } = startServer();
  const { headers } = await get('/v1/facts/os');
  expect([headers['cache-control'], headers['x-content-type-options']]).toEqual(['no-store', 'nosniff']);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  const head = await app.inject({ method: 'HEAD', url: '/v1/facts/os', headers: { host: 'localhost' } });
  expect([head.statusCode, head.body]).toEqual([200, '']);
});

test('what the host refuses is an answer, not an error, and the agent stays ready', async () => {
  const collect = async () => {
    throw new FactError('permission_denied', '/etc/kubernetes/pki: EACCES');
  };
  const { get } = startServer({ collectors: [fakeCollector('certificates', SAMPLE_FACTS.certificates, { collect })] });
  const before = Readiness.parse((await get('/readyz')).json());
  expect(before.families).toEqual({ certificates: 'not_collected' });
  const response = await get('/v1/facts/certificates');
  expect(response.statusCode).toBe(200);
  expect(response.json()).toMatchObject({ status: 'unavailable', reason: 'permission_denied', data: null });
  const after = await get('/readyz');
  expect([after.statusCode, after.json()]).toEqual([
    200,
    { ready: true, bus: 'idle', families: { certificates: 'unavailable' } },
  ]);
});

test('units: a name without a type means a service, and its escapes arrive as they were', async () => {
  const { get, read } = startServer();
  UnitListAnswer.parse((await get('/v1/systemd/units?state=failed&type=service&limit=5')).json());
  const answer = UnitAnswer.parse((await get('/v1/systemd/units/sshd')).json());
  expect(answer.data?.name).toBe('sshd.service');
  await get('/v1/systemd/units/dev-disk-by%5Cx2duuid.device');
  await get(`/v1/systemd/units/${'%61'.repeat(255)}`);
  expect(read).toEqual(['sshd.service', 'dev-disk-by\\x2duuid.device', `${'a'.repeat(255)}.service`]);
});

test('packages: by pattern in any letter case, with how many there are', async () => {
  const { get } = startServer();
  const answer = PackageListAnswer.parse((await get('/v1/packages?name=LIBC6*&limit=1')).json());
  expect(answer).toMatchObject({ status: 'ok', total: 2, truncated: true, source: 'file:/var/lib/dpkg/status' });
  expect(answer.data?.packages.map(({ name }) => name)).toEqual(['libc6']);
  const off = startServer({ disabled: ['packages'] });
  expect((await off.get('/v1/packages')).json()).toMatchObject({ status: 'disabled', data: null });
});

test('with systemd switched off its routes say so and leave the bus alone', async () => {
  const { get, read } = startServer({ disabled: ['systemd'] });
  for (const url of ['/v1/facts/systemd', '/v1/systemd/units', '/v1/systemd/units/sshd.service']) {
    expect((await get(url)).json()).toMatchObject({ status: 'disabled', reason: 'not_configured', data: null });
  }
  expect(read).toEqual([]);
});

const WRONG: readonly [url: string, status: number, code: string, argument: string | null, says: string][] = [
  ['/v1/facts?family=os', 400, 'invalid_argument', 'family', 'there are families'],
  ['/v1/facts?families=', 400, 'invalid_argument', 'families', 'at least one'],
  [
    '/v1/facts?families=os,nope',
    400,
    'invalid_argument',
    'families',
    '"systemd"|"certificates"|"time"|"os"|"cpu"|"memory"|"filesystems"|"disks"|"network"|"ports"|"packages"|"firewall"',
  ],
  ['/v1/facts?families=os,time&families=os', 400, 'invalid_argument', 'families', 'more than once'],
  ['/v1/summary?x=1', 400, 'invalid_argument', 'x', 'takes none'],
  ['/v1/facts/os?x=1', 400, 'invalid_argument', 'x', 'takes none'],
  ['/v1/facts/nope', 404, 'not_found', 'family', 'systemd, certificates, time, os, cpu'],
  ['/v1/facts/', 404, 'not_found', 'family', 'systemd, certificates, time, os, cpu'],
  ['/v1/facts/%00', 404, 'not_found', 'family', 'systemd, certificates'],
  ['/v1/facts/%2e%2e%2f%2e%2e%2fetc%2fpasswd', 404, 'not_found', 'family', 'systemd, certificates'],
  ['/v1/systemd/units?limit=0', 400, 'invalid_argument', 'limit', '>=1'],
  ['/v1/systemd/units?limit=many', 400, 'invalid_argument', 'limit', 'expected number'],
  ['/v1/systemd/units?limit=1&limit=2', 400, 'invalid_argument', 'limit', 'more than once'],
  ['/v1/systemd/units?type=services', 400, 'invalid_argument', 'type', '"service"|'],
  ['/v1/systemd/units?state=Failed', 400, 'invalid_argument', 'state', 'such as failed'],
  ['/v1/systemd/units?pattern=a%20b', 400, 'invalid_argument', 'pattern', 'nginx.service'],
  ['/v1/systemd/units?__proto__=1', 400, 'invalid_argument', '__proto__', 'there are state, type, pattern, limit'],
  ['/v1/packages?name=a%20b', 400, 'invalid_argument', 'name', 'linux-image-*'],
  ['/v1/packages?limit=1001', 400, 'invalid_argument', 'limit', '<=1000'],
  ['/v1/packages?pattern=a', 400, 'invalid_argument', 'pattern', 'there are name, limit'],
  ['/v1/systemd/units/a%00.service', 400, 'invalid_argument', 'unit', 'nginx.service'],
  ['/v1/systemd/units/%2e%2e%2fetc', 400, 'invalid_argument', 'unit', 'nginx.service'],
  [`/v1/systemd/units/${'a'.repeat(256)}`, 400, 'invalid_argument', 'unit', 'nginx.service'],
  [`/v1/systemd/units/${'a'.repeat(9000)}`, 400, 'invalid_argument', null, 'not a valid path'],
  ['/v1/facts/%zz', 400, 'invalid_argument', null, 'not a valid path'],
  ['/etc/passwd', 404, 'not_found', null, '/v1/facts'],
  ['/v1/facts/os/', 404, 'not_found', null, '/v1/facts'],
];

test.each(WRONG)('GET %s is %i', async (url, status, code, argument, says) => {
  const { get, bugs, read } = startServer();
  const response = await get(url);
  const { error } = ErrorAnswer.parse(response.json());
  expect([response.statusCode, error.code, error.argument]).toEqual([status, code, argument]);
  expect(error.message).toContain(says);
  expect(response.headers['cache-control']).toBe('no-store');
  expect([bugs, read]).toEqual([[], []]);
});

test('no input is repeated beyond 100 printable characters, whatever it is', async () => {
  const { get, bugs } = startServer();
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ minLength: 200, maxLength: 400 }));
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom('unit', 'query', 'family', 'path'), async (input, place) => {
      // toWellFormed: a URL cannot hold half a surrogate pair.
      const encoded = encodeURIComponent(input.toWellFormed());
      const url = {
        unit: `/v1/systemd/units/${encoded}`,
        query: `/v1/systemd/units?pattern=${encoded}&${encoded}=${encoded}`,
        family: `/v1/facts/${encoded}`,
        path: `/${encoded}`,
      }[place];
      const response = await get(url);
      if (response.statusCode === 200) return;
      const { error } = ErrorAnswer.parse(response.json());
      expect(error.message).toMatch(/^[\x20-\x7e]{1,400}$/);
      const longest = input.slice(0, 101);
      if (longest.length > 100) expect(error.message).not.toContain(longest);
    }),
    { numRuns: 300 },
  );
  expect(bugs).toEqual([]);
});

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)('%s is refused on every path', async (method) => {
  const { app } = startServer();
  for (const url of ['/v1/facts', '/v1/systemd/units/sshd.service', '/metrics', '/nowhere']) {
    const response = await app.inject({ method, url, headers: { host: 'localhost' }, payload: '{"a":1}' });
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(ErrorAnswer.parse(response.json()).error.code).toBe('method_not_allowed');
  }
});

test('no route but GET and HEAD was ever registered', async () => {
  const { app } = startServer();
  await app.ready();
  const methods = app.supportedMethods.filter((method) =>
    [
      '/v1/facts',
      '/v1/facts/:family',
      '/v1/systemd/units',
      '/v1/systemd/units/:unit',
      '/metrics',
      '/openapi.json',
    ].some((url) => app.hasRoute({ method, url })),
  );
  expect(methods.sort()).toEqual(['GET', 'HEAD']);
  const shown = app.printRoutes({ commonPrefix: false });
  expect([...new Set(shown.match(/\(([A-Z, ]+)\)/g))]).toEqual(['(GET, HEAD)']);
});

test('on loopback another host name is refused, since a web page could have sent it', async () => {
  const { get } = startServer();
  for (const host of ['localhost', 'LOCALHOST:9110', '127.0.0.1:9110', '[::1]:9110', 'Node-0007']) {
    expect((await get('/healthz', { host })).statusCode).toBe(200);
  }
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:9110', '10.0.0.1']) {
    const response = await get('/v1/facts', { host, 'x-forwarded-host': 'localhost' });
    expect([response.statusCode, ErrorAnswer.parse(response.json()).error.argument]).toEqual([403, 'host']);
  }
  const open = startServer({ listen: { host: '0.0.0.0', port: 9110 } });
  expect((await open.get('/healthz', { host: '10.0.0.1:9110' })).statusCode).toBe(200);
});

test('a bug shows an id and nothing else', async () => {
  const broken = fakeCollector('os', SAMPLE_FACTS.os);
  const { get, bugs } = startServer({ collectors: [broken] });
  const response = await get('/v1/facts/time');
  expect(response.statusCode).toBe(500);
  expect(response.json().error).toMatchObject({ code: 'internal_error', argument: null });
  expect(response.body).toContain('b0b0b0b0');
  expect(response.body).not.toContain('collector');
  expect(String(bugs[0])).toContain('no collector for the family time');
});

test('a request under way when the server is told to close is still answered', async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: found, resolve: find } = Promise.withResolvers<{ data: typeof SAMPLE_FACTS.os; source: string }>();
  const collect = () => {
    begin();
    return found;
  };
  const { app } = startServer({ collectors: [fakeCollector('os', SAMPLE_FACTS.os, { collect })] });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const answering = fetch(`${address}/v1/facts/os`);
  await begun;
  const closing = app.close();
  find({ data: SAMPLE_FACTS.os, source: 'test' });
  expect((await answering).status).toBe(200);
  await closing;
  await expect(fetch(`${address}/healthz`)).rejects.toThrow('fetch failed');
});

test('metrics and the interface description are served, and count what was asked by route, not by path', async () => {
  const { get } = startServer();
  await get('/v1/systemd/units/a.service');
  await get('/v1/systemd/units/b.service');
  await get('/v1/facts/%zz');
  await get('/x/y');
  const response = await get('/metrics');
  expect(response.headers['content-type']).toContain('text/plain; version=0.0.4');
  expect(response.body).toContain('telemcp_reboot_required 0\n');
  expect(response.body).toContain('{route="/v1/systemd/units/:unit",code="200"} 2');
  expect(response.body).toContain('{route="unmatched",code="400"} 1');
  expect(response.body).toContain('{route="unmatched",code="404"} 1');
  const document = await get('/openapi.json');
  expect(document.headers['content-type']).toContain('application/json');
  expect(document.json().info.version).toBe('1.2.3');
});

/** Sends bytes as they are, which `inject` and `fetch` would tidy up first, and returns all that comes back. */
function send(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

async function listen(app: ReturnType<typeof createServer>): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

test('requests sent a few ahead are all answered; a thousand ahead, whose answers would fill memory, end the connection', async () => {
  const { app, bugs } = startServer();
  const port = await listen(app);
  const requests = (count: number) => 'GET /v1/facts HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(count);
  const last = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  expect((await send(port, requests(31) + last)).match(/HTTP\/1.1 200 OK/g)).toHaveLength(32);
  const flooded = await send(port, requests(1000) + last).catch(String);
  expect(flooded.match(/HTTP\/1.1 200 OK/g) ?? []).toHaveLength(0);
  expect(app.server.maxConnections).toBe(256);
  await app.close();
  expect(bugs).toEqual([]);
});

test('over a real socket: traversal, no HTTP at all, no Host, and a megabyte are all answered in JSON', async () => {
  const { app, bugs } = startServer();
  const port = await listen(app);
  const request = (target: string, headers = 'Host: localhost\r\n') =>
    send(port, `GET ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
  const answers: readonly [string, number][] = [
    [await request('/v1/facts/../../etc/passwd'), 404],
    [await request('http://localhost/etc/passwd'), 404],
    [await request(`/v1/facts?families=${'a'.repeat(1_000_000)}`), 431],
    [await request('/healthz', ''), 400],
    [await send(port, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), 400],
    [await send(port, 'NONSENSE / HTTP/1.1\r\n\r\n'), 400],
  ];
  for (const [text, status] of answers) {
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    ErrorAnswer.parse(JSON.parse(body));
  }
  await app.close();
  expect(bugs).toEqual([]);
});
