import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Issued, openWorkshop, type Workshop } from '../../test/certificate-authority.ts';
import { FactError } from '../fact-error.ts';
import { splitPem } from './pem.ts';
import { readRevocationList } from './revocation-list.ts';

let shop: Workshop;
let ca: Issued;
beforeAll(() => {
  shop = openWorkshop();
  ca = shop.issue({ subject: '/O=Test/CN=Test CA', isCa: true, days: 100 });
});
afterAll(() => shop.close());

function listOf(days: number): Buffer {
  const [block] = splitPem(Buffer.from(shop.revocationList(ca, days))).blocks;
  if (block?.kind !== 'revocation_list') throw new Error('openssl made no revocation list');
  return block.der;
}

test('says who issued a list and until when it holds, as openssl does', () => {
  const list = readRevocationList(listOf(30), new Date());
  const printed = shop.openssl('crl', '-in', 'list.crl', '-noout', '-lastupdate', '-nextupdate').toString();
  const [, last = '', next = ''] = /lastUpdate=(.*)\nnextUpdate=(.*)\n/.exec(printed) ?? [];
  expect(list).toEqual({
    issuer: 'CN=Test CA,O=Test',
    thisUpdate: new Date(last).toISOString(),
    nextUpdate: new Date(next).toISOString(),
    stale: false,
  });
});

test('a list is stale once its next update is overdue', () => {
  expect(readRevocationList(listOf(30), new Date(Date.now() + 31 * 86_400_000)).stale).toBe(true);
});

test('a certificate is no revocation list', () => {
  const [block] = splitPem(Buffer.from(ca.certificate)).blocks;
  expect(() => readRevocationList(block?.der ?? Buffer.alloc(0), new Date())).toThrow(/not an X\.509 revocation list/);
});

test('changed bytes are read or refused', () => {
  const der = listOf(30);
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, byte, length) => {
      const bytes = Buffer.from(der.subarray(0, length));
      if (at < length) bytes[at] = byte;
      try {
        expect(readRevocationList(bytes, new Date()).thisUpdate).toMatch(/Z$/);
      } catch (error) {
        expect(error).toBeInstanceOf(FactError);
      }
    }),
    { numRuns: 400 },
  );
});
