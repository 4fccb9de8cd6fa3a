import { type ByteOrder, hexAddress, hexNumber } from '../network/hex-address.ts';

export type SocketTable = 'tcp' | 'tcp6' | 'udp' | 'udp6';

/** A socket that waits for others: TCP in LISTEN, UDP without a peer. */
export interface ListeningSocket {
  table: SocketTable;
  address: string;
  port: number;
  uid: number;
  /** TCP: connections to be accepted; UDP: bytes to be read. */
  queue: number;
  /** UDP only: datagrams dropped. */
  drops: number | null;
}

const NEWLINE = 10;
const COLON = 58;
/** Longest run of spaces and digits before the colon that ends the row's number. */
const NUMBER_WIDTH = 12;

/** States of net/tcp_states.h, as two hexadecimal digits. */
const SYN_RECEIVED = '03';
const UNCONNECTED = '07';
const LISTEN = '0A';

/**
 * Listening sockets of `/proc/<pid>/net/{tcp,tcp6,udp,udp6}` (kernel documentation, proc_net_tcp). One pass over the bytes: only
 * rows of such sockets are made into text, since a busy node has a hundred thousand others. A last line without its end is left
 * out, as it may be half a row.
 */
export function* listeningSockets(bytes: Buffer, table: SocketTable, order: ByteOrder): Generator<ListeningSocket> {
  const wanted = table.startsWith('tcp') ? LISTEN : UNCONNECTED;
  for (const { start, end, state } of rowsOf(bytes, table)) {
    if (!isState(bytes, state, wanted)) continue;
    const fields = bytes.toString('latin1', start, end).trim().split(/\s+/);
    const [, local = '', , , queues = '', , , uid = ''] = fields;
    const colon = local.indexOf(':');
    const address = hexAddress(local.slice(0, colon), order);
    const port = hexNumber(local.slice(colon + 1));
    const queue = hexNumber(queues.slice(queues.indexOf(':') + 1));
    if (address === null || !(port <= 65_535) || !/^\d{1,10}$/.test(uid) || Number.isNaN(queue)) continue;
    // A UDP socket that is bound to no port yet waits for nobody.
    if (port === 0) continue;
    const drops = wanted === UNCONNECTED && /^\d{1,15}$/.test(fields[12] ?? '') ? Number(fields[12]) : null;
    yield { table, address, port, uid: Number(uid), queue, drops };
  }
}

/**
 * Whether a piece of a TCP table is past its listening sockets. The kernel lists these before all others (tcp_seq_start), old
 * kernels with the connections under way to them in between, so that the rest, which is nearly all of it, need not be read.
 */
export function isPastListeners(piece: Buffer, table: SocketTable): boolean {
  for (const { state } of rowsOf(piece, table)) {
    if (!isState(piece, state, LISTEN) && !isState(piece, state, SYN_RECEIVED)) return true;
  }
  return false;
}

/** The kernel's least buffer for a table, and more than any row takes of it. */
const [BUFFER_BYTES, ROW_BYTES] = [4096, 1024];

/**
 * Whether a piece of a table is its last. The kernel fills a buffer with rows until none fits or none is left (seq_file.c):
 * one that has room for more is at the end. To be told so by reading on makes it go through all of its sockets once more.
 */
export function isLastPiece(pieceBytes: number, askedBytes: number): boolean {
  return askedBytes >= BUFFER_BYTES && pieceBytes <= BUFFER_BYTES - ROW_BYTES;
}

/** Complete lines of the form of a row, and where their state stands. */
function* rowsOf(bytes: Buffer, table: SocketTable): Generator<{ start: number; end: number; state: number }> {
  const addressWidth = table.endsWith('6') ? 32 : 8;
  // After the number: a space, `address:port` twice with a space behind each.
  const stateOffset = 2 + 2 * (addressWidth + 6);
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return;
    const colon = bytes.subarray(start, Math.min(end, start + NUMBER_WIDTH)).indexOf(COLON);
    const state = start + colon + stateOffset;
    const isRow = colon > 0 && state + 2 < end && bytes[state - 1] === SPACE && bytes[state + 2] === SPACE;
    if (isRow && bytes[start + colon + 2 + addressWidth] === COLON) yield { start, end, state };
    start = end + 1;
  }
}

const SPACE = 32;

function isState(bytes: Buffer, at: number, state: string): boolean {
  return bytes[at] === state.charCodeAt(0) && bytes[at + 1] === state.charCodeAt(1);
}
