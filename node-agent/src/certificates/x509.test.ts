import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Issued, makeKey, openWorkshop, type Workshop } from '../../test/certificate-authority.ts';
import { FactError } from '../fact-error.ts';
import { readCertificate } from './x509.ts';

const now = new Date();
let shop: Workshop;
let ca: Issued;
beforeAll(() => {
  shop = openWorkshop();
  ca = shop.issue({ subject: '/O=Test/CN=Test CA', isCa: true, days: 100 });
});
afterAll(() => shop.close());

const derOf = ({ certificate }: Issued) => new X509Certificate(certificate).raw;
const read = (issued: Issued) => readCertificate(derOf(issued), now).contents;

test('says what openssl says of a certificate', () => {
  const names = 'DNS:a.example,DNS:*.b.example,IP:10.0.0.1,IP:fe80::1,URI:spiffe://x/y,email:a@b.example';
  const issued = shop.issue({ subject: '/O=system:masters/CN=kubernetes-admin', names, days: 30 }, ca);
  const contents = read(issued);
  const oracle = new X509Certificate(issued.certificate);
  expect(contents).toMatchObject({
    subject: 'CN=kubernetes-admin,O=system:masters',
    commonName: 'kubernetes-admin',
    organizations: ['system:masters'],
    issuer: 'CN=Test CA,O=Test',
    serialNumber: oracle.serialNumber,
    notAfter: oracle.validToDate.toISOString(),
    notBefore: oracle.validFromDate.toISOString(),
    expired: false,
    notYetValid: false,
    isCa: false,
    selfSigned: false,
    dnsNames: ['a.example', '*.b.example'],
    ipAddresses: ['10.0.0.1', 'fe80::1'],
    fingerprintSha256: oracle.fingerprint256.replaceAll(':', ''),
  });
  expect(Math.abs(contents.expiresInSeconds - 30 * 86_400)).toBeLessThan(60);
});

test.each([
  ['ec', { keyAlgorithm: 'ec', keyBits: 256, curve: 'prime256v1' }],
  ['p384', { keyAlgorithm: 'ec', keyBits: 384, curve: 'secp384r1' }],
  ['rsa', { keyAlgorithm: 'rsa', keyBits: 2048, curve: null }],
  ['rsa-pss', { keyAlgorithm: 'rsa-pss', keyBits: 2048, curve: null }],
  ['ed25519', { keyAlgorithm: 'ed25519', keyBits: null, curve: null }],
] as const)('knows a key of kind %s', (kind, expected) => {
  expect(read(shop.issue({ subject: '/CN=k', key: makeKey(kind) }, ca))).toMatchObject(expected);
});

test('tells an authority, a self-signed certificate, and one that only bears the name of its issuer', () => {
  expect(read(ca)).toMatchObject({ isCa: true, selfSigned: true });
  const impostor = shop.issue({ subject: '/O=Test/CN=Test CA' }, ca);
  expect(read(impostor)).toMatchObject({ isCa: false, selfSigned: false, subject: 'CN=Test CA,O=Test' });
});

test('expired, not yet valid, and the last year there is', () => {
  const expired = read(shop.issue({ subject: '/CN=old', from: -20, days: -10 }, ca));
  expect(expired).toMatchObject({ expired: true, notYetValid: false });
  expect(Math.round(expired.expiresInSeconds / 86_400)).toBe(-10);
  expect(read(shop.issue({ subject: '/CN=new', from: 5, days: 10 }, ca))).toMatchObject({
    expired: false,
    notYetValid: true,
  });
  const last = read(shop.issue({ subject: '/CN=last', until: '99991231235959Z' }, ca));
  expect(last).toMatchObject({ notAfter: '9999-12-31T23:59:59.000Z', expired: false });
});

test('a certificate without names or subject is read as such', () => {
  expect(read(shop.issue({ subject: '/' }, ca))).toMatchObject({
    subject: '',
    commonName: null,
    organizations: [],
    dnsNames: [],
    ipAddresses: [],
  });
});

test('names come without terminal sequences, and a comma in one makes no second name', () => {
  const subject = '/O=a\u001b[31mred/CN=x\u202ey\u200b';
  const contents = read(shop.issue({ subject, names: 'DNS:a.example\u001b[2J' }, ca));
  expect(contents).toMatchObject({ subject: 'CN=xy,O=ared', organizations: ['ared'], dnsNames: ['a.example'] });
});

test('a hundred alternative names are shown, the rest is counted', () => {
  const names = Array.from({ length: 130 }, (_, at) => `DNS:n${at}.example`).join(',');
  const { contents, namesLeftOut } = readCertificate(derOf(shop.issue({ subject: '/CN=many', names }, ca)), now);
  expect(contents.dnsNames).toHaveLength(100);
  expect(namesLeftOut).toBe(30);
});

test('a date that RFC 3339 cannot write is no date: it would cost the reader the whole family', () => {
  const der = derOf(shop.issue({ subject: '/CN=damaged' }, ca));
  const month = der.indexOf(Buffer.from([0x17, 0x0d])) + 4;
  const dates = Array.from({ length: 256 }, (_, byte) => {
    const bytes = Buffer.from(der);
    bytes[month] = byte;
    try {
      return readCertificate(bytes, now).contents.notBefore;
    } catch (error) {
      expect(error).toMatchObject({ reason: 'parse_error' });
      return null;
    }
  });
  expect(dates).toContain(null);
  expect(dates.filter((date) => date !== null && !/^\d{4}-/.test(date))).toEqual([]);
});

test('a certificate with changed bytes is read or refused, in words that quote nothing', () => {
  const der = derOf(shop.issue({ subject: '/CN=fuzz', names: 'DNS:fuzz.example,IP:10.0.0.1' }, ca));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = Buffer.from(der);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        const { notBefore, notAfter } = readCertificate(bytes, now).contents;
        for (const date of [notBefore, notAfter]) expect(date).toMatch(/^\d{4}-/);
      } catch (error) {
        expect(error).toBeInstanceOf(FactError);
        expect(String(error)).toMatch(/not an X\.509 certificate|the DER encoding/);
      }
    }),
    { numRuns: 500 },
  );
});
