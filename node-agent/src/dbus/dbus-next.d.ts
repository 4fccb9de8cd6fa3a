/*
 * The parts of dbus-next 0.10 that are used. Its own types cover the package's root only, and the root brings MessageBus:
 * introspection, exported objects, an XML parser, and a promise that rejects unhandled when Hello is refused.
 */

declare module 'dbus-next/lib/connection.js' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { Message } from 'dbus-next/lib/message-type.js';

  /** Emits `connect` (authenticated), `message` (Message), `error` (Error) and `end`. */
  interface Connection extends EventEmitter {
    stream: Socket;
    /** Sends, or queues until `connect`. Throws when the message cannot be encoded. Replaces `message.body`. */
    message(message: Message): void;
  }
  function createConnection(options: { busAddress: string; authMethods: string[] }): Connection;
  export = createConnection;
}

declare module 'dbus-next/lib/message-type.js' {
  interface MessageFields {
    /** 1 call, 2 return, 3 error, 4 signal. */
    type?: number;
    serial?: number;
    path?: string;
    interface?: string;
    member?: string;
    errorName?: string;
    replySerial?: number;
    destination?: string;
    sender?: string;
    signature?: string;
    body?: unknown[];
    /** 1 no reply expected, 2 no auto start. */
    flags?: number;
  }
  export class Message {
    constructor(fields: MessageFields);
    type: number;
    serial: number;
    replySerial: number | undefined;
    errorName: string | undefined;
    body: unknown[];
  }
}

declare module 'dbus-next/lib/variant.js' {
  export class Variant {
    constructor(signature: string, value: unknown);
    signature: string;
    value: unknown;
  }
}

declare module 'dbus-next/lib/marshall-compat.js' {
  import type { MessageFields } from 'dbus-next/lib/message-type.js';

  /** A message as bytes, and the file descriptors that go with it. Replaces `message.body`. */
  export function marshallMessage(message: MessageFields): [Buffer, unknown[]];
  /** A raw message with its body as plain values and `Variant`s. */
  export function messageToJsFmt(message: MessageFields): MessageFields;
}

declare module 'dbus-next/lib/message.js' {
  import type { Readable } from 'node:stream';
  import type { MessageFields } from 'dbus-next/lib/message-type.js';

  /** Calls back with every raw message of a stream. Throws into the stream's `readable` event when it cannot decode one. */
  export function unmarshalMessages(
    stream: Readable,
    onMessage: (message: MessageFields) => void,
    options: object,
  ): void;
}
