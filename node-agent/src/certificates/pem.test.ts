import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, splitPem } from './pem.ts';

const block = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const split = (text: string) => splitPem(Buffer.from(text, 'latin1'));
const found = (text: string) => split(text).blocks.map(({ kind, index, der }) => [kind, index, der.toString()]);

test('takes certificates and revocation lists by their labels, in order, and passes over text between them', () => {
  const text = `subject=x\n${block('CERTIFICATE', 'b25l')}\n# two\n${block('TRUSTED CERTIFICATE', 'dHdv')}${block('X509 CRL', 'Y3Js')}${block('X509 CERTIFICATE', 'dGhyZWU=')}`;
  const expected = [
    ['certificate', 0, 'one'],
    ['certificate', 1, 'two'],
    ['revocation_list', 0, 'crl'],
    ['certificate', 2, 'three'],
  ];
  expect(found(text)).toEqual(expected);
  expect(found(text.replaceAll('\n', '\r\n'))).toEqual(expected);
  expect(split(text).hasOthers).toBe(false);
});

test.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'EC PARAMETERS'])(
  'drops a block of %s',
  (label) => {
    const text = `${block(label, 'c2VjcmV0')}${block('CERTIFICATE', 'b25l')}`;
    expect(found(text)).toEqual([['certificate', 0, 'one']]);
    expect(split(text)).toMatchObject({ broken: [], hasOthers: true });
  },
);

test('a key that is cut off takes nothing else with it, and is not told of', () => {
  const text = `-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n${block('CERTIFICATE', 'b25l')}`;
  expect(found(text)).toEqual([['certificate', 0, 'one']]);
  expect(split(text).broken).toEqual([]);
});

test.each([
  ['-----BEGIN CERTIFICATE-----\nb25l\n', 'certificate 0: cut off before its end'],
  [`-----BEGIN CERTIFICATE-----\nb25l\n${block('PRIVATE KEY', 'c2VjcmV0')}`, 'certificate 0: cut off before its end'],
  ['b25l\n-----END CERTIFICATE-----\n', 'certificate 0: its begin line is missing or damaged'],
  ['-----BEGIN CERTIFICATE-----\nb25l\n-----END PRIVATE KEY-----\n', 'certificate 0: its end line is of another kind'],
  [block('CERTIFICATE', 'b2*l'), 'certificate 0: not valid base64'],
  [block('CERTIFICATE', ''), 'certificate 0: not valid base64'],
  [block('CERTIFICATE', 'Proc-Type: 4,ENCRYPTED\nb25l'), 'certificate 0: not valid base64'],
  [block('X509 CRL', '!'), 'revocation list 0: not valid base64'],
])('says what is wrong without quoting: %j', (text, problem) => {
  expect(split(text)).toMatchObject({ blocks: [], broken: [problem] });
});

test('a broken certificate keeps its position, so that the next one has the index it has in the file', () => {
  const { blocks, broken } = split(`${block('CERTIFICATE', '?')}${block('CERTIFICATE', 'b25l')}`);
  expect(broken).toEqual(['certificate 0: not valid base64']);
  expect(blocks).toMatchObject([{ index: 1 }]);
});

test('base64 is strict where Node is not', () => {
  expect(fromBase64('b25l')?.toString()).toBe('one');
  for (const wrong of ['', 'b25', 'b2 l', 'b2-_', 'b===', 'b25l\n']) expect(fromBase64(wrong)).toBeNull();
});

test('no text makes it throw or repeat a line of the text', () => {
  const label = fc.constantFrom('CERTIFICATE', 'PRIVATE KEY', 'X509 CRL', 'EC PRIVATE KEY');
  const line = fc.oneof(
    label.map((name) => `-----BEGIN ${name}-----`),
    label.map((name) => `-----END ${name}-----`),
    fc.base64String({ minLength: 8, maxLength: 64 }),
    fc.string({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const { broken } = split(lines.join('\n'));
      for (const problem of broken) expect(problem).toMatch(/^(certificate|revocation list) \d+: [a-z64 ]+$/);
    }),
    { numRuns: 500 },
  );
});
