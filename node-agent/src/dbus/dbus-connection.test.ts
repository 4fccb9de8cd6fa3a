import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMockBus, type MockBus, type MockMode } from '../../test/mock-bus.ts';
import type { SystemBus } from './bus.ts';
import { type BusEvent, createSystemBus } from './dbus-connection.ts';

const CALL_TIMEOUT_MS = 150;
const LOOK = { destination: 'org.example.Thing', path: '/thing', interface: 'org.example.Thing', member: 'Look' };
const KEY = 'org.example.Thing /thing org.example.Thing.Look';
const strays: unknown[] = [];
const onStray = (error: unknown) => strays.push(error);

let mock: MockBus;
let bus: SystemBus;
let events: BusEvent[];
let nowMs: number;
const busAt = (address: string, random = 0.5): SystemBus =>
  createSystemBus({
    address,
    callTimeoutMs: CALL_TIMEOUT_MS,
    now: () => nowMs,
    random: () => random,
    onEvent: (event) => events.push(event),
  });
const look = (signal = new AbortController().signal) => bus.call(LOOK, signal);

beforeEach(async () => {
  strays.length = 0;
  process.on('unhandledRejection', onStray).on('uncaughtException', onStray);
  events = [];
  nowMs = 1_000;
  mock = await createMockBus();
  mock.reply(KEY, 's', ['seen']);
  bus = busAt(mock.address);
});
afterEach(async () => {
  bus.close();
  await mock.close();
  // An unhandled rejection is told after the microtasks of the turn it happened in.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', onStray).off('uncaughtException', onStray);
  expect(strays).toEqual([]);
});

describe('every fault has its reason, within the deadline, and leaves no connection behind', () => {
  const cases: readonly [mode: MockMode, reason: string, worked: boolean, hint: RegExp | null][] = [
    ['silent', 'timeout', false, null],
    ['never-answers', 'timeout', true, null],
    ['dies-mid-call', 'unreachable', true, null],
    ['rejects-auth', 'auth_rejected', false, /passwd/],
    ['cut-after-auth', 'auth_rejected', false, /passwd/],
    ['hello-error', 'unreachable', false, /system bus/],
    ['apparmor', 'apparmor_denied', false, /appArmorProfile/],
    ['huge-reply', 'too_large', true, null],
    ['garbage', 'parse_error', true, null],
  ];
  test.each(cases)('%s: %s', async (mode, reason, worked, hint) => {
    mock.mode(mode);
    const startedAt = performance.now();
    const outcomes = await Promise.allSettled([look(), look(), look()]);
    const tookMs = performance.now() - startedAt;
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'FactError', reason } });
      if (hint !== null) expect(outcome).toMatchObject({ reason: { hint: expect.stringMatching(hint) } });
    }
    expect(tookMs).toBeLessThan(CALL_TIMEOUT_MS * 3);
    if (reason === 'timeout') expect(tookMs).toBeGreaterThanOrEqual(CALL_TIMEOUT_MS - 2);
    expect(mock.connectionsTotal()).toBe(1);
    await expect.poll(() => mock.connections()).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(worked ? ['connected', 'lost'] : ['waiting']);
    expect(bus.state()).toMatchObject({ status: 'waiting', lastError: expect.any(String) });

    mock.mode('normal');
    nowMs += 60_000;
    expect(await look()).toEqual(['seen']);
    expect(bus.state()).toEqual({ status: 'connected' });
  });

  test('100 MB announced are not taken in', async () => {
    mock.mode('huge-reply');
    await expect(look()).rejects.toThrow(/announced a reply of 104857\d+ bytes/);
    await expect.poll(() => mock.connections()).toBe(0);
    expect(mock.bytesSent()).toBeLessThan(4 * 1024 * 1024);
  });

  test('killed while a call waits: rejected at once, not at the deadline', async () => {
    bus.close();
    bus = createSystemBus({ address: mock.address, callTimeoutMs: 60_000 });
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    mock.reply(KEY, 's', () => {
      onAsked();
      return new Promise(() => {});
    });
    const looked = look();
    await asked;
    await mock.kill();
    await expect(looked).rejects.toMatchObject({ reason: 'unreachable' });
  });
});

describe('no socket to speak to', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'no-bus-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('none there: not_found, with what to mount', async () => {
    bus = busAt(`unix:path=${directory}/system_bus_socket`);
    await expect(look()).rejects.toMatchObject({
      reason: 'not_found',
      message: `D-Bus at ${directory}/system_bus_socket: ENOENT`,
      hint: expect.stringContaining('/run/dbus'),
    });
  });

  test('a plain file there: unreachable', async () => {
    await writeFile(join(directory, 'socket'), '');
    bus = busAt(join(directory, 'socket'));
    await expect(look()).rejects.toMatchObject({ reason: 'unreachable', hint: expect.stringContaining('/run/dbus') });
  });
});

