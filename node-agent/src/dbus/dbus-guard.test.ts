import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMockBus, frameOf, type MockBus } from '../../test/mock-bus.ts';
import { FactError } from '../fact-error.ts';
import type { SystemBus } from './bus.ts';
import { createSystemBus } from './dbus-connection.ts';

const LOOK = { destination: 'org.example.Thing', path: '/thing', interface: 'org.example.Thing', member: 'Look' };
const KEY = 'org.example.Thing /thing org.example.Thing.Look';
const look = () => bus.call(LOOK, new AbortController().signal);
const strays: unknown[] = [];
const onStray = (error: unknown) => strays.push(error);

let mock: MockBus;
let bus: SystemBus;
beforeEach(async () => {
  strays.length = 0;
  process.on('unhandledRejection', onStray).on('uncaughtException', onStray);
  mock = await createMockBus();
  mock.reply(KEY, 's', ['seen']);
  bus = createSystemBus({ address: mock.address, callTimeoutMs: 300 });
});
afterEach(async () => {
  bus.close();
  await mock.close();
  process.off('unhandledRejection', onStray).off('uncaughtException', onStray);
  expect(strays).toEqual([]);
});

/** A reply to the call with serial 2, which is the first after Hello. */
function replyFrame(signature: string, body: unknown[]): Buffer {
  return frameOf({ type: 2, serial: 9, replySerial: 2, sender: 'org.example.Thing', signature, body });
}

/** Lets the next call be answered by these bytes. */
function answerWith(bytes: Buffer): void {
  mock.reply(KEY, 's', () => {
    mock.send(bytes);
    return new Promise(() => {});
  });
}

describe('what other peers send is skipped unread', () => {
  test.each([
    ['a call of a method', { type: 1, path: '/', interface: 'org.freedesktop.DBus.Peer', member: 'GetMachineId' }],
    ['a call without interface', { type: 1, path: '/', member: 'Introspect' }],
    [
      'a signal of a file descriptor that did not come',
      { type: 4, path: '/', interface: 'a.b', member: 'S', signature: 'h', body: [0] },
    ],
    [
      'a signal whose interface is none',
      { type: 4, path: '/', interface: 'no', member: 'S', signature: 'as', body: [[]] },
    ],
    ['a type of message that does not exist yet', { type: 77, path: '/', member: 'S', signature: 'u', body: [1] }],
  ])('%s', async (_, message) => {
    expect(await look()).toEqual(['seen']);
    mock.send(message);
    expect(await look()).toEqual(['seen']);
    expect(mock.connectionsTotal()).toBe(1);
  });

  test('even a signal larger than any reply may be', async () => {
    expect(await look()).toEqual(['seen']);
    const signal = frameOf({
      type: 4,
      serial: 5,
      path: '/',
      interface: 'a.b',
      member: 'S',
      signature: 's',
      body: [''],
    });
    signal.writeUInt32LE(40 * 1024 * 1024, 4);
    mock.send(signal.subarray(0, -5));
    const chunk = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent < 40; sent += 1) mock.send(chunk);
    expect(await look()).toEqual(['seen']);
    expect(mock.connectionsTotal()).toBe(1);
  });
});

describe('a reply that is none ends the connection, not the process', () => {
  const wrong = (change: (frame: Buffer) => void) => {
    const frame = replyFrame('au', [[1, 2]]);
    change(frame);
    return frame;
  };
  test.each([
    ['no such byte order', wrong((frame) => frame.writeUInt8(0, 0))],
    ['type 0', wrong((frame) => frame.writeUInt8(0, 1))],
    ['protocol version 2', wrong((frame) => frame.writeUInt8(2, 3))],
    ['4 GiB announced', wrong((frame) => frame.writeUInt32LE(0xffff_ffff, 4))],
    ['4 GiB of header', wrong((frame) => frame.writeUInt32LE(0xffff_fff0, 12))],
    ['no header fields', wrong((frame) => frame.writeUInt32LE(0, 12))],
    ['an array longer than the message', wrong((frame) => frame.writeUInt32LE(5_000, frame.length - 12))],
    ['a file descriptor that did not come', replyFrame('h', [0])],
    ['type error without a name', wrong((frame) => frame.writeUInt8(3, 1))],
  ])('%s', async (_, frame) => {
    answerWith(frame);
    await expect(look()).rejects.toMatchObject({ name: 'FactError', reason: 'parse_error' });
    mock.reply(KEY, 's', ['seen']);
    expect(await look()).toEqual(['seen']);
    await expect.poll(() => mock.connections()).toBe(1);
  });

  test('unless it is as it should be', async () => {
    answerWith(wrong(() => {}));
    expect(await look()).toEqual([[1, 2]]);
  });

  test('authentication that never ends', async () => {
    mock.mode('silent');
    const looked = look();
    await expect.poll(() => mock.connections()).toBe(1);
    mock.send(Buffer.alloc(64 * 1024, 'x'));
    await expect(looked).rejects.toMatchObject({ reason: 'parse_error' });
  });

  test('whatever bytes come, every call ends with an answer or a FactError', async () => {
    const frame = replyFrame('asu', [['one', 'two', 'three'], 7]);
    const flips = fc.array(fc.tuple(fc.nat(frame.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const mutated = flips.map((all) => {
      const copy = Buffer.from(frame);
      for (const [at, byte] of all) copy.writeUInt8(byte, at);
      return copy;
    });
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, noise), async (bytes) => {
        const quick = createSystemBus({ address: mock.address, callTimeoutMs: 40 });
        answerWith(bytes);
        const outcome = await quick.call(LOOK, new AbortController().signal).catch((error: unknown) => error);
        quick.close();
        expect(Array.isArray(outcome) || outcome instanceof FactError).toBe(true);
      }),
      { numRuns: 100 },
    );
    await expect.poll(() => mock.connections()).toBe(0);
  }, 30_000);
});
