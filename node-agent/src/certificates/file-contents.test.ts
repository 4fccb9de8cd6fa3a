import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCorpus } from '../../test/certificate-corpus.ts';
import { readFileContents } from './file-contents.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'contents-'));
  makeCorpus(directory);
});
afterAll(() => rmSync(directory, { recursive: true }));

const bytesOf = (name: string) => readFileSync(join(directory, name));
async function summaryOf(name: string, expected = true) {
  const contents = await readFileContents(bytesOf(name), expected);
  return [
    contents.certificates.map(({ sourceKind, index }) => `${sourceKind} ${index}`).join(),
    contents.revocationLists.length,
    contents.errors.map(({ reason, detail }) => `${reason}: ${detail}`).join(),
  ];
}

test.each([
  ['rsa.crt', 'file 0'],
  ['crlf.crt', 'file 0'],
  ['with-text.crt', 'file 0'],
  ['trusted.pem', 'file 0'],
  ['binary.der', 'file 0'],
  ['bundle.pem', 'file 0,file 1,file 2'],
  ['with-key.pem', 'file 0'],
  ['key-first.pem', 'file 0'],
  ['sealed-key.pem', 'file 0'],
  ['key-cut-off.pem', 'file 0'],
  ['modern.p12', 'pkcs12 0,pkcs12 1'],
  ['legacy.p12', 'pkcs12 0,pkcs12 1'],
  ['ec.pfx', 'pkcs12 0,pkcs12 1'],
  ['clear.p12', 'pkcs12 0,pkcs12 1'],
  ['embedded.kubeconfig', 'kubeconfig 0,kubeconfig 1,kubeconfig 2'],
  ['secret.json', 'json 0,json 1'],
])('%s holds %s', async (name, certificates) => {
  expect(await summaryOf(name)).toEqual([certificates, 0, '']);
});

test.each(['only-keys.pem', 'only-key.der', 'parameters.pem'])(
  '%s is no error though a certificate was expected',
  async (name) => {
    expect(await summaryOf(name)).toEqual(['', 0, '']);
  },
);

test.each([
  ['cut-off.crt', 'parse_error: certificate 0: cut off before its end'],
  ['damaged.crt', 'parse_error: certificate 0: not valid base64'],
  ['broken-with-key.pem', 'parse_error: certificate 0: cut off before its end'],
  ['noise.crt', 'parse_error: neither a certificate nor a kubeconfig'],
  ['cut-off.der', 'parse_error: neither a certificate nor a kubeconfig'],
  ['nginx.conf', 'parse_error: neither a certificate nor a kubeconfig'],
  ['empty.pem', 'parse_error: the file is empty'],
  ['locked.p12', 'encrypted: password-protected PKCS#12'],
  ['store.jks', 'unsupported: a Java keystore; convert it to PKCS#12 to have it read'],
  ['broken.kubeconfig', 'parse_error: not valid YAML, line 8'],
])('%s is an error: %s', async (name, error) => {
  expect(await summaryOf(name)).toEqual(['', 0, error]);
});

test.each(['noise.crt', 'nginx.conf', 'empty.pem'])(
  '%s is passed over where nothing says that it holds certificates',
  async (name) => {
    expect(await summaryOf(name, false)).toEqual(['', 0, '']);
  },
);

test('tells where in a kubeconfig a certificate sits, and that a field holds only a key', async () => {
  const { certificates } = await readFileContents(bytesOf('embedded.kubeconfig'), true);
  expect(certificates.map(({ embeddedAt }) => embeddedAt)).toEqual([
    'clusters[default].certificate-authority-data',
    'users[default].client-certificate-data',
    'users[default].client-certificate-data',
  ]);
  expect((await readFileContents(bytesOf('key-in-the-wrong-place.kubeconfig'), true)).errors).toEqual([
    {
      embeddedAt: 'clusters[default].certificate-authority-data',
      reason: 'parse_error',
      detail: 'holds no certificate',
    },
    { embeddedAt: 'users[default].client-certificate-data', reason: 'parse_error', detail: 'holds no certificate' },
  ]);
});

test('a revocation list is taken in PEM and in DER', async () => {
  expect(await summaryOf('list.crl')).toEqual(['', 1, '']);
  const { revocationLists } = await readFileContents(bytesOf('list.crl'), true);
  expect(await readFileContents(revocationLists[0] ?? Buffer.alloc(0), true)).toMatchObject({
    revocationLists,
    errors: [],
  });
});

test('a byte order mark before the first certificate is a fault, as it is for the servers that read the file', async () => {
  const bytes = Buffer.concat([Buffer.from('\ufeff'), bytesOf('rsa.crt')]);
  expect((await readFileContents(bytes, true)).errors).toMatchObject([
    { detail: 'certificate 0: its begin line is missing or damaged' },
  ]);
});

test('no file of the corpus, with bytes changed or cut off, makes it throw', async () => {
  const files = readdirSync(directory)
    .map(bytesOf)
    .filter((bytes) => bytes.length > 0);
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      changes,
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (file, edits, kept) => {
        const bytes = Buffer.from(file.subarray(0, Math.ceil(file.length * Math.min(1, kept + 0.3))));
        for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
        const contents = await readFileContents(bytes, true);
        for (const error of contents.errors) expect(error.detail.length).toBeLessThan(120);
      },
    ),
    { numRuns: 400 },
  );
});
