import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHostPaths, type HostPaths } from './host-path.ts';

const asked = vi.hoisted(() => ({ paths: [] as string[] }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...real,
    lstat: async (path: string) => {
      asked.paths.push(path);
      return real.lstat(path);
    },
  };
});

let root: string;
let paths: HostPaths;
const { signal } = new AbortController();
const reason = (path: string, on = paths) => on.resolve(path).catch((error: unknown) => Object(error).reason ?? error);
const looksAt = (path: string) => asked.paths.filter((other) => other === join(root, path)).length;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'host-path-'));
  mkdirSync(join(root, 'etc/ssl'), { recursive: true });
  writeFileSync(join(root, 'etc/ssl/a.pem'), '');
  asked.paths.length = 0;
  paths = createHostPaths(root, signal);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('asks for a directory once, whoever comes while it is asked for and after', async () => {
  const all = ['/etc/ssl/a.pem', '/etc/ssl/b.pem', '/etc/ssl', '/etc/none/a/b', '/etc/none/c'];
  const once = ['/etc/ssl/a.pem', 'not_found', '/etc/ssl', 'not_found', 'not_found'];
  expect(await Promise.all(all.map((path) => reason(path)))).toEqual(once);
  for (const path of all) await reason(path);
  expect([looksAt('/etc'), looksAt('/etc/ssl'), looksAt('/etc/none')]).toEqual([1, 1, 1]);
});

it('asks for a file each time, so that one that comes and goes during a collection is seen', async () => {
  const log = '/etc/ssl/rpmdb.sqlite-wal';
  expect(await reason(log)).toBe('not_found');
  writeFileSync(join(root, log), '');
  expect(await reason(log)).toBe(log);
  rmSync(join(root, log));
  expect(await reason(log)).toBe('not_found');
  expect(await reason('/etc/new')).toBe('not_found');
  mkdirSync(join(root, 'etc/new'));
  expect(await reason('/etc/new')).toBe('/etc/new');
});

it('knows nothing of it in the next collection: directories come, and become symlinks', async () => {
  expect([await reason('/etc/ssl/a.pem'), await reason('/opt/a')]).toEqual(['/etc/ssl/a.pem', 'not_found']);
  renameSync(join(root, 'etc/ssl'), join(root, 'opt'));
  symlinkSync('/opt', join(root, 'etc/ssl'));
  const next = createHostPaths(root, signal);
  expect([await reason('/etc/ssl/a.pem', next), await reason('/opt/a.pem', next)]).toEqual([
    '/opt/a.pem',
    '/opt/a.pem',
  ]);
});

it('is where the prefix says, also when that is the root itself or ends in a slash', () => {
  expect(['/', '/host', '/host/'].map((prefix) => createHostPaths(prefix, signal).real('/etc'))).toEqual([
    '/etc',
    '/host/etc',
    '/host/etc',
  ]);
});
