import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { hexAddress, ipv4Number, networkOrderAddress } from './hex-address.ts';

test.each([
  ['0100007F', 'LE', '127.0.0.1'],
  ['7F000001', 'BE', '127.0.0.1'],
  ['00000000', 'LE', '0.0.0.0'],
  ['B80D01200000000000000000AA000000', 'LE', '2001:db8::aa'],
  ['20010DB80000000000000000000000AA', 'BE', '2001:db8::aa'],
  ['00000000000000000000000001000000', 'LE', '::1'],
  ['00000000000000000000000000000000', 'LE', '::'],
  ['0000000000000000FFFF00001101140A', 'LE', '10.20.1.17'],
  ['0100007', 'LE', null],
  ['0100007G', 'LE', null],
  ['', 'BE', null],
] as const)('%s in %s is %s', (hex, order, address) => {
  expect(hexAddress(hex, order)).toBe(address);
});

it('reads what if_inet6 writes', () => {
  expect(networkOrderAddress('fe80000000000000b69691fffeaabb10')).toBe('fe80::b696:91ff:feaa:bb10');
  expect(networkOrderAddress('fe80')).toBe(null);
});

it('numbers every IPv4 address and nothing else', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(ipv4Number(address)?.toString(16).padStart(8, '0')).toBe(
        address
          .split('.')
          .map((part) => Number(part).toString(16).padStart(2, '0'))
          .join(''),
      );
    }),
  );
  for (const wrong of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', 'a.b.c.d', '1.2.3.'])
    expect(ipv4Number(wrong)).toBe(null);
});