describe('coming back', () => {
  test('nothing is opened before the first call', () => {
    expect(bus.state()).toEqual({ status: 'idle' });
    expect(mock.connectionsTotal()).toBe(0);
  });

  test('a bus that restarted while nothing was asked is back with the next call', async () => {
    expect(await look()).toEqual(['seen']);
    await mock.kill();
    await expect.poll(() => bus.state().status).toBe('waiting');
    expect(events.at(-1)).toMatchObject({ type: 'lost', reason: 'unreachable' });
    await mock.restart();
    expect(await look()).toEqual(['seen']);
    expect(events.map(({ type }) => type)).toEqual(['connected', 'lost', 'connected']);
    expect(mock.connections()).toBe(1);
  });

  test('killed and restarted 20 times it leaks no connection', async () => {
    for (let round = 0; round < 20; round += 1) {
      expect(await look()).toEqual(['seen']);
      await mock.kill();
      await expect.poll(() => bus.state().status, { interval: 1 }).toBe('waiting');
      await mock.restart();
    }
    expect(await look()).toEqual(['seen']);
    expect(mock.connections()).toBe(1);
    expect(mock.connectionsTotal()).toBe(21);
  });

  test('while it waits a call fails at once, with the last reason and when it will be tried again', async () => {
    mock.mode('apparmor');
    await expect(look()).rejects.toMatchObject({ reason: 'apparmor_denied' });
    const state = bus.state();
    if (state.status !== 'waiting') throw new Error(`state is ${state.status}`);
    const dueInMs = state.retryAt.getTime() - Date.now();
    expect(dueInMs).toBeGreaterThan(1_000);
    expect(dueInMs).toBeLessThanOrEqual(1_500);
    expect(events).toEqual([
      { type: 'waiting', reason: 'apparmor_denied', detail: state.lastError, retryAt: state.retryAt },
    ]);

    mock.mode('normal');
    nowMs += 1_499;
    await expect(look()).rejects.toMatchObject({
      reason: 'apparmor_denied',
      message: `${state.lastError}; next attempt in 0.0 s`,
      hint: expect.stringContaining('appArmorProfile'),
    });
    expect(mock.connectionsTotal()).toBe(1);
    nowMs += 1;
    expect(await look()).toEqual(['seen']);
  });

  test.each([
    [0, [1, 2, 4, 8, 16, 30, 30, 30]],
    [0.999_999, [2, 4, 8, 16, 32, 60, 60, 60]],
  ])('waits longer after every failure, between 1 and 60 s (random %d)', async (random, seconds) => {
    bus = busAt(mock.address, random);
    await mock.kill();
    for (const wait of seconds) {
      await expect(look()).rejects.toMatchObject({ reason: 'not_found' });
      const connections = events.length;
      nowMs += (wait - 0.01) * 1_000;
      await expect(look()).rejects.toThrow(/next attempt in 0\.0 s/);
      expect(events.length).toBe(connections);
      nowMs += 10;
    }
    await mock.restart();
    expect(await look()).toEqual(['seen']);
  });

  test('what worked once starts again from the shortest wait', async () => {
    await mock.kill();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await expect(look()).rejects.toMatchObject({ reason: 'not_found' });
      nowMs += 60_000;
    }
    await mock.restart();
    expect(await look()).toEqual(['seen']);
    await mock.kill();
    await expect.poll(() => bus.state().status).toBe('waiting');
    await expect(look()).rejects.toMatchObject({
      reason: 'not_found',
      message: expect.not.stringContaining('next attempt'),
    });
    await mock.restart();
    nowMs += 1_500;
    expect(await look()).toEqual(['seen']);
  });

  test('a bus that went silent is noticed though every caller gave up before the deadline', async () => {
    expect(await look()).toEqual(['seen']);
    mock.mode('never-answers');
    const controller = new AbortController();
    const looked = look(controller.signal);
    await expect.poll(() => mock.calls.length).toBe(2);
    controller.abort();
    await expect(looked).rejects.toMatchObject({ reason: 'timeout' });
    expect(mock.connections()).toBe(1);
    mock.mode('normal');
    nowMs += CALL_TIMEOUT_MS + 1;
    expect(await look()).toEqual(['seen']);
    expect(mock.connectionsTotal()).toBe(2);
    await expect.poll(() => mock.connections()).toBe(1);
  });
});

test('closed it rejects what is pending, takes no call, and says nothing more', async () => {
  mock.mode('never-answers');
  const looked = look();
  await expect.poll(() => mock.calls.length).toBe(1);
  events = [];
  bus.close();
  await expect(looked).rejects.toMatchObject({ reason: 'unreachable' });
  await expect(look()).rejects.toMatchObject({ reason: 'unreachable' });
  await expect.poll(() => mock.connections()).toBe(0);
  expect(bus.state()).toEqual({ status: 'closed' });
  expect(events).toEqual([]);
});

describe('addresses', () => {
  const create = (address: string) => createSystemBus({ address });

  test.each([
    'unixexec:path=/bin/sh,arg1=-c',
    'unix:path=/run/a;unixexec:path=/bin/sh',
    'unix:path=/run/a,guid=1',
    'unix:abstract=/tmp/x',
    'unix:socket=/run/a',
    'unix:path=run/a',
    'unix:path=',
    'tcp:host=127.0.0.1,port=1',
    'nonce-tcp:host=x',
    'launchd:env=X',
    'autolaunch:',
    'run/dbus/socket',
    '/run/a:b',
    '/run/%2fa',
    '/run/a\0b',
    '',
  ])('%j is refused', (address) => {
    expect(() => create(address)).toThrow(/^D-Bus address must be unix:path=\/… or an absolute path/);
  });

  test('a path longer than a socket may have is refused', () => {
    expect(() => create(`/${'x'.repeat(106)}`)).not.toThrow();
    expect(() => create(`/${'x'.repeat(107)}`)).toThrow(/longer than the 107 bytes/);
  });

  test('nothing with a separator of addresses in it gets through', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom(':', ';', ',', '=', '%', '\n'),
        fc.string(),
        (before, separator, after) => {
          expect(() => create(`unix:path=/${before}${separator}${after}`)).toThrow(/^D-Bus address/);
        },
      ),
    );
  });

  test('a plain path is taken as one', async () => {
    bus = busAt(mock.address.replace('unix:path=', ''));
    expect(await look()).toEqual(['seen']);
  });
});
