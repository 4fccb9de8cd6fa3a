import type { Socket } from 'node:net';
import { FactError } from '../fact-error.ts';
import { decodeReply, type Reply } from './decode-reply.ts';

const HEADER_BYTES = 16;
/** What libdbus takes of a peer before authentication is done. */
const AUTH_MAX_BYTES = 16 * 1024;
/** D-Bus Specification, "Message Format": the longest message there may be. */
const MESSAGE_MAX_BYTES = 128 * 1024 * 1024;
const METHOD_RETURN = 2;
const ERROR = 3;

/** What comes out of a guarded socket. */
export interface GuardListener {
  onReply(reply: Reply): void;
  /** Told once. */
  onFault(fault: FactError): void;
}

/**
 * Stands between a bus's socket and dbus-next, which reads it to authenticate. From then on dbus-next finds nothing in it: the
 * replies of at most `maxReplyBytes` go to `onReply`, decoded. Anything else is a fault, after which nothing more is read:
 * - a reply that announces more than the limit (`too_large`), before any of its body is buffered;
 * - a header that is none, more than 16 KiB of authentication (`parse_error`), a message cut short (`unreachable`);
 * - a reply that cannot be decoded, and whatever dbus-next throws (`parse_error`): it throws from the socket's event handlers,
 *   where only the end of the process would catch it.
 *
 * Signals and method calls of other peers are skipped unread and unbuffered: nobody on the bus can have us parse anything.
 *
 * Call it before the socket is connected; call the returned function when authentication is done and messages begin.
 */
export function guardSocket(socket: Socket, maxReplyBytes: number, { onReply, onFault }: GuardListener): () => void {
  const read = socket.read.bind(socket);
  const emit = socket.emit.bind(socket);
  let stage: 'auth' | 'messages' | 'broken' = 'auth';
  /** The reply whose rest has not all come yet. */
  let begun: { header: Buffer; restBytes: number } | null = null;
  let authBytes = 0;
  let skipBytes = 0;

  const breakOff = (fault: FactError): null => {
    if (stage !== 'broken') {
      stage = 'broken';
      onFault(fault);
    }
    return null;
  };

  /** `size` bytes, or null when they have not all come yet. */
  const readExactly = (size: number): Buffer | null => {
    const chunk: unknown = read(size);
    if (!Buffer.isBuffer(chunk)) return null;
    // At the end of a stream Node hands out what is left, whatever was asked for.
    if (chunk.length !== size)
      return breakOff(new FactError('unreachable', 'the bus hung up in the middle of a message'));
    return chunk;
  };

  /** True when the message being skipped is past. */
  const skip = (): boolean => {
    while (skipBytes > 0) {
      const chunk = readExactly(Math.min(skipBytes, Math.max(socket.readableLength, 1)));
      if (chunk === null) return false;
      skipBytes -= chunk.length;
    }
    return true;
  };

  const readReplyHeader = (): { header: Buffer; restBytes: number } | null => {
    while (skip()) {
      const header = readExactly(HEADER_BYTES);
      if (header === null) return null;
      const parsed = parseHeader(header);
      if (parsed === null) return breakOff(new FactError('parse_error', 'what the bus sent is not a D-Bus message'));
      if (parsed.type === METHOD_RETURN || parsed.type === ERROR) {
        if (parsed.restBytes > maxReplyBytes) {
          const detail = `the bus announced a reply of ${parsed.restBytes} bytes, the limit is ${maxReplyBytes}`;
          return breakOff(new FactError('too_large', detail));
        }
        return { header, restBytes: parsed.restBytes };
      }
      skipBytes = parsed.restBytes;
    }
    return null;
  };

  const undecodable = (error: unknown): null => {
    const text = error instanceof Error ? error.message : String(error);
    return breakOff(new FactError('parse_error', `what the bus sent cannot be decoded: ${text}`, { cause: error }));
  };

  /** Hands on every reply that is there. Null, for who asked is not given any of it. */
  const readReplies = (): null => {
    while (stage !== 'broken') {
      begun ??= readReplyHeader();
      const rest = begun === null ? null : readExactly(begun.restBytes);
      if (begun === null || rest === null) return null;
      const { header } = begun;
      begun = null;
      try {
        onReply(decodeReply(header, rest));
      } catch (error) {
        return undecodable(error);
      }
    }
    return null;
  };

  socket.read = (size?: number) => {
    switch (stage) {
      case 'auth': {
        const chunk: unknown = read(size);
        if (Buffer.isBuffer(chunk)) authBytes += chunk.length;
        if (authBytes > AUTH_MAX_BYTES) return breakOff(new FactError('parse_error', 'authentication without an end'));
        return chunk;
      }
      case 'messages':
        return readReplies();
      case 'broken':
        return null;
    }
  };

  socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    try {
      return emit(event, ...values);
    } catch (error) {
      undecodable(error);
      return true;
    }
  };

  return () => {
    if (stage === 'auth') stage = 'messages';
  };
}

/** Type of a message and how many bytes follow its first 16; null when they are no header. */
function parseHeader(header: Buffer): { type: number; restBytes: number } | null {
  const endianness = header[0];
  const type = header[1];
  if ((endianness !== 0x6c && endianness !== 0x42) || type === undefined || type === 0 || header[3] !== 1) return null;
  const read = (at: number) => (endianness === 0x6c ? header.readUInt32LE(at) : header.readUInt32BE(at));
  const fieldsBytes = read(12);
  const restBytes = Math.ceil(fieldsBytes / 8) * 8 + read(4);
  return fieldsBytes === 0 || restBytes > MESSAGE_MAX_BYTES ? null : { type, restBytes };
}
