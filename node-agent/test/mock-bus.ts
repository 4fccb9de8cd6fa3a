/// <reference path="../src/dbus/dbus-next.d.ts" />
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { marshallMessage, messageToJsFmt } from 'dbus-next/lib/marshall-compat.js';
import { unmarshalMessages } from 'dbus-next/lib/message.js';
import type { MessageFields } from 'dbus-next/lib/message-type.js';
import { Variant } from 'dbus-next/lib/variant.js';

const UNSET = 2n ** 64n - 1n;
const HELLO = 'org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.Hello';
const FRAME_HEADER_BYTES = 16;

/**
 * How the bus behaves. `silent`: takes connections and says nothing. `never-answers`: answers Hello only. `dies-mid-call`:
 * sends half a reply and hangs up. `cut-after-auth`: hangs up on Hello. `hello-error`, `apparmor`: Hello gets an error.
 * `huge-reply`: announces and streams 100 MB. `garbage`: bytes that are no message. `unset-values`: every `t` is 2^64-1.
 */
export type MockMode =
  | 'normal'
  | 'silent'
  | 'never-answers'
  | 'dies-mid-call'
  | 'rejects-auth'
  | 'cut-after-auth'
  | 'hello-error'
  | 'apparmor'
  | 'huge-reply'
  | 'garbage'
  | 'unset-values';

type Body = readonly unknown[];
/** Body of a reply, or what makes it from the arguments of the call; a promise delays the reply. */
type Answer = Body | ((...args: unknown[]) => Body | Promise<Body>);

