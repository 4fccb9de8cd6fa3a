import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SettingsError } from './settings.ts';
import { openTlsFiles } from './tls-files.ts';

let directory: string;
const at = (name: string) => join(directory, name);

/** A certificate of its own with its key, as NAME.crt and NAME.key. */
function make(name: string, ...options: string[]): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', at(`${name}.key`)];
  const made = ['-x509', '-subj', `/CN=${name}`, '-days', '1', '-out', at(`${name}.crt`)];
  execFileSync('openssl', ['req', ...made, ...key, ...(options.length > 0 ? options : ['-nodes'])], { stdio: 'pipe' });
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tls-files-'));
  make('one');
  make('two');
  make('locked', '-passout', 'pass:secret');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const place = (name: string) => ({ setting: 'FILE', path: at(name) });
const open = (cert: string | null, key: string | null, ca: string | null = null) =>
  openTlsFiles({
    cert: cert === null ? null : place(cert),
    key: key === null ? null : place(key),
    ca: ca === null ? null : place(ca),
  });
const text = (name: string) => readFileSync(at(name), 'utf8');

async function problemsOf(opening: Promise<unknown>): Promise<readonly string[]> {
  const error = await opening.catch((reason: unknown) => reason);
  if (!(error instanceof SettingsError)) throw new Error('the files were taken');
  return error.problems;
}

test('what does not go together, is not there or is broken is named, all at once and without its content', async () => {
  writeFileSync(at('half.crt'), `${text('one.crt')}${text('two.crt').slice(0, 300)}`);
  writeFileSync(at('bad.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  expect(await problemsOf(open('one.crt', 'two.key'))).toEqual([
    `FILE: ${at('two.key')}: is not the key of the certificate in ${at('one.crt')}`,
  ]);
  expect(await problemsOf(open('one.crt', 'locked.key'))).toEqual([
    `FILE: ${at('locked.key')}: the key has a passphrase; it must have none`,
  ]);
  expect(await problemsOf(open('absent.crt', 'one.crt', 'half.crt'))).toEqual([
    `FILE: ${at('absent.crt')}: there is no such file`,
    `FILE: ${at('half.crt')}: breaks off within a certificate`,
    `FILE: ${at('one.crt')}: holds no private key in PEM`,
  ]);
  expect(await problemsOf(open(null, null, 'bad.crt'))).toEqual([
    `FILE: ${at('bad.crt')}: holds a certificate that cannot be read`,
  ]);
  expect(await problemsOf(open(null, null, 'one.key'))).toEqual([
    `FILE: ${at('one.key')}: holds no certificate in PEM`,
  ]);
});

test('a change is told once, half a change once as a problem, and the old pair is kept meanwhile', async () => {
  writeFileSync(at('now.crt'), text('one.crt'));
  writeFileSync(at('now.key'), text('one.key'));
  const files = await open('now.crt', 'now.key');
  expect(await files.look()).toBeNull();
  writeFileSync(at('now.crt'), text('two.crt'));
  expect(await files.look()).toEqual({ problems: [expect.stringContaining('is not the key')] });
  expect(await files.look()).toBeNull();
  expect(files.current().cert).toBe(text('one.crt'));
  writeFileSync(at('now.key'), text('two.key'));
  expect(await files.look()).toEqual({ changed: { cert: text('two.crt'), key: text('two.key'), ca: null } });
  expect(files.current().key).toBe(text('two.key'));
  // Gone for a moment and back as it was: a problem, and then nothing new.
  rmSync(at('now.key'));
  expect(await files.look()).toEqual({ problems: [`FILE: ${at('now.key')}: there is no such file`] });
  writeFileSync(at('now.key'), text('two.key'));
  expect(await files.look()).toBeNull();
});
