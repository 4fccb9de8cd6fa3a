import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ipAddressText } from './ip-address.ts';

it.each([
  [[192, 0, 2, 1], '192.0.2.1'],
  [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
  [Array<number>(16).fill(0), '::'],
  [[1, 2, 3], null],
  [[], null],
])('%j is %s', (bytes, text) => {
  expect(ipAddressText(Uint8Array.from(bytes))).toBe(text);
});

it('makes an address of any 4 or 16 bytes', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(fc.property(bytes(4), (address) => isIP(ipAddressText(address) ?? '') === 4));
  fc.assert(fc.property(bytes(16), (address) => isIP(ipAddressText(address) ?? '') === 6));
});
