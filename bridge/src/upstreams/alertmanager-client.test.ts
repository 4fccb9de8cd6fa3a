import { describe, expect, it, onTestFinished } from 'vitest';
import { cannedServer, type Reply } from '../../test/canned-server.ts';
import { createAlertmanager } from './alertmanager-client.ts';

const { signal } = new AbortController();

async function alertmanagerSaying(reply: Reply) {
  const { url, seen } = await cannedServer(reply);
  const alertmanager = createAlertmanager({ url: new URL('/alertmanager', url) });
  onTestFinished(() => alertmanager.close());
  return { alertmanager, seen, ask: () => alertmanager.alerts({}, signal) };
}

const alert = {
  annotations: { summary: 'cart is down', runbook_url: 'https://runbooks.example/cart' },
  endsAt: '2026-11-22T12:04:03.123Z',
  fingerprint: 'b0c3c1d2e3f40516',
  receivers: [{ name: 'on-call' }, { name: 'archive' }],
  startsAt: '2026-11-22T12:00:03.123+01:00',
  status: { inhibitedBy: ['a1'], silencedBy: ['s1'], mutedBy: ['weekend'], state: 'suppressed' },
  updatedAt: '2026-11-22T12:00:03.987654321Z',
  generatorURL: 'http://prometheus/graph?g0.expr=up',
  labels: { alertname: 'Down', severity: 'critical' },
};

describe('alerts', () => {
  it('have all that Alertmanager knows of them, by fingerprint', async () => {
    const other = {
      ...alert,
      fingerprint: 'a1',
      status: { state: 'active', silencedBy: [], inhibitedBy: [] },
      generatorURL: '',
    };
    const { ask } = await alertmanagerSaying({ body: [alert, other] });
    const [first, second] = await ask();
    expect(first).toMatchObject({ fingerprint: 'a1', state: 'active', mutedBy: [], generatorUrl: null });
    expect(second).toEqual({
      fingerprint: 'b0c3c1d2e3f40516',
      labels: { alertname: 'Down', severity: 'critical' },
      annotations: { summary: 'cart is down', runbook_url: 'https://runbooks.example/cart' },
      startsAt: new Date('2026-11-22T11:00:03.123Z'),
      endsAt: new Date('2026-11-22T12:04:03.123Z'),
      updatedAt: new Date('2026-11-22T12:00:03.987Z'),
      state: 'suppressed',
      silencedBy: ['s1'],
      inhibitedBy: ['a1'],
      mutedBy: ['weekend'],
      receivers: ['on-call', 'archive'],
      generatorUrl: 'http://prometheus/graph?g0.expr=up',
    });
  });

  it('are asked for by their state and by matchers, never by POST, however many', async () => {
    const { alertmanager, seen } = await alertmanagerSaying({ body: [] });
    const filter = Array.from({ length: 100 }, (_, index) => `label_${index}!~"value, with ${index}"`);
    expect(await alertmanager.alerts({ active: true, silenced: false, filter }, signal)).toEqual([]);
    expect(seen.map(({ method, path, parameters }) => ({ method, path, parameters }))).toEqual([
      {
        method: 'GET',
        path: '/alertmanager/api/v2/alerts',
        parameters: { active: 'true', silenced: 'false', filter },
      },
    ]);
  });
});

it('silences have their matchers, also of an Alertmanager that knows no negative ones', async () => {
  const times = { startsAt: alert.startsAt, endsAt: alert.endsAt, updatedAt: alert.updatedAt };
  const matchers = [{ name: 'alertname', value: 'Down', isRegex: false }];
  const silence = { id: 's2', status: { state: 'active' }, comment: 'planned', createdBy: 'jane', matchers, ...times };
  const { alertmanager, seen } = await alertmanagerSaying({ body: [silence, { ...silence, id: 's1' }] });
  const silences = await alertmanager.silences({ filter: ['alertname="Down"'] }, signal);
  expect(silences.map(({ id }) => id)).toEqual(['s1', 's2']);
  expect(silences[1]).toMatchObject({
    state: 'active',
    comment: 'planned',
    createdBy: 'jane',
    matchers: [{ name: 'alertname', value: 'Down', isRegex: false, isEqual: true }],
    endsAt: new Date(alert.endsAt),
  });
  expect(seen[0]?.parameters).toEqual({ filter: 'alertname="Down"' });
});

it('its status has version and cluster, and leaves the configuration where it is', async () => {
  const { alertmanager } = await alertmanagerSaying({
    body: {
      cluster: { name: 'x', status: 'ready', peers: [{}, {}] },
      config: { original: 'route: secret' },
      uptime: '2026-11-22T10:00:00.5Z',
      versionInfo: { version: '0.28.1' },
    },
  });
  expect(await alertmanager.status(signal)).toEqual({
    version: '0.28.1',
    cluster: 'ready',
    peers: 2,
    startedAt: new Date('2026-11-22T10:00:00.5Z'),
  });
  const bare = await alertmanagerSaying({ body: {} });
  expect(await bare.alertmanager.status(signal)).toEqual({ version: null, cluster: null, peers: 0, startedAt: null });
});

describe('a refusal', () => {
  it.each<[string, Reply, string, string]>([
    ['of a filter', { status: 400, body: 'bad matcher format: nonsense' }, 'bad_query', 'bad matcher format: nonsense'],
    ['in a string of JSON', { status: 400, body: '"bad matcher format"' }, 'bad_query', 'bad matcher format'],
    [
      'by its interface',
      { status: 422, body: { code: 602, message: 'active in query must be boolean' } },
      'bad_query',
      'active in query must be boolean',
    ],
    ['without credentials', { status: 401, type: 'text/plain', body: 'Unauthorized\n' }, 'denied', 'Unauthorized'],
    ['of a proxy without credentials', { status: 403, type: 'text/html', body: '<html>' }, 'denied', 'HTTP 403'],
    ['without a tenant', { status: 401, type: 'text/plain', body: 'no org id' }, 'denied', 'no org id'],
    ['of a fault inside', { status: 500, body: '"boom"' }, 'bad_response', 'boom'],
    ['of a proxy', { status: 502, type: 'text/html', body: '<html>' }, 'bad_response', 'HTTP 502 (text/html)'],
    [
      'of API v1, which is gone',
      { status: 410, body: { status: 'deprecated', error: 'API v1 is gone' } },
      'bad_response',
      'API v1 is gone',
    ],
    ['that is a page', { type: 'text/html', body: '<html>' }, 'bad_response', 'which is not an answer of Alertmanager'],
    ['that breaks off', { body: '[{"fingerp' }, 'bad_response', 'which is not an answer of Alertmanager'],
    ['that is something else', { body: { alerts: [] } }, 'bad_response', 'which is not an answer of Alertmanager'],
    [
      'with a time that is none',
      { body: [{ ...alert, startsAt: null }] },
      'bad_response',
      'not an answer of Alertmanager',
    ],
  ])('%s', async (_, reply, code, message) => {
    const { ask } = await alertmanagerSaying(reply);
    await expect(ask()).rejects.toMatchObject({
      code,
      upstream: 'alertmanager',
      message: expect.stringContaining(message),
    });
  });
});
