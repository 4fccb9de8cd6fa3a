import { FactError } from '../fact-error.ts';

/** One value of ASN.1 in its encoding (ITU-T X.690). The buffers are views, nothing is copied. */
export interface DerNode {
  /** The identifier octet, class and "constructed" bit included: 0x30 is a SEQUENCE, 0xa0 is `[0]`. */
  tag: number;
  /** The value without its header. */
  content: Buffer;
  /** The value with its header. */
  raw: Buffer;
}

const MAX_DEPTH = 32;
const MAX_CHILDREN = 20_000;

/**
 * The value that starts at `offset`. Indefinite lengths (BER, as some PKCS#12 writers use) are understood.
 * @throws {FactError} `parse_error` when the bytes end early or are no such encoding
 */
export function readDer(bytes: Buffer, offset = 0, depth = 0): DerNode {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) throw malformed('ends early');
  if ((tag & 0x1f) === 0x1f) throw malformed('holds a long-form tag');
  let start = offset + 2;
  if (first === 0x80) {
    if (depth >= MAX_DEPTH || (tag & 0x20) === 0) throw malformed('is nested too deeply');
    let at = start;
    while (bytes[at] !== 0 || bytes[at + 1] !== 0) at += readDer(bytes, at, depth + 1).raw.length;
    return { tag, content: bytes.subarray(start, at), raw: bytes.subarray(offset, at + 2) };
  }
  let length = first;
  if (first > 0x80) {
    const size = first & 0x7f;
    if (size > 4 || start + size > bytes.length) throw malformed('has a length out of range');
    length = bytes.readUIntBE(start, size);
    start += size;
  }
  const end = start + length;
  if (end > bytes.length) throw malformed('ends early');
  return { tag, content: bytes.subarray(start, end), raw: bytes.subarray(offset, end) };
}

/**
 * The values inside a SEQUENCE, SET or other constructed value.
 * @throws {FactError} `parse_error` as `readDer`, or above 20,000 values
 */
export function childrenOf(node: DerNode): DerNode[] {
  const children: DerNode[] = [];
  let at = 0;
  while (at < node.content.length) {
    if (children.length >= MAX_CHILDREN) throw malformed(`holds more than ${MAX_CHILDREN} values`);
    const child = readDer(node.content, at);
    children.push(child);
    at += child.raw.length;
  }
  return children;
}

/** An OBJECT IDENTIFIER in dots; an empty string for any other value. */
export function objectIdOf(node: DerNode | undefined): string {
  if (node?.tag !== 0x06 || node.content.length === 0 || node.content.length > 64) return '';
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of node.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const root = Math.min(2, Math.floor(arc / 40));
      arcs.push(root, arc - root * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/** The bytes of an OCTET STRING, also of one in several pieces (BER) and of an implicitly tagged one. */
export function octetsOf(node: DerNode): Buffer {
  return (node.tag & 0x20) === 0 ? node.content : Buffer.concat(childrenOf(node).map((piece) => piece.content));
}

/** A non-negative INTEGER of at most 6 bytes, else null. */
export function smallIntegerOf(node: DerNode | undefined): number | null {
  if (node?.tag !== 0x02 || node.content.length === 0 || node.content.length > 6) return null;
  const value = node.content.readIntBE(0, node.content.length);
  return value < 0 ? null : value;
}

/**
 * A UTCTime or GeneralizedTime as RFC 5280 §4.1.2.5 reads it: two-digit years below 50 are in this century. Null for any
 * other value.
 */
export function timeOf(node: DerNode | undefined): Date | null {
  if (node?.tag !== 0x17 && node?.tag !== 0x18) return null;
  const digits = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(node.content.toString('latin1'));
  if (digits === null) return null;
  const [, year = '', month, day, hours, minutes, seconds = '00'] = digits;
  if ((year.length === 2) !== (node.tag === 0x17)) return null;
  const century = year.length === 4 ? '' : Number(year) < 50 ? '20' : '19';
  const time = new Date(`${century}${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time.getTime()) ? null : time;
}

function malformed(what: string): FactError {
  return new FactError('parse_error', `the DER encoding ${what}`);
}
