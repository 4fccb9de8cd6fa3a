import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeOf } from '@telemcp/shared/envelope';
import { OsFacts } from '@telemcp/shared/facts/os';
import { expect, onTestFinished, test } from 'vitest';
import { fakeCollector, SAMPLE_FACTS, STORE_OPTIONS } from '../test/sample-facts.ts';
import { askDelegate } from './ask-delegate.ts';
import { FactError } from './fact-error.ts';
import { createFactStore } from './fact-store.ts';

const OPTIONS = { family: 'os' as const, timeoutMs: 5000, onBug: failOnBug };

function failOnBug(_: string, error: unknown) {
  throw error;
}

function socketPath(): string {
  return join(mkdtempSync(join(tmpdir(), 'delegate-')), 'a.sock');
}

/** A socket that treats connections as the test says; its path, and how many came. */
async function listening(onConnection: (socket: Socket) => void) {
  const path = socketPath();
  const seen = { connections: 0, requests: '' };
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    seen.connections += 1;
    open.add(socket.on('error', () => undefined));
    socket.once('data', (chunk) => {
      seen.requests += chunk.toString();
      onConnection(socket);
    });
  }).listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { path, seen };
}

const saying = (body: unknown, status = '200 OK') => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const head = `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n`;
  return (socket: Socket) => void socket.end(head + text);
};

const ENVELOPE = {
  status: 'partial',
  reason: 'permission_denied',
  hint: 'Mount it readable.',
  source: 'file:/etc/os-release',
  collectedAt: '2026-11-22T12:00:00.000Z',
  ageSeconds: 7.5,
  durationMs: 12.5,
  total: 3,
  truncated: true,
  missing: [{ what: '/sys/class/dmi', reason: 'permission_denied', detail: 'EACCES' }],
  data: SAMPLE_FACTS.os,
};
const ANSWER = {
  node: 'another-name',
  agentVersion: '9',
  answeredAt: '2026-11-22T12:00:07.500Z',
  family: 'os',
  ...ENVELOPE,
};

test('an envelope is handed on as it is, with the socket it came through', async () => {
  const { path, seen } = await listening(saying(ANSWER));
  const { ageSeconds, ...rest } = await askDelegate({ ...OPTIONS, socketPath: path });
  const { ageSeconds: _, ...expected } = ENVELOPE;
  expect(rest).toEqual({ ...expected, source: `unix:${path} file:/etc/os-release` });
  // As of the question, which was a moment ago.
  expect(ageSeconds).toBeLessThanOrEqual(7.5);
  expect(ageSeconds).toBeGreaterThan(5);
  expect(seen.requests).toMatch(/^GET \/v1\/facts\/os HTTP\/1\.1\r\n/);
});

test('“could not look” and “switched off” over there are that here', async () => {
  const absent = { ...ANSWER, status: 'unavailable', reason: 'apparmor_denied', data: null };
  const asking = await askDelegate({ ...OPTIONS, socketPath: (await listening(saying(absent))).path });
  expect(asking).toMatchObject({ status: 'unavailable', reason: 'apparmor_denied', hint: 'Mount it readable.' });
  const disabled = { ...ANSWER, status: 'disabled', reason: 'not_configured', data: null };
  expect((await askDelegate({ ...OPTIONS, socketPath: (await listening(saying(disabled))).path })).status).toBe(
    'disabled',
  );
});

