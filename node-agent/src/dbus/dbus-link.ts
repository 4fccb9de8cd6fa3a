/// <reference path="./dbus-next.d.ts" />
import createConnection from 'dbus-next/lib/connection.js';
import { Message } from 'dbus-next/lib/message-type.js';
import { FactError } from '../fact-error.ts';
import type { BusCall } from './bus.ts';
import { closedFault, connectionFault, helloFault, type LinkStage, replyFault } from './dbus-faults.ts';
import { guardSocket } from './dbus-guard.ts';
import type { Reply } from './decode-reply.ts';
import { encodeCall } from './encode-call.ts';

/** Larger replies are refused: a host with 10,000 units answers ListUnits with 3 MB. */
const REPLY_MAX_BYTES = 16 * 1024 * 1024;
const NO_AUTO_START = 2;
const HELLO_SERIAL = 1;
const HELLO: BusCall = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
  member: 'Hello',
};

/** One connection, from the socket's opening to its first fault. It is never mended, only replaced. */
export interface DbusLink {
  /** As `SystemBus.call`; calls made before the bus has answered Hello wait for that, within their deadline. */
  call(call: BusCall, signal: AbortSignal): Promise<unknown[]>;
  /** True when a call has gone unanswered for longer than a deadline, nothing came since, and no deadline watches it. */
  isSilent(): boolean;
  /** Destroys the socket and rejects everything pending with `fault`. */
  breakOff(fault: FactError): void;
}

export interface DbusLinkOptions {
  socketPath: string;
  /** For every call, and for connecting up to the answer to Hello. */
  callTimeoutMs: number;
  /** Milliseconds of a clock that never jumps. */
  now: () => number;
  onReady(): void;
  /** Told once, with the fault that ended the connection. */
  onDown(fault: FactError): void;
}

interface Pending {
  serial: number;
  /** The call in its bytes; a message for the library to encode where those are not known. */
  message: Buffer | Message;
  what: string;
  resolve(body: unknown[]): void;
  reject(error: unknown): void;
  /** Stops the deadline and the abort listener. */
  release(): void;
}

