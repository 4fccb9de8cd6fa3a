import type { BusCall } from './bus.ts';

const LITTLE_ENDIAN = 0x6c;
const METHOD_CALL = 1;
const PROTOCOL_VERSION = 1;
/** Types of the values of header fields: an object path, a string, a signature. */
const [OBJECT_PATH, STRING, SIGNATURE] = [0x6f, 0x73, 0x67];
/** Bytes in front of the header fields. */
const FIXED_BYTES = 16;

/**
 * A method call in the bytes that go over the socket (D-Bus Specification, "Message Protocol"), where its arguments are strings
 * and lists of strings only, which are nine tenths of the work of a look at systemd; null where they are anything else.
 * @param flags 2: do not start a service for it
 * @throws {TypeError} when `body` is not what the signature says
 */
export function encodeCall(call: BusCall, serial: number, flags: number): Buffer | null {
  const { signature = '', body = [] } = call;
  const types = signature.match(/as|s/g) ?? [];
  if (types.join('') !== signature) return null;
  if (types.length !== body.length) throw new TypeError(`${call.member}: ${body.length} arguments for "${signature}"`);
  const lists = types.map((type, index) => argumentOf(call, type, body[index]));
  const { destination, path, interface: owner, member } = call;
  const texts = [destination, path, owner, member, ...lists.flatMap(({ texts }) => texts)];
  // Each with its length, its final zero byte and what it takes to align the next.
  const room = texts.reduce(
    (sum, text) => sum + Buffer.byteLength(text) + 16,
    64 + 8 * types.length + signature.length,
  );
  const bytes = Buffer.alloc(room);
  let at = FIXED_BYTES;
  const align = (to: number) => {
    at = Math.ceil(at / to) * to;
  };
  const text = (value: string) => {
    align(4);
    const length = bytes.write(value, at + 4);
    bytes.writeUInt32LE(length, at);
    at += 4 + length + 1;
  };
  const field = (code: number, type: number) => {
    align(8);
    bytes.set([code, 1, type, 0], at);
    at += 4;
  };
  field(1, OBJECT_PATH);
  text(path);
  field(2, STRING);
  text(owner);
  field(3, STRING);
  text(member);
  field(6, STRING);
  text(destination);
  if (signature !== '') {
    field(8, SIGNATURE);
    bytes[at] = signature.length;
    at += 1 + bytes.write(signature, at + 1) + 1;
  }
  const fieldsBytes = at - FIXED_BYTES;
  align(8);
  const bodyAt = at;
  for (const { isList, texts } of lists) {
    align(4);
    const lengthAt = at;
    if (isList) at += 4;
    for (const value of texts) text(value);
    if (isList) bytes.writeUInt32LE(at - lengthAt - 4, lengthAt);
  }
  bytes.set([LITTLE_ENDIAN, METHOD_CALL, flags, PROTOCOL_VERSION]);
  bytes.writeUInt32LE(at - bodyAt, 4);
  bytes.writeUInt32LE(serial, 8);
  bytes.writeUInt32LE(fieldsBytes, 12);
  return bytes.subarray(0, at);
}

function argumentOf(call: BusCall, type: string, value: unknown): { isList: boolean; texts: readonly string[] } {
  const isList = type === 'as';
  const texts: unknown[] = isList && Array.isArray(value) ? value : [value];
  // A zero byte would end the string for the bus, which then takes the rest for nonsense and hangs up.
  const isText = (text: unknown): text is string => typeof text === 'string' && !text.includes('\0');
  if ((isList && !Array.isArray(value)) || !texts.every(isText))
    throw new TypeError(`${call.member}: an argument that is not of type "${type}"`);
  return { isList, texts };
}
