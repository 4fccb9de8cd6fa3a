import { FactError } from '../fact-error.ts';
import { ipAddressText } from './ip-address.ts';

// Layout: chrony's own monitoring protocol, version 6, as chronyc speaks it (candm.h). Everything is big-endian.
const VERSION = 6;
const REQUEST = 1;
const REPLY = 2;
const REPLY_HEADER_BYTES = 28;
const SUCCESS = 0;

/**
 * The three questions asked, with the reply's number and size. A request is padded to the size of its reply: chronyd drops
 * shorter ones silently, so that it cannot be used to amplify traffic.
 */
export const CHRONY_COMMANDS = {
  tracking: { command: 33, reply: 5, bytes: 104 },
  sourceCount: { command: 14, reply: 2, bytes: 32 },
  sourceData: { command: 15, reply: 3, bytes: 76 },
} as const;

export type ChronyCommand = (typeof CHRONY_COMMANDS)[keyof typeof CHRONY_COMMANDS];

/** Reference id of a clock that follows nothing but itself (`local` directive). */
export const LOCAL_REFERENCE_ID = 0x7f7f0101;

export interface ChronyTracking {
  referenceId: number;
  /** Address of the source followed; null for a reference clock, for `local`, and when nothing is followed. */
  address: string | null;
  stratum: number;
  leapStatus: 'normal' | 'insert_second' | 'delete_second' | 'not_synchronised';
  /** When the last measurement was taken in, Unix time; null before the first. */
  referenceTimeUnixSeconds: number | null;
  /** What has yet to be slewed away, positive when the system clock is ahead of NTP time. */
  systemOffsetSeconds: number;
  /** Offset found at the last clock update, positive when the clock was ahead. */
  lastOffsetSeconds: number;
  rmsOffsetSeconds: number;
  /** How fast the uncorrected clock runs, positive when it gains. */
  frequencyPpm: number;
  rootDelaySeconds: number;
  rootDispersionSeconds: number;
  updateIntervalSeconds: number;
}

export interface ChronySource {
  name: string;
  mode: 'server' | 'peer' | 'reference_clock' | null;
  state: string;
  stratum: number;
  /** Last eight polls, newest in the lowest bit. */
  reachability: number;
  /** Null when there is no sample yet. */
  lastSampleAgeSeconds: number | null;
  lastOffsetSeconds: number | null;
}

/** A request of `command`. `index` is the source asked for, from 0. */
export function encodeRequest(command: ChronyCommand, sequence: number, attempt: number, index?: number): Buffer {
  const packet = Buffer.alloc(command.bytes);
  packet.writeUInt8(VERSION, 0);
  packet.writeUInt8(REQUEST, 1);
  packet.writeUInt16BE(command.command, 4);
  packet.writeUInt16BE(attempt, 6);
  packet.writeUInt32BE(sequence, 8);
  if (index !== undefined) packet.writeInt32BE(index, 20);
  return packet;
}

/** Sequence number of a reply, by which it finds its request; null for anything that is not a reply of this protocol. */
export function sequenceOf(packet: Buffer): number | null {
  if (packet.length < REPLY_HEADER_BYTES || packet[0] !== VERSION || packet[1] !== REPLY) return null;
  return packet.readUInt32BE(16);
}

/** Body of a reply to `command`. @throws {FactError} `permission_denied`, `unsupported`, `parse_error` */
export function replyBody(packet: Buffer, command: ChronyCommand): Buffer {
  if (sequenceOf(packet) === null) throw new FactError('parse_error', 'chronyd: not a monitoring reply');
  const status = packet.readUInt16BE(8);
  if (status !== SUCCESS) {
    const named = REFUSALS[status];
    throw new FactError(named?.reason ?? 'unsupported', `chronyd: ${named?.words ?? `status ${status}`}`);
  }
  const isAnswer = packet.readUInt16BE(4) === command.command && packet.readUInt16BE(6) === command.reply;
  if (!isAnswer || packet.length < command.bytes)
    throw new FactError('parse_error', `chronyd: unexpected reply of ${packet.length} bytes`);
  return packet.subarray(REPLY_HEADER_BYTES);
}

const REFUSALS: Readonly<Record<number, { reason: 'permission_denied' | 'not_found' | 'unsupported'; words: string }>> =
  {
    1: { reason: 'unsupported', words: 'failed' },
    2: { reason: 'permission_denied', words: 'not authorised' },
    4: { reason: 'not_found', words: 'no such source' },
    10: { reason: 'permission_denied', words: 'host has no access' },
    18: { reason: 'unsupported', words: 'another protocol version' },
    19: { reason: 'unsupported', words: 'another packet length' },
  };

