import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMockBus, type MockBus, variant } from '../../test/mock-bus.ts';
import type { BusCall, SystemBus } from './bus.ts';
import { createSystemBus } from './dbus-connection.ts';

const THING = 'org.example.Thing';
const call = (member: string, extra: Partial<BusCall> = {}): BusCall => {
  return { destination: THING, path: '/thing', interface: THING, member, ...extra };
};
const key = (member: string) => `${THING} /thing ${THING}.${member}`;
const patient = () => new AbortController().signal;

let mock: MockBus;
let bus: SystemBus;
beforeEach(async () => {
  mock = await createMockBus();
  bus = createSystemBus({ address: mock.address, callTimeoutMs: 1_000 });
});
afterEach(async () => {
  bus.close();
  await mock.close();
});

describe('values', () => {
  test('a reply comes as plain values, at every depth', async () => {
    mock.reply(key('All'), 'sbxtdasa{sv}(ivay)vav', [
      'text',
      true,
      -5n,
      1_700_000_000_000_000n,
      0.5,
      ['a', ''],
      { name: variant('s', 'x'), nested: variant('a{sv}', { size: variant('t', 7n) }), none: variant('as', []) },
      [-1, variant('(su)', ['in', 3]), Buffer.from([0, 255])],
      variant('v', variant('x', -1n)),
      [variant('y', 9), variant('o', '/p')],
    ]);
    expect(await bus.call(call('All'), patient())).toEqual([
      'text',
      true,
      -5,
      1_700_000_000_000_000,
      0.5,
      ['a', ''],
      { name: 'x', nested: { size: 7 }, none: [] },
      [-1, ['in', 3], Buffer.from([0, 255])],
      -1,
      [9, '/p'],
    ]);
  });

  test("systemd's unset, and what no number can say exactly, is null and not a huge size", async () => {
    mock.reply(key('Limits'), 'ttttx', [2n ** 64n - 1n, 2n ** 63n, 2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n)]);
    expect(await bus.call(call('Limits'), patient())).toEqual([null, null, null, 2 ** 53 - 1, null]);
    mock.reply(key('Get'), 'v', [variant('t', 4096n)]);
    expect(await bus.call(call('Get'), patient())).toEqual([4096]);
    mock.mode('unset-values');
    expect(await bus.call(call('Get'), patient())).toEqual([null]);
  });

  test('arguments arrive as they were given, 64-bit ones from bigint', async () => {
    mock.reply(key('Echo'), 'tas', (...args) => args);
    const echo = call('Echo', { signature: 'tas', body: [2n ** 40n, ['*.service', 'käse.timer']] });
    expect(await bus.call(echo, patient())).toEqual([2 ** 40, ['*.service', 'käse.timer']]);
  });

  test('an empty reply is an empty list', async () => {
    mock.reply(key('Nothing'), '', []);
    expect(await bus.call(call('Nothing'), patient())).toEqual([]);
  });
});

test('looking starts no service, unless it is asked to', async () => {
  mock.reply(key('Look'), '', []);
  await bus.call(call('Look'), patient());
  await bus.call(call('Look', { autoStart: true }), patient());
  expect(mock.messages.map(({ flags }) => flags)).toEqual([2, 0]);
});

test('100 calls at once share one connection, and each gets its own answer', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  mock.reply(key('Echo'), 'u', (...args) => args);
  const numbers = Array.from({ length: 100 }, (_, index) => index);
  const signal = patient();
  const answers = await Promise.all(
    numbers.map((number) => bus.call(call('Echo', { signature: 'u', body: [number] }), signal)),
  );
  process.off('warning', onWarning);
  expect(answers).toEqual(numbers.map((number) => [number]));
  expect(mock.connectionsTotal()).toBe(1);
  expect(warnings).toEqual([]);
});

describe('a caller that gives up', () => {
  test('gets its rejection at once and costs the others nothing', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<[string]>();
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    mock.reply(key('Slow'), 's', () => {
      onAsked();
      return answered;
    });
    const controller = new AbortController();
    const other = bus.call(call('Slow'), patient());
    const givenUp = bus.call(call('Slow'), controller.signal);
    await asked;
    controller.abort();
    await expect(givenUp).rejects.toMatchObject({ name: 'FactError', reason: 'timeout' });
    answer(['late']);
    expect(await other).toEqual(['late']);
    expect(await bus.call(call('Slow'), patient())).toEqual(['late']);
    expect(mock.connectionsTotal()).toBe(1);
  });

  test('before it began, or while connecting, never reaches the bus', async () => {
    mock.reply(key('Look'), 's', ['seen']);
    const controller = new AbortController();
    const early = bus.call(call('Look'), controller.signal);
    controller.abort();
    await expect(early).rejects.toMatchObject({ reason: 'timeout' });
    await expect(bus.call(call('Look'), controller.signal)).rejects.toMatchObject({ reason: 'timeout' });
    expect(await bus.call(call('Look'), patient())).toEqual(['seen']);
    expect(mock.calls).toEqual([key('Look')]);
  });
});

describe('an answer is not a fault of the connection', () => {
  test('an error reply rejects its call only, with the words of the host', async () => {
    mock.reply(key('Good'), 's', ['fine']);
    mock.fail(key('Bad'), 'org.freedesktop.systemd1.NoSuchUnit', 'Unit foo.service not loaded.');
    const good = bus.call(call('Good'), patient());
    await expect(bus.call(call('Bad'), patient())).rejects.toMatchObject({
      reason: 'not_found',
      message: `${THING} ${THING}.Bad: org.freedesktop.systemd1.NoSuchUnit: Unit foo.service not loaded.`,
    });
    await expect(bus.call(call('Other'), patient())).rejects.toMatchObject({ reason: 'unsupported' });
    expect(await good).toEqual(['fine']);
    expect(mock.connectionsTotal()).toBe(1);
  });

  test("a call that cannot be encoded is its caller's bug", async () => {
    mock.reply(key('Good'), 's', ['fine']);
    const good = bus.call(call('Good'), patient());
    await expect(bus.call(call('Good', { signature: 's', body: [1] }), patient())).rejects.toThrow(/not of type "s"/);
    await expect(bus.call(call('Good', { signature: 's', body: ['a\0b'] }), patient())).rejects.toThrow(
      /not of type "s"/,
    );
    await expect(bus.call(call('Good', { path: 'no/path' }), patient())).rejects.toThrow(/Invalid object path/);
    expect(await good).toEqual(['fine']);
    expect(mock.connectionsTotal()).toBe(1);
  });
});
