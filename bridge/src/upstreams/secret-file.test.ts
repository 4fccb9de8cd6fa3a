import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '@telemcp/shared/settings';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSecretFile } from './secret-file.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'secret-file-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}
const open = (path: string) => openSecretFile({ setting: 'TELEMCP_LOKI_TOKEN_FILE', path });

it.each([
  ['a line break at its end', 'abc\n', 'abc'],
  ['that of another system', 'abc\r\n', 'abc'],
  ['none', 'abc', 'abc'],
  ['spaces, which may belong to a password', ' a c \n', ' a c '],
])('is its text without %s', async (_, text, secret) => {
  expect((await open(file('text', text))).current()).toBe(secret);
});

it.each([
  ['absent', () => join(directory, 'absent'), 'there is no such file'],
  ['a directory', () => directory, 'is a directory'],
  ['empty', () => file('empty', '\n'), 'is empty'],
  ['of two lines', () => file('two', 'Bearer a\nBearer b\n'), 'holds more than one line, or control characters'],
  ['binary', () => file('binary', 'a\0b'), 'holds more than one line, or control characters'],
  ['huge', () => file('huge', 'x'.repeat(70_000)), 'holds more than 65536 characters'],
])('is refused when it is %s, without its content', async (_, make, words) => {
  const path = make();
  await expect(open(path)).rejects.toThrow(new SettingsError([`TELEMCP_LOKI_TOKEN_FILE: ${path}: ${words}`]));
});

it('is new when a symlink above it is swapped, as Kubernetes does, and keeps what it had while it is gone', async () => {
  for (const version of ['v1', 'v2']) {
    mkdirSync(join(directory, version));
    file(`${version}/token`, `${version}\n`);
  }
  symlinkSync('v1', join(directory, 'now'));
  const secret = await open(join(directory, 'now/token'));
  expect(await secret.look()).toBe(false);
  rmSync(join(directory, 'now'));
  expect(await secret.look()).toBe(true);
  expect(secret.problem()).toBe(`TELEMCP_LOKI_TOKEN_FILE: ${directory}/now/token: there is no such file`);
  expect(secret.current()).toBe('v1');
  expect(await secret.look(), 'told once').toBe(false);
  symlinkSync('v2', join(directory, 'next'));
  renameSync(join(directory, 'next'), join(directory, 'now'));
  expect(await secret.look()).toBe(true);
  expect(secret.problem()).toBeNull();
  expect(secret.current()).toBe('v2');
});
