import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FactError } from '../fact-error.ts';
import { childrenOf, objectIdOf, octetsOf, readDer, smallIntegerOf, timeOf } from './der.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const time = (tag: string, text: string) =>
  timeOf(readDer(Buffer.concat([hex(tag), Buffer.from([text.length]), Buffer.from(text)])));

test('reads nested values, also those with an indefinite length', () => {
  const definite = readDer(hex('30 06 0201 05 0401 41'));
  const indefinite = readDer(hex('30 80 0201 05 24 80 0401 41 0401 42 0000 0000 ff'));
  expect(childrenOf(definite).map((child) => child.tag)).toEqual([0x02, 0x04]);
  const [number, octets] = childrenOf(indefinite);
  expect(smallIntegerOf(number)).toBe(5);
  expect(octets === undefined ? null : octetsOf(octets).toString()).toBe('AB');
  expect(indefinite.raw).toHaveLength(17);
});

test.each([
  ['30 05 0201 05', 'ends early'],
  ['30 85 0000000001', 'has a length out of range'],
  ['1f 8101 00', 'holds a long-form tag'],
  ['30', 'ends early'],
  ['04 80 00', 'is nested too deeply'],
  ['30 80 0201 05', 'ends early'],
])('refuses %s: the encoding %s', (bytes, problem) => {
  expect(() => childrenOf(readDer(hex(bytes)))).toThrow(new FactError('parse_error', `the DER encoding ${problem}`));
});

test('reads object identifiers, with a second arc above 39 too', () => {
  expect(objectIdOf(readDer(hex('06 09 2a864886f70d010701')))).toBe('1.2.840.113549.1.7.1');
  expect(objectIdOf(readDer(hex('06 03 551d11')))).toBe('2.5.29.17');
  expect(objectIdOf(readDer(hex('06 03 883703')))).toBe('2.999.3');
  expect(objectIdOf(readDer(hex('02 01 05')))).toBe('');
});

test('reads both kinds of time; a two-digit year turns at 50', () => {
  expect(time('17', '491231235959Z')?.toISOString()).toBe('2049-12-31T23:59:59.000Z');
  expect(time('17', '500101000000Z')?.toISOString()).toBe('1950-01-01T00:00:00.000Z');
  expect(time('17', '2601021504Z')?.toISOString()).toBe('2026-01-02T15:04:00.000Z');
  expect(time('18', '99991231235959Z')?.toISOString()).toBe('9999-12-31T23:59:59.000Z');
  for (const wrong of ['20261301000000Z', '20260101000000', '20260101000000+0100'])
    expect(time('18', wrong)).toBeNull();
  expect(time('18', '491231235959Z')).toBeNull();
});

test('any bytes are read or refused, and reading ends', () => {
  const walk = (bytes: Buffer, depth: number): void => {
    for (const child of childrenOf(readDer(bytes))) {
      objectIdOf(child);
      smallIntegerOf(child);
      timeOf(child);
      if (depth < 5 && child.tag & 0x20) walk(child.raw, depth + 1);
    }
  };
  const likely = fc.array(fc.constantFrom(0x30, 0x80, 0x00, 0x02, 0x01, 0x06, 0x82, 0xa0, 0x24, 0x17), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.oneof(likely, fc.array(fc.nat(255), { maxLength: 60 })), (bytes) => {
      try {
        walk(Buffer.from(bytes), 0);
      } catch (error) {
        expect(error).toBeInstanceOf(FactError);
      }
    }),
    { numRuns: 1_000 },
  );
});