test.each<[string, (socket: Socket) => void, string, RegExp]>([
  ['hangs up', (socket) => socket.destroy(), 'unreachable', /connection was cut/],
  [
    'hangs up in its answer',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{'),
    'unreachable',
    /connection was cut/,
  ],
  ['speaks something else', (socket) => socket.end('SSH-2.0-x\r\n\r\n'), 'parse_error', /not an HTTP answer \(HPE_/],
  ['sends no JSON', saying('<html>'), 'parse_error', /not an agent's answer: not JSON/],
  ['sends another family', saying({ ...ANSWER, family: 'time' }), 'parse_error', /not an agent's answer: family/],
  ['sends data of another shape', saying({ ...ANSWER, data: { os: 1 } }), 'parse_error', /not an agent's answer: data/],
  [
    'is an agent of another version',
    saying(
      { error: { code: 'not_found', message: 'no such family: os\u001b[2J', argument: 'family' } },
      '404 Not Found',
    ),
    'parse_error',
    /HTTP 404: no such family: os\?\[2J$/,
  ],
  [
    'never comes to an end',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const megabyte = Buffer.alloc(1 << 20, ' ');
      const more = (): void => {
        while (!socket.destroyed && socket.write(megabyte));
        socket.once('drain', more);
      };
      more();
    },
    'too_large',
    /more than 8388608 bytes/,
  ],
])('another agent that %s is said to', async (_, onConnection, reason, detail) => {
  const { path } = await listening(onConnection);
  const envelope = await askDelegate({ ...OPTIONS, socketPath: path });
  expect(envelope).toMatchObject({ status: 'unavailable', reason, source: `unix:${path}`, data: null });
  expect(envelope.missing).toEqual([{ what: `os from unix:${path}`, reason, detail: expect.stringMatching(detail) }]);
  if (reason !== 'too_large') expect(envelope.hint).toMatch(/TELEMCP_AGENT_(LISTEN|FAMILIES)/);
});

test('a socket that is not there, or is none, is said to with what to do', async () => {
  const path = socketPath();
  const absent = await askDelegate({ ...OPTIONS, socketPath: path });
  expect(absent).toMatchObject({ reason: 'unreachable', hint: expect.stringContaining(`LISTEN=unix:${path}`) });
  expect(absent.missing[0]?.detail).toContain('no such socket');
  writeFileSync(path, '');
  expect((await askDelegate({ ...OPTIONS, socketPath: path })).missing[0]?.detail).toContain('nobody listens');
});

test('silence is a timeout a second after the family’s own time', async () => {
  const { path } = await listening(() => undefined);
  const startedAt = performance.now();
  const envelope = await askDelegate({ ...OPTIONS, timeoutMs: 100, socketPath: path });
  expect(envelope).toMatchObject({ status: 'unavailable', reason: 'timeout', hint: expect.stringContaining(path) });
  expect(performance.now() - startedAt).toBeGreaterThan(1050);
  expect(performance.now() - startedAt).toBeLessThan(2500);
});

test('the store asks once for all, keeps the answer for what is left of its time, and tells its true age', async () => {
  const { path, seen } = await listening(saying(ANSWER));
  const clock = { ms: 0 };
  const collect = async () => {
    throw new FactError('internal_error', 'this agent looked itself');
  };
  const store = createFactStore({
    ...STORE_OPTIONS,
    collectors: [fakeCollector('os', SAMPLE_FACTS.os, { ttlMs: 10_000, collect })],
    delegates: new Map([['os', path]]),
    now: () => clock.ms,
  });
  const [first] = await Promise.all([store.get('os'), store.get('os'), store.get('os')]);
  expect(envelopeOf(OsFacts).parse(first).data).toEqual(SAMPLE_FACTS.os);
  clock.ms = 2000;
  const age = (await store.get('os')).ageSeconds;
  expect(age).toBeGreaterThan(7);
  expect(age).toBeLessThanOrEqual(9.5);
  expect(seen.connections).toBe(1);
  // 7.5 of its 10 seconds were over when it came.
  clock.ms = 5000;
  await store.get('os');
  expect(seen.connections).toBe(2);
  expect(store.states()).toMatchObject([{ family: 'os', status: 'partial', collectedAt: ENVELOPE.collectedAt }]);
  expect(store.refusal('os')).toMatchObject({ status: 'unavailable', reason: 'not_configured', data: null });
});
