import { describe, expect, it } from 'vitest';
import { cannedServer, type Reply } from '../../test/canned-server.ts';
import { createHttpApi, type HttpApiSettings } from './http-api.ts';
import type { HttpCredentials } from './http-credentials.ts';
import { createHttpCredentials } from './http-credentials.ts';
import type { SecretFile } from './secret-file.ts';

const { signal } = new AbortController();

/** A token that is another whenever its file is looked at, until `tokens` are used up; then the file is gone. */
function tokenOf(...tokens: string[]): HttpCredentials {
  const [first = '', ...later] = tokens;
  let current = first;
  let problem: string | null = null;
  const bearer: SecretFile = {
    current: () => current,
    problem: () => problem,
    look: async () => {
      const next = later.shift();
      if (next === undefined) problem = 'TELEMCP_LOKI_TOKEN_FILE: /token: there is no such file';
      else current = next;
      return true;
    },
  };
  return createHttpCredentials({ tenant: null, bearer, basic: null, onProblem: () => undefined });
}

async function apiOf(reply: Parameters<typeof cannedServer>[0], settings: Partial<HttpApiSettings> = {}) {
  const { url, seen } = await cannedServer(reply);
  const api = createHttpApi('Loki', { url, ...settings });
  return { api, seen };
}

describe('a question', () => {
  it('has each parameter that is set, a list of them several times', async () => {
    const { api, seen } = await apiOf({ body: {} });
    const parameters = { a: 1n, b: false, c: undefined, d: ['x y', 'z&'] };
    await api.ask({ path: '/q', parameters, signal });
    await api.ask({ path: '/q', signal });
    expect(seen.map(({ method, parameters }) => ({ method, parameters }))).toEqual([
      { method: 'GET', parameters: { a: '1', b: 'false', d: ['x y', 'z&'] } },
      { method: 'GET', parameters: {} },
    ]);
  });

  it('goes as a form when it is long, and where the server takes one', async () => {
    const { api, seen } = await apiOf({ body: {} });
    const parameters = { query: 'x'.repeat(2000) };
    await api.ask({ path: '/q', parameters, takesForm: true, signal });
    await api.ask({ path: '/q', parameters, signal });
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(seen[0]?.parameters).toEqual(parameters);
  });
});

describe('credentials that are refused', () => {
  const taking =
    (token: string) =>
    (asked: { headers: { authorization?: string | undefined } }): Reply =>
      asked.headers.authorization === `Bearer ${token}` ? { body: {} } : { status: 401, body: 'no' };

  it('are read again at once, and the question asked once more', async () => {
    const { api, seen } = await apiOf(taking('new'), { credentials: tokenOf('old', 'new') });
    expect((await api.ask({ path: '/q', signal })).status).toBe(200);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('are read again for each of several questions that were under way', async () => {
    const { api } = await apiOf(taking('new'), { credentials: tokenOf('old', 'new') });
    const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await api.ask({ path: '/q', signal })).status));
    expect(statuses).toEqual([200, 200, 200, 200]);
  });

  it('are not sent twice when the file has nothing new', async () => {
    const { api, seen } = await apiOf(taking('new'), { credentials: tokenOf('old', 'old') });
    expect((await api.ask({ path: '/q', signal })).status).toBe(401);
    expect(seen).toHaveLength(1);
  });

  it('of a file that is gone are told with its name', async () => {
    const { api } = await apiOf(taking('new'), { credentials: tokenOf('old') });
    const error = api.denied(await api.ask({ path: '/q', signal }), null);
    expect(error).toMatchObject({ code: 'denied', upstream: 'loki' });
    expect(error.hint).toBe('TELEMCP_LOKI_TOKEN_FILE: /token: there is no such file. What it held before was sent.');
  });

  it('are not in the message when the server repeats them', async () => {
    const { api } = await apiOf({ status: 401, body: '' }, { credentials: tokenOf('s3cr3t-token', 's3cr3t-token') });
    const error = api.denied(await api.ask({ path: '/q', signal }), 'unknown token s3cr3t-token');
    expect(error.message).toBe(`${api.address}: HTTP 401: unknown token [redacted]`);
  });

  it('are not in it either when they stand in the address', async () => {
    const { url } = await cannedServer({ status: 401, body: '' });
    url.username = 'user';
    url.password = 'p%40ss 1';
    const api = createHttpApi('Loki', { url });
    const error = api.denied(await api.ask({ path: '/q', signal }), 'wrong: p@ss 1, p%40ss%201');
    expect(error.message).toBe(`${api.address}: HTTP 401: wrong: [redacted], [redacted]`);
    expect(api.address).not.toContain('user');
  });

  it.each<[string, string, Partial<HttpApiSettings>, string]>([
    ['has none', 'who is it?', {}, 'The operator gives the bridge credentials: TELEMCP_LOKI_TOKEN_FILE, or'],
    ['has some', 'who is it?', { credentials: tokenOf('a', 'a') }, 'It does not take the credentials of this bridge'],
    ['has no tenant', 'no org id', { credentials: tokenOf('a', 'a') }, 'The operator sets TELEMCP_LOKI_TENANT.'],
    [
      'has another tenant',
      'tenant not allowed',
      {
        credentials: createHttpCredentials({
          tenant: 'team-b',
          bearer: null,
          basic: null,
          onProblem: () => undefined,
        }),
      },
      'The tenant asked for is team-b; the operator sets another in TELEMCP_LOKI_TENANT',
    ],
  ])('are advised on when the bridge %s', async (_, words, settings, hint) => {
    const { api } = await apiOf({ status: 401, body: words }, settings);
    expect(api.denied(await api.ask({ path: '/q', signal }), words).hint).toContain(hint);
  });

  it('do not follow a redirect', async () => {
    const elsewhere = await cannedServer({ body: {} });
    const { api } = await apiOf(
      { status: 307, headers: { location: elsewhere.url.href }, body: '' },
      { credentials: tokenOf('old', 'new') },
    );
    const error = api.unexpected(await api.ask({ path: '/q', signal }));
    expect(error.message).toMatch(/answered HTTP 307 .*, a redirect$/);
    expect(elsewhere.seen).toEqual([]);
  });
});

it('a proxy that does not take the client certificate is told from a bad query', async () => {
  const page = '<html><head><title>400 The SSL certificate error</title></head></html>';
  const { api } = await apiOf({ status: 400, type: 'text/html', body: page });
  expect(api.unexpected(await api.ask({ path: '/q', signal }))).toMatchObject({
    code: 'denied',
    message: expect.stringContaining('it does not accept our client certificate'),
  });
});