export interface MockBus {
  /** `unix:path=…` of a socket in a directory of its own. */
  address: string;
  /** Answers the call `destination path interface.member`. 64-bit values are bigint, variants made by `variant()`. */
  reply(key: string, signature: string, answer: Answer): void;
  /** Answers that call with an error. */
  fail(key: string, errorName: string, text: string): void;
  mode(mode: MockMode): void;
  /** Sends every connection a message nobody asked for, or raw bytes. */
  send(message: MessageFields | Buffer): void;
  /** Connections open now. */
  connections(): number;
  connectionsTotal(): number;
  /** Bytes the system has taken from the bus, over all connections. */
  bytesSent(): number;
  /** Calls that came, as keys, without Hello. */
  calls: string[];
  /** Every call as it came, without Hello. */
  messages: MessageFields[];
  /** Hangs up on everybody and removes the socket. */
  kill(): Promise<void>;
  /** Listens again at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A value for the `v` of a reply's signature. */
export function variant(signature: string, value: unknown): Variant {
  return new Variant(signature, value);
}

/**
 * A message bus for tests: authentication, Hello, NameAcquired, and canned replies, over a real unix socket. A call that nothing
 * was canned for gets the error of a real bus: ServiceUnknown, UnknownObject or UnknownMethod.
 */
export async function createMockBus(): Promise<MockBus> {
  const directory = await mkdtemp(join(tmpdir(), 'mock-bus-'));
  const path = join(directory, 'bus.sock');
  const answers = new Map<string, { signature: string; answer: Answer } | { errorName: string; text: string }>();
  const sockets = new Set<Socket>();
  const calls: string[] = [];
  const messages: MessageFields[] = [];
  let mode: MockMode = 'normal';
  let server: Server | null = null;
  let connectionsTotal = 0;
  let bytesOfClosed = 0;
  let serial = 0;

  const write = (socket: Socket, message: MessageFields) => {
    if (socket.writable) socket.write(frameOf({ ...message, serial: ++serial }));
  };
  const refuse = (socket: Socket, call: MessageFields, errorName: string, text: string) => {
    write(socket, { type: 3, ...replyTo(call), errorName, signature: 's', body: [text] });
  };

  const hello = (socket: Socket, call: MessageFields) => {
    if (mode === 'cut-after-auth') return void socket.destroy();
    if (mode === 'hello-error') return refuse(socket, call, 'org.freedesktop.DBus.Error.UnknownObject', 'no bus here');
    if (mode === 'apparmor') {
      const text =
        'An AppArmor policy prevents this sender from sending this message to this recipient; type="method_call"';
      return refuse(socket, call, 'org.freedesktop.DBus.Error.AccessDenied', text);
    }
    const name = `:1.${connectionsTotal}`;
    write(socket, { type: 2, ...replyTo(call), signature: 's', body: [name] });
    const acquired = { interface: 'org.freedesktop.DBus', member: 'NameAcquired', signature: 's', body: [name] };
    write(socket, { type: 4, path: '/org/freedesktop/DBus', ...acquired });
  };

  const answer = async (socket: Socket, call: MessageFields) => {
    const key = `${call.destination} ${call.path} ${call.interface}.${call.member}`;
    if (key === HELLO) return hello(socket, call);
    calls.push(key);
    messages.push(call);
    if (mode === 'never-answers') return;
    if (mode === 'garbage') return void socket.write(garbage(4096));
    if (mode === 'huge-reply') return streamHuge(socket, call);
    const canned = answers.get(key);
    if (canned === undefined) return refuse(socket, call, ...unknownCall([...answers.keys()], call));
    if ('errorName' in canned) return refuse(socket, call, canned.errorName, canned.text);
    const given = typeof canned.answer === 'function' ? await canned.answer(...(call.body ?? [])) : canned.answer;
    const body = mode === 'unset-values' ? given.map((value) => unset(value, canned.signature)) : [...given];
    const reply = { type: 2, ...replyTo(call), signature: canned.signature, body };
    if (mode !== 'dies-mid-call') return write(socket, reply);
    const frame = frameOf({ ...reply, serial: ++serial });
    socket.end(frame.subarray(0, FRAME_HEADER_BYTES + 5));
  };

  const accept = (socket: Socket) => {
    connectionsTotal += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      bytesOfClosed += socket.bytesWritten - socket.writableLength;
    });
    if (mode === 'silent') return void socket.resume();
    let text = '';
    const authenticate = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (/^\0AUTH EXTERNAL [0-9a-f]+\r\n$/.test(text)) {
        socket.write(mode === 'rejects-auth' ? 'REJECTED EXTERNAL\r\n' : 'OK 0123456789abcdef0123456789abcdef\r\n');
      }
      const begin = text.indexOf('BEGIN\r\n');
      if (begin === -1) return;
      socket.off('data', authenticate);
      const inbound = new PassThrough();
      unmarshalMessages(inbound, (raw) => void answer(socket, messageToJsFmt(raw)), {});
      inbound.write(Buffer.from(text.slice(begin + 'BEGIN\r\n'.length), 'latin1'));
      socket.pipe(inbound);
    };
    socket.on('data', authenticate);
  };

  const listen = async () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server = createServer(accept).on('error', reject).listen(path, resolve);
    await promise;
  };
  const kill = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (server === null) return;
    server.close(() => resolve());
    server = null;
    for (const socket of sockets) socket.destroy();
    await promise;
  };
  await listen();

  return {
    address: `unix:path=${path}`,
    reply: (key, signature, given) => void answers.set(key, { signature, answer: given }),
    fail: (key, errorName, text) => void answers.set(key, { errorName, text }),
    mode: (next) => {
      mode = next;
    },
    send: (message) => {
      for (const socket of sockets) {
        if (Buffer.isBuffer(message)) socket.write(message);
        else write(socket, message);
      }
    },
    connections: () => sockets.size,
    connectionsTotal: () => connectionsTotal,
    bytesSent: () =>
      [...sockets].reduce(
        (sum, { bytesWritten, writableLength }) => sum + bytesWritten - writableLength,
        bytesOfClosed,
      ),
    calls,
    messages,
    kill,
    restart: listen,
    close: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A message as bytes. */
export function frameOf(message: MessageFields): Buffer {
  // A copy: dbus-next replaces the body of what it is given.
  return marshallMessage({ ...message })[0];
}

function replyTo(call: MessageFields): MessageFields {
  return { replySerial: call.serial ?? 0, sender: call.destination ?? 'org.freedesktop.DBus' };
}

function unknownCall(keys: readonly string[], { destination, path }: MessageFields): [errorName: string, text: string] {
  const error = 'org.freedesktop.DBus.Error';
  if (!keys.some((key) => key.startsWith(`${destination} `))) return [`${error}.ServiceUnknown`, `no ${destination}`];
  if (!keys.some((key) => key.startsWith(`${destination} ${path} `))) return [`${error}.UnknownObject`, `no ${path}`];
  return [`${error}.UnknownMethod`, 'no such method'];
}

function unset(value: unknown, signature: string): unknown {
  if (value instanceof Variant) return new Variant(value.signature, unset(value.value, value.signature));
  if (typeof value === 'bigint' && signature === 't') return UNSET;
  if (signature !== 'a{sv}' || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, unset(entry, 'v')]));
}

/** Bytes that look random and are the same in every run. */
function garbage(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 0x2545f491;
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

function streamHuge(socket: Socket, call: MessageFields): void {
  let left = 100 * 1024 * 1024;
  const frame = frameOf({ type: 2, serial: 1, ...replyTo(call), signature: 's', body: [''] });
  frame.writeUInt32LE(left, 4);
  socket.write(frame);
  const chunk = Buffer.alloc(256 * 1024, 'x');
  const more = () => {
    while (left > 0 && socket.writable) {
      left -= chunk.length;
      if (!socket.write(chunk)) return void socket.once('drain', more);
    }
  };
  more();
}
