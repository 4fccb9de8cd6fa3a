/** A message that answers a call, its arguments as plain values. */
export interface Reply {
  replySerial: number;
  /** The name of the error; null for an answer. */
  errorName: string | null;
  body: unknown[];
}

const ERROR = 3;
const LITTLE_ENDIAN = 0x6c;
/** Codes of the header fields that are of use (D-Bus Specification, "Header Fields"). */
const [ERROR_NAME, REPLY_SERIAL, SIGNATURE] = [4, 5, 8];
/** D-Bus Specification, "Valid Names". */
const ERROR_NAME_FORM = /^(?=.{1,255}$)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;
/** Deepest nesting of containers that the specification allows. */
const MAX_DEPTH = 64;

/** Where a message is being read; alignments count from the start of `bytes`. */
interface Cursor {
  bytes: Buffer;
  at: number;
  isLittle: boolean;
  /** Variants around the value being read. */
  depth: number;
}

/** A type: how one value of it is read, and what its start is aligned to. */
interface Type {
  read(cursor: Cursor): unknown;
  alignment: number;
}

/**
 * Reads an answer or an error (D-Bus Specification, "Message Protocol"); nine tenths of the time of a look at systemd went into
 * having replies read by the library.
 *
 * Values are plain ones. Variants are unwrapped at every depth. 64-bit integers become numbers, and null beyond ±(2^53-1): no
 * number says them exactly, and systemd means "unset" or "infinity" by 2^64-1. Dictionaries are objects with their keys as
 * text, structs and arrays are arrays, arrays of bytes are `Buffer`s of their own.
 * @param header the first 16 bytes of the message
 * @param rest the header fields with their padding, and the body
 * @throws {Error} when it is not well-formed, or holds a file descriptor
 */
export function decodeReply(header: Buffer, rest: Buffer): Reply {
  const isLittle = header[0] === LITTLE_ENDIAN;
  const cursor: Cursor = { bytes: rest, at: 0, isLittle, depth: 0 };
  const fieldsEnd = isLittle ? header.readUInt32LE(12) : header.readUInt32BE(12);
  const fields: unknown[] = [];
  while (cursor.at < fieldsEnd) {
    align(cursor, 8);
    const code = readByte(cursor);
    fields[code] = VARIANT.read(cursor);
  }
  const replySerial = fields[REPLY_SERIAL];
  const errorName = header[1] === ERROR ? fields[ERROR_NAME] : null;
  if (cursor.at !== fieldsEnd || typeof replySerial !== 'number') throw new Error('the header of a reply is damaged');
  if (errorName !== null && (typeof errorName !== 'string' || !ERROR_NAME_FORM.test(errorName)))
    throw new Error('an error without a name');
  align(cursor, 8);
  const signature = fields[SIGNATURE] ?? '';
  if (typeof signature !== 'string') throw new Error('a signature that is no text');
  const body = typesOf(signature).map((type) => type.read(cursor));
  if (cursor.at !== rest.length) throw new Error('the body of a reply is not as long as it says');
  return { replySerial, errorName, body };
}

function align(cursor: Cursor, to: number): void {
  cursor.at = Math.ceil(cursor.at / to) * to;
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw new Error('a message that ends too soon');
  cursor.at += 1;
  return byte;
}

/** Aligned, unsigned. */
function readUint32(cursor: Cursor): number {
  const at = (cursor.at + 3) & ~3;
  cursor.at = at + 4;
  return cursor.isLittle ? cursor.bytes.readUInt32LE(at) : cursor.bytes.readUInt32BE(at);
}

/** `length` bytes and the zero byte behind them. */
function readText(cursor: Cursor, length: number): string {
  const start = cursor.at;
  const end = start + length;
  if (end >= cursor.bytes.length) throw new Error('a text longer than the message');
  cursor.at = end + 1;
  return length === 0 ? '' : cursor.bytes.toString('utf8', start, end);
}

/** The sign is in the upper half alone; null where no number says it exactly. */
function readInt64(cursor: Cursor, isSigned: boolean): number | null {
  align(cursor, 8);
  const first = readUint32(cursor);
  const second = readUint32(cursor);
  const [low, high] = cursor.isLittle ? [first, second] : [second, first];
  const value = (isSigned ? high | 0 : high) * 2 ** 32 + low;
  return Number.isSafeInteger(value) ? value : null;
}

function readDouble(cursor: Cursor): number {
  align(cursor, 8);
  cursor.at += 8;
  return cursor.isLittle ? cursor.bytes.readDoubleLE(cursor.at - 8) : cursor.bytes.readDoubleBE(cursor.at - 8);
}

function readUint16(cursor: Cursor): number {
  align(cursor, 2);
  cursor.at += 2;
  return cursor.isLittle ? cursor.bytes.readUInt16LE(cursor.at - 2) : cursor.bytes.readUInt16BE(cursor.at - 2);
}

