import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameOf, variant } from '../../test/mock-bus.ts';
import { decodeReply } from './decode-reply.ts';

const HEADER_BYTES = 16;
const decode = (frame: Buffer) => decodeReply(frame.subarray(0, HEADER_BYTES), frame.subarray(HEADER_BYTES));
const replyFrame = (signature: string, body: unknown[]) =>
  frameOf({ type: 2, serial: 9, replySerial: 7, sender: 'org.example.Thing', signature, body });

/** A type, a value of it as the library writes it, and the plain value that it stands for. */
interface Sample {
  signature: string;
  given: unknown;
  plain: unknown;
}

const same =
  (signature: string) =>
  (value: unknown): Sample => ({ signature, given: value, plain: value });
const long =
  (signature: string) =>
  (value: bigint): Sample => ({
    signature,
    given: value,
    plain: Number.isSafeInteger(Number(value)) ? Number(value) : null,
  });
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));

const { any } = fc.letrec<{ any: Sample }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    text.map(same('s')),
    fc.boolean().map(same('b')),
    fc.nat(255).map(same('y')),
    fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }).map(same('n')),
    fc.nat(2 ** 16 - 1).map(same('q')),
    fc.integer().map(same('i')),
    fc.nat(2 ** 32 - 1).map(same('u')),
    // The library writes -0 as 0.
    fc.double({ noNaN: true }).map((value) => same('d')(value + 0)),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(long('t')),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(long('x')),
    fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }).map(long('x')),
    fc.uint8Array({ maxLength: 9 }).map((bytes) => same('ay')(Buffer.from(bytes))),
    fc.array(text, { maxLength: 4 }).map(same('as')),
    fc.array(fc.bigInt({ min: 0n, max: 99n }), { maxLength: 4 }).map((values) => ({
      signature: 'at',
      given: values,
      plain: values.map(Number),
    })),
    fc.array(tie('any'), { minLength: 1, maxLength: 4 }).map((parts) => ({
      signature: `(${parts.map(({ signature }) => signature).join('')})`,
      given: parts.map(({ given }) => given),
      plain: parts.map(({ plain }) => plain),
    })),
    fc.dictionary(text, tie('any'), { maxKeys: 4 }).map((entries) => ({
      signature: 'a{sv}',
      given: Object.fromEntries(
        Object.entries(entries).map(([name, { signature, given }]) => [name, variant(signature, given)]),
      ),
      plain: Object.fromEntries(Object.entries(entries).map(([name, { plain }]) => [name, plain])),
    })),
    tie('any').map(({ signature, given, plain }) => ({ signature: 'v', given: variant(signature, given), plain })),
  ),
}));

test('reads any value that the library writes', () => {
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), (samples) => {
      const signature = samples.map((sample) => sample.signature).join('');
      const { body, replySerial, errorName } = decode(
        replyFrame(
          signature,
          samples.map(({ given }) => given),
        ),
      );
      expect({ body, replySerial, errorName }).toEqual({
        body: samples.map(({ plain }) => plain),
        replySerial: 7,
        errorName: null,
      });
    }),
    { numRuns: 500 },
  );
});

test('a key that is special in JavaScript is a key like any other', () => {
  const bytes = replyFrame('a{ss}', [{ _proto_: 'x' }]);
  const name = Buffer.from('_proto_');
  bytes.set(Buffer.from('__proto'), bytes.indexOf(name));
  const [found] = decode(bytes).body;
  expect(Object.entries(found ?? {})).toEqual([['__proto', 'x']]);
});

test('both byte orders', () => {
  // The serial of the call, 258, the signature `ut`, then 1 and 2^32.
  const rest = [
    5, 1, 0x75, 0, 0, 0, 1, 2, 8, 1, 0x67, 0, 2, 0x75, 0x74, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
  ];
  const header = [0x42, 2, 0, 1, 0, 0, 0, 16, 0, 0, 0, 9, 0, 0, 0, 16];
  expect(decode(Buffer.from([...header, ...rest]))).toEqual({
    replySerial: 258,
    errorName: null,
    body: [1, 2 ** 32],
  });
});

test('an error has its name and its words', () => {
  const error = { type: 3, serial: 9, replySerial: 7, errorName: 'org.example.No', signature: 's', body: ['no'] };
  expect(decode(frameOf(error))).toEqual({ replySerial: 7, errorName: 'org.example.No', body: ['no'] });
  const nameless = frameOf(error);
  nameless.write('1', nameless.indexOf('org.example.No'));
  expect(() => decode(nameless)).toThrow('an error without a name');
});

test('bytes come as a copy, which does not keep the message', () => {
  const frame = replyFrame('ay', [Buffer.from([1, 2])]);
  const [bytes] = decode(frame).body;
  frame.fill(0);
  expect(bytes).toEqual(Buffer.from([1, 2]));
});

/** A reply with this signature in its header, and zeros for a body. */
function zeros(signature: string, bytes: number): Buffer {
  const frame = replyFrame(
    's'.repeat(signature.length),
    Array.from(signature, () => ''),
  );
  const at = frame.lastIndexOf(`${'s'.repeat(signature.length)}\0`);
  frame.write(signature, at);
  const bodyAt = frame.length - frame.readUInt32LE(4);
  return Buffer.concat([frame.subarray(0, bodyAt), Buffer.alloc(bytes)]);
}

test.each([
  ['a file descriptor', zeros('h', 4), 'a type that is not read'],
  ['a struct of nothing', zeros('()', 8), 'a struct of nothing'],
  ['an array of nothing', zeros('a', 4), 'a type that is not read'],
  ['a struct without an end', zeros('(s', 8), 'a type that is not read'],
  ['a dictionary of one type', zeros('a{s}', 4), 'a type that is not read'],
  ['a dictionary without an end', zeros('a{ss', 4), 'a dictionary of other than two types'],
  ['a variant of no type', zeros('v', 4), 'other than one type'],
  ['arrays of arrays without an end', zeros('a'.repeat(200), 4), 'nested too deep'],
  ['a body that is too long', zeros('s', 9), 'not as long as it says'],
  ['a body that is too short', zeros('t', 4), 'out of range'],
])('refuses %s', (_, frame, words) => {
  expect(() => decode(frame)).toThrow(words);
});

test('refuses variants in variants without an end, also where these fit into the message', () => {
  const variants = (depth: number) =>
    Buffer.from([...Array.from({ length: depth }, () => [1, 0x76, 0]).flat(), 1, 0x79, 0, 5]);
  const framed = (body: Buffer) => Buffer.concat([zeros('v', 0), body]);
  expect(decode(framed(variants(40))).body).toEqual([5]);
  expect(() => decode(framed(variants(10_000)))).toThrow('variants nested too deep');
});

test('whatever bytes come, it answers or throws an Error, and never takes an array for longer than the message', () => {
  const frame = replyFrame('a(sv)at', [[['one', variant('as', ['x'])]], [1n, 2n]]);
  const flips = fc.array(fc.tuple(fc.nat(frame.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(flips, (all) => {
      const copy = Buffer.from(frame);
      for (const [at, byte] of all) copy.writeUInt8(byte, at);
      try {
        expect(JSON.stringify(decode(copy)).length).toBeLessThan(4096);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 2000 },
  );
});