/** Opens a connection to a message bus. Never throws and never rejects: what goes wrong comes to `onDown` and the calls. */
export function openDbusLink({ socketPath, callTimeoutMs, now, onReady, onDown }: DbusLinkOptions): DbusLink {
  let stage: LinkStage = 'connecting';
  let down: FactError | null = null;
  let lastSerial = HELLO_SERIAL;
  let unansweredSinceMs: number | null = null;
  const pending = new Map<number, Pending>();

  // `socket=` and not `path=`: with `path=` dbus-next first tries `usocket`, a native addon that crashes current Node.
  // Without the list of methods a refused EXTERNAL goes on to look for cookies in the home directory.
  const connection = createConnection({ busAddress: `unix:socket=${socketPath}`, authMethods: ['EXTERNAL'] });
  const socket = connection.stream;

  const breakOff = (fault: FactError): void => {
    if (down !== null) return;
    down = fault;
    cancelHelloDeadline();
    socket.destroy();
    for (const call of pending.values()) {
      call.release();
      call.reject(fault);
    }
    pending.clear();
    onDown(fault);
  };
  const cancelHelloDeadline = startDeadline(callTimeoutMs, () => {
    breakOff(new FactError('timeout', `D-Bus at ${socketPath}: not connected after ${callTimeoutMs} ms (${stage})`));
  });
  const messagesBegin = guardSocket(socket, REPLY_MAX_BYTES, { onReply: (reply) => take(reply), onFault: breakOff });

  const settle = (serial: number): Pending | undefined => {
    const call = pending.get(serial);
    pending.delete(serial);
    call?.release();
    return call;
  };
  /** Calls of the same turn of the event loop leave in one write, which costs as much as one call would. */
  let unwritten: Buffer[] = [];
  const write = (bytes: Buffer): void => {
    if (!socket.writable) throw new Error('the socket is closed');
    if (unwritten.length === 0) {
      process.nextTick(() => {
        const all = Buffer.concat(unwritten);
        unwritten = [];
        if (socket.writable) socket.write(all);
      });
    }
    unwritten.push(bytes);
  };
  const send = (call: Pending): void => {
    try {
      if (Buffer.isBuffer(call.message)) write(call.message);
      else connection.message(call.message);
      unansweredSinceMs ??= now();
    } catch (error) {
      // With the socket still open nothing was sent, since it could not be encoded: the mistake is this caller's alone.
      if (socket.writable) settle(call.serial)?.reject(error);
      else breakOff(closedFault(stage, socketPath));
    }
  };
  const greeted = (): void => {
    stage = 'ready';
    cancelHelloDeadline();
    for (const call of [...pending.values()]) send(call);
    onReady();
  };

  const take = ({ replySerial, errorName, body }: Reply): void => {
    if (down !== null) return;
    unansweredSinceMs = null;
    const text = typeof body[0] === 'string' ? body[0] : '';
    if (stage === 'greeting') {
      if (errorName !== null) breakOff(helloFault(errorName, text, socketPath));
      else greeted();
      return;
    }
    const call = settle(replySerial);
    if (errorName !== null) call?.reject(replyFault(errorName, text, call.what));
    else call?.resolve(body);
  };

  socket.on('connect', () => {
    stage = 'authenticating';
  });
  connection.on('connect', () => {
    stage = 'greeting';
    messagesBegin();
    connection.message(messageOf(HELLO, HELLO_SERIAL));
  });
  connection.on('error', (error: unknown) => breakOff(connectionFault(error, stage, socketPath)));
  connection.on('end', () => breakOff(closedFault(stage, socketPath)));
  socket.on('close', () => breakOff(closedFault(stage, socketPath)));

  return {
    async call(request, signal) {
      if (down !== null) throw down;
      const message = encoded(request, lastSerial + 1);
      const serial = ++lastSerial;
      const what = `${request.destination} ${request.interface}.${request.member}`;
      const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
      const cancelDeadline = startDeadline(callTimeoutMs, () => {
        breakOff(new FactError('timeout', `${what}: no answer after ${callTimeoutMs} ms, the connection was dropped`));
      });
      const onAbort = () =>
        settle(serial)?.reject(new FactError('timeout', `${what}: given up before the answer came`));
      signal.addEventListener('abort', onAbort, { once: true });
      const release = () => {
        cancelDeadline();
        signal.removeEventListener('abort', onAbort);
      };
      const call = { serial, message, what, resolve, reject, release };
      pending.set(serial, call);
      if (signal.aborted) onAbort();
      else if (stage === 'ready') send(call);
      return promise;
    },
    isSilent() {
      return pending.size === 0 && unansweredSinceMs !== null && now() - unansweredSinceMs > callTimeoutMs;
    },
    breakOff,
  };
}

/** Runs `onExpired` after `ms` unless the returned function was called; does not keep the process alive. */
function startDeadline(ms: number, onExpired: () => void): () => void {
  let cancelled = false;
  // An agent that got no CPU for so long has not read its socket either: one turn of the loop, for the answer that is there.
  const afterReading = () => setImmediate(() => cancelled || onExpired());
  const timer = setTimeout(afterReading, ms).unref();
  return () => {
    cancelled = true;
    clearTimeout(timer);
  };
}

/** Throws when a name in the call is not valid in D-Bus: for one that is not, the bus ends the connection. */
function encoded(call: BusCall, serial: number): Buffer | Message {
  const message = messageOf(call, serial);
  return encodeCall(call, serial, flagsOf(call)) ?? message;
}

function flagsOf(call: BusCall): number {
  return call.autoStart === true ? 0 : NO_AUTO_START;
}

function messageOf(call: BusCall, serial: number): Message {
  return new Message({
    serial,
    destination: call.destination,
    path: call.path,
    interface: call.interface,
    member: call.member,
    signature: call.signature ?? '',
    body: [...(call.body ?? [])],
    flags: flagsOf(call),
  });
}
