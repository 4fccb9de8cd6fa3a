import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Issued, makeKey, openWorkshop, type Workshop } from '../../test/certificate-authority.ts';
import { FactError } from '../fact-error.ts';
import { readDer } from './der.ts';
import { looksLikePkcs12, readPkcs12 } from './pkcs12.ts';

let shop: Workshop;
let rsa: Issued;
let ec: Issued;
beforeAll(() => {
  shop = openWorkshop();
  rsa = shop.issue({ subject: '/CN=rsa', key: makeKey('rsa') });
  ec = shop.issue({ subject: '/CN=ec' });
});
afterAll(() => shop.close());

function pack(issued: Issued, ...args: string[]): Buffer {
  writeFileSync(shop.at('leaf.pem'), issued.certificate);
  writeFileSync(shop.at('leaf.key'), issued.pem);
  return shop.openssl('pkcs12', '-export', '-in', 'leaf.pem', '-inkey', 'leaf.key', ...args);
}

async function subjectsOf(file: Buffer): Promise<string[]> {
  return (await readPkcs12(file)).certificates.map((der) => new X509Certificate(der).subject);
}

test.each([
  ['today’s AES-256', []],
  ['RC2 and 3DES of old', ['-legacy']],
  ['3DES', ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES']],
  ['no encryption of certificates', ['-certpbe', 'NONE']],
  ['no integrity check', ['-nomac']],
])('reads a file with an empty password: %s', async (_, args) => {
  expect(await subjectsOf(pack(rsa, '-passout', 'pass:', ...args))).toEqual(['CN=rsa']);
  expect(await subjectsOf(pack(ec, '-passout', 'pass:', ...args))).toEqual(['CN=ec']);
});

test.each([[[]], [['-legacy']]])('says that a file has a password %j', async (args) => {
  expect(await readPkcs12(pack(ec, '-passout', 'pass:secret', ...args))).toEqual({
    certificates: [],
    problems: [{ reason: 'encrypted', detail: 'password-protected PKCS#12' }],
  });
});

test('does not derive a key for minutes because a file asks for it', async () => {
  const file = pack(ec, '-passout', 'pass:', '-iter', '300000');
  const startedAt = performance.now();
  const { problems } = await readPkcs12(file);
  expect(problems).toMatchObject([{ reason: 'unsupported', detail: 'more than 100000 rounds of key derivation' }]);
  expect(performance.now() - startedAt).toBeLessThan(200);
});

test('names the algorithm it cannot undo', async () => {
  const file = pack(ec, '-passout', 'pass:', '-certpbe', 'PBE-SHA1-RC2-128', '-legacy');
  await expect(readPkcs12(file)).rejects.toThrow('PKCS#12 encrypted by algorithm 1.2.840.113549.1.12.1.5');
});

test('tells a PKCS#12 file from a certificate and a key', () => {
  expect(looksLikePkcs12(readDer(pack(ec, '-passout', 'pass:')))).toBe(true);
  expect(looksLikePkcs12(readDer(new X509Certificate(ec.certificate).raw))).toBe(false);
  expect(looksLikePkcs12(readDer(ec.key.export({ type: 'pkcs8', format: 'der' })))).toBe(false);
});

test('a file with changed bytes is read or refused', async () => {
  const files = [
    ['-certpbe', 'NONE'],
    ['-iter', '1'],
    ['-iter', '1', '-legacy'],
  ].map((args) => pack(ec, '-passout', 'pass:', ...args));
  const cases = fc.tuple(fc.nat(2), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(cases, async ([which, changes]) => {
      const bytes = Buffer.from(files[which] ?? []);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      try {
        const { certificates, problems } = await readPkcs12(bytes);
        expect(certificates.length + problems.length).toBeLessThanOrEqual(2);
      } catch (error) {
        expect(error).toBeInstanceOf(FactError);
      }
    }),
    { numRuns: 300 },
  );
});