/** @throws {FactError} see `replyBody` */
export function parseSourceCount(packet: Buffer): number {
  return replyBody(packet, CHRONY_COMMANDS.sourceCount).readUInt32BE(0);
}

/** @throws {FactError} see `replyBody` */
export function parseTracking(packet: Buffer): ChronyTracking {
  const body = replyBody(packet, CHRONY_COMMANDS.tracking);
  const float = (index: number) => decodeFloat(body.readUInt32BE(40 + 4 * index));
  return {
    referenceId: body.readUInt32BE(0),
    address: readAddress(body, 4),
    stratum: body.readUInt16BE(24),
    leapStatus: LEAP[body.readUInt16BE(26)] ?? 'not_synchronised',
    referenceTimeUnixSeconds: readTime(body, 28),
    // chronyd gives what it will add to the clock, so a clock that is ahead comes with a negative number.
    systemOffsetSeconds: negate(float(0)),
    lastOffsetSeconds: float(1),
    rmsOffsetSeconds: float(2),
    frequencyPpm: float(3),
    rootDelaySeconds: float(6),
    rootDispersionSeconds: float(7),
    updateIntervalSeconds: float(8),
  };
}

const LEAP = ['normal', 'insert_second', 'delete_second', 'not_synchronised'] as const;

/** @throws {FactError} see `replyBody` */
export function parseSource(packet: Buffer): ChronySource {
  const body = replyBody(packet, CHRONY_COMMANDS.sourceData);
  const mode = MODES[body.readUInt16BE(26)] ?? null;
  const age = body.readUInt32BE(32);
  const hasSample = age < NO_SAMPLE_SECONDS;
  const reachability = body.readUInt16BE(30) & 0xff;
  const state = STATES[body.readUInt16BE(24)] ?? 'unknown';
  return {
    // The address field of a reference clock holds its id, four letters, where an IPv4 address would be.
    name: (mode === 'reference_clock' ? referenceText(body.readUInt32BE(0)) : readAddress(body, 0)) ?? 'unknown',
    mode,
    state: state === 'not_selectable' && reachability === 0 ? 'unreachable' : state,
    stratum: body.readUInt16BE(22),
    reachability,
    lastSampleAgeSeconds: hasSample ? age : null,
    lastOffsetSeconds: hasSample ? decodeFloat(body.readUInt32BE(40)) : null,
  };
}

/** chronyd 4 says 2^32-1 for "no sample yet", older ones ten years. */
const NO_SAMPLE_SECONDS = 10 * 365 * 86_400;
const MODES = ['server', 'peer', 'reference_clock'] as const;
/** In the words of chronyc(1), `sources`: `*`, `?`, `x`, `~`, `+`, `-`. */
const STATES = ['selected', 'not_selectable', 'falseticker', 'jittery', 'combined', 'selectable'] as const;

/** chrony's 32-bit float: a signed exponent of 7 bits above a signed coefficient of 25, value coefficient * 2^(exponent - 25). */
export function decodeFloat(raw: number): number {
  const exponent = raw >> 25;
  const coefficient = (raw << 7) >> 7;
  return coefficient * 2 ** (exponent - 25);
}

/** Four letters of a reference clock's id, such as `GPS` or `PPS0`; null when they are not all printable. */
export function referenceText(referenceId: number): string | null {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(referenceId);
  const text = bytes.toString('latin1').replace(/\0+$/, '');
  return /^[\x21-\x7e]{1,4}$/.test(text) ? text : null;
}

function readAddress(body: Buffer, offset: number): string | null {
  const family = body.readUInt16BE(offset + 16);
  if (family === 1) return ipAddressText(body.subarray(offset, offset + 4));
  if (family === 2) return ipAddressText(body.subarray(offset, offset + 16));
  // A source whose name is not resolved yet has a number in place of an address.
  if (family === 3) return `ID#${String(body.readUInt32BE(offset)).padStart(10, '0')}`;
  return null;
}

function readTime(body: Buffer, offset: number): number | null {
  const high = body.readUInt32BE(offset);
  const seconds = (high === NO_HIGH_SECONDS ? 0 : high) * 2 ** 32 + body.readUInt32BE(offset + 4);
  return seconds === 0 ? null : seconds + body.readUInt32BE(offset + 8) / 1e9;
}

/** Sent by a chronyd whose time_t has 32 bits. */
const NO_HIGH_SECONDS = 0x7fffffff;

function negate(value: number): number {
  return value === 0 ? 0 : -value;
}
