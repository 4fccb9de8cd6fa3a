import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Issued, openWorkshop, type Workshop } from '../../test/certificate-authority.ts';
import { createKeptCertificates } from './kept-certificates.ts';
import { splitPem } from './pem.ts';
import { readCertificate } from './x509.ts';

let shop: Workshop;
let leaf: Issued;
beforeAll(() => {
  shop = openWorkshop();
  leaf = shop.issue({ subject: '/CN=leaf', names: 'DNS:leaf.example' });
});
afterAll(() => shop.close());

const derOf = (pem: string | Buffer) => splitPem(Buffer.from(pem)).blocks[0]?.der ?? Buffer.alloc(0);
const DAY_MS = 86_400_000;

function counting() {
  const decoded: string[] = [];
  const decode = createKeptCertificates((der, now) => {
    decoded.push(der.toString('latin1'));
    return readCertificate(der, now);
  });
  return { decode, decoded };
}

test('decodes a certificate once and tells its validity as of each time it is asked for', () => {
  const { decode, decoded } = counting();
  const der = derOf(leaf.certificate);
  const moments = [0, 1, 10_000, -10_000].map((days) => new Date(Date.now() + days * DAY_MS));
  for (const now of moments) expect(decode(Buffer.from(der), now)).toEqual(readCertificate(der, now));
  expect(moments.map((now) => decode(der, now).contents.expired)).toContain(true);
  expect(moments.map((now) => decode(der, now).contents.notYetValid)).toContain(true);
  expect(decoded).toHaveLength(1);
});

test('what cannot be decoded is refused each time', () => {
  const { decode } = counting();
  const broken = Buffer.from('30030201', 'hex');
  for (let times = 0; times < 2; times += 1) expect(() => decode(broken, new Date())).toThrow();
});

test('keeps the last few hundred, those asked for lately before others', () => {
  const read = readCertificate(derOf(leaf.certificate), new Date());
  const decoded: number[] = [];
  const decode = createKeptCertificates((der) => {
    decoded.push(der.readUInt16BE(0));
    return read;
  });
  const ask = (number: number) => {
    const der = Buffer.alloc(2);
    der.writeUInt16BE(number);
    decode(der, new Date());
  };
  for (let number = 0; number < 5000; number += 1) {
    ask(0);
    ask(number);
  }
  expect(decoded).toHaveLength(5000);
  ask(0);
  ask(4999);
  expect(decoded).toHaveLength(5000);
  ask(1);
  expect(decoded).toHaveLength(5001);
});