function readVariant(cursor: Cursor): unknown {
  cursor.depth += 1;
  if (cursor.depth > MAX_DEPTH) throw new Error('variants nested too deep');
  const [type, ...more] = typesOf(readText(cursor, readByte(cursor)));
  if (type === undefined || more.length > 0) throw new Error('a variant of other than one type');
  const value = type.read(cursor);
  cursor.depth -= 1;
  return value;
}

const TEXT: Type = { alignment: 4, read: (cursor) => readText(cursor, readUint32(cursor)) };
const VARIANT: Type = { alignment: 1, read: readVariant };
const BYTE: Type = { alignment: 1, read: readByte };
const BASIC: Readonly<Record<string, Type>> = {
  y: BYTE,
  b: { alignment: 4, read: (cursor) => readUint32(cursor) !== 0 },
  n: { alignment: 2, read: (cursor) => (readUint16(cursor) << 16) >> 16 },
  q: { alignment: 2, read: readUint16 },
  i: { alignment: 4, read: (cursor) => readUint32(cursor) | 0 },
  u: { alignment: 4, read: readUint32 },
  x: { alignment: 8, read: (cursor) => readInt64(cursor, true) },
  t: { alignment: 8, read: (cursor) => readInt64(cursor, false) },
  d: { alignment: 8, read: readDouble },
  s: TEXT,
  o: TEXT,
  g: { alignment: 1, read: (cursor) => readText(cursor, readByte(cursor)) },
  v: VARIANT,
};

/** Signatures seen; a bus uses a few dozen. */
const known = new Map<string, readonly Type[]>();
const MAX_KNOWN = 256;

/** @throws {Error} for what is no signature */
function typesOf(signature: string): readonly Type[] {
  const seen = known.get(signature);
  if (seen !== undefined) return seen;
  const types: Type[] = [];
  for (let at = 0; at < signature.length; ) {
    const { type, end } = typeAt(signature, at, 0);
    types.push(type);
    at = end;
  }
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(signature, types);
  return types;
}

/** The type that starts at `at`, and where it ends. */
function typeAt(signature: string, at: number, depth: number): { type: Type; end: number } {
  const code = signature[at] ?? '';
  if (depth > MAX_DEPTH) throw new Error('a signature nested too deep');
  if (code === '(') {
    const parts: Type[] = [];
    let end = at + 1;
    while (signature[end] !== ')') {
      const part = typeAt(signature, end, depth + 1);
      parts.push(part.type);
      end = part.end;
    }
    if (parts.length === 0) throw new Error('a struct of nothing');
    return { type: { alignment: 8, read: (cursor) => readStruct(cursor, parts) }, end: end + 1 };
  }
  if (code === 'a' && signature[at + 1] === '{') {
    const key = typeAt(signature, at + 2, depth + 1);
    const value = typeAt(signature, key.end, depth + 1);
    if (signature[value.end] !== '}') throw new Error('a dictionary of other than two types');
    const read = (cursor: Cursor) => readDictionary(cursor, key.type, value.type);
    return { type: { alignment: 4, read }, end: value.end + 1 };
  }
  if (code === 'a') {
    const { type: item, end } = typeAt(signature, at + 1, depth + 1);
    const read = item === BYTE ? readBytes : (cursor: Cursor) => readArray(cursor, item);
    return { type: { alignment: 4, read }, end };
  }
  const type = BASIC[code];
  if (type === undefined) throw new Error('a value of a type that is not read');
  return { type, end: at + 1 };
}

function readStruct(cursor: Cursor, parts: readonly Type[]): unknown[] {
  align(cursor, 8);
  return parts.map((part) => part.read(cursor));
}

function readArray<T>(cursor: Cursor, { alignment, read }: { alignment: number; read(cursor: Cursor): T }): T[] {
  const length = readUint32(cursor);
  align(cursor, alignment);
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new Error('an array longer than the message');
  const items: T[] = [];
  while (cursor.at < end) items.push(read(cursor));
  if (cursor.at !== end) throw new Error('an array that ends within an item');
  return items;
}

function readDictionary(cursor: Cursor, key: Type, value: Type): Record<string, unknown> {
  const read = (): [string, unknown] => {
    align(cursor, 8);
    return [String(key.read(cursor)), value.read(cursor)];
  };
  return Object.fromEntries(readArray(cursor, { alignment: 8, read }));
}

/** A copy, since it would be a slice of the whole message and keep that in memory. */
function readBytes(cursor: Cursor): Buffer {
  const length = readUint32(cursor);
  const start = cursor.at;
  if (start + length > cursor.bytes.length) throw new Error('an array longer than the message');
  cursor.at = start + length;
  return Buffer.from(cursor.bytes.subarray(start, cursor.at));
}
