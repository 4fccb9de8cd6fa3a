import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FactError } from '../fact-error.ts';
import { createHostRoot, type HostRoot } from '../host-root.ts';
import { findFiles } from './search.ts';

let root: string;
let host: HostRoot;
const controller = new AbortController();
const LIMITS = { maxFiles: 100, maxEntriesPerDirectory: 100 };
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'search-'));
  host = createHostRoot(root, controller.signal);
});
afterEach(() => rmSync(root, { recursive: true }));

function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), 'x');
  }
}
const link = (path: string, target: string) => symlinkSync(target, join(root, path));
const search = (places: string[], limits = LIMITS, on = host) =>
  findFiles(on, places, ['/pki'], limits, controller.signal);
const pathsOf = (outcome: Awaited<ReturnType<typeof search>>) => outcome.files.map((file) => file.path);

test('a pattern matches one level per segment and no hidden name', async () => {
  put('/pki/a.crt', '/pki/b.pem', '/pki/.hidden.crt', '/pki/x/a.crt', '/pki/y/deep/a.crt', '/pki/.x/a.crt');
  expect(pathsOf(await search(['/pki/*.crt']))).toEqual(['/pki/a.crt']);
  expect(pathsOf(await search(['/pki/*/*.crt']))).toEqual(['/pki/x/a.crt']);
  expect(pathsOf(await search(['/pki/*/deep/a.crt']))).toEqual(['/pki/y/deep/a.crt']);
  expect(pathsOf(await search(['/pki/{a,b}.*', '/pki/.h*']))).toEqual(['/pki/a.crt', '/pki/b.pem', '/pki/.hidden.crt']);
});

test('a directory stands for its files that may hold certificates; only those named so have to', async () => {
  put('/pki/a.crt', '/pki/a.key', '/pki/app.yaml', '/pki/notes.txt', '/pki/sub/b.crt');
  expect((await search(['/pki/'])).files).toMatchObject([
    { path: '/pki/a.crt', expected: true },
    { path: '/pki/app.yaml', expected: false },
  ]);
});

test('a file that was named is expected to hold certificates, whatever its name', async () => {
  put('/pki/tls');
  expect((await search(['/pki/tls'])).files).toEqual([{ path: '/pki/tls', target: '/pki/tls', expected: true }]);
});

test('places where nothing exists are absent, not errors', async () => {
  put('/pki/a.crt');
  const outcome = await search(['/pki/*.crt', '/pki/*.p12', '/none/*.crt', '/pki/a.crt/b', '/pki/none.conf']);
  expect(outcome.absent).toEqual(['/pki/*.p12', '/none/*.crt', '/pki/a.crt/b', '/pki/none.conf']);
  expect(outcome.errors).toEqual([]);
});

test('follows symlinks inside, volumes of Kubernetes too, and finds each file once', async () => {
  put('/pki/..2025_01_01/tls.crt', '/pki/real.pem');
  link('/pki/..data', '..2025_01_01');
  link('/pki/tls.crt', '..data/tls.crt');
  link('/pki/current.pem', '/pki/real.pem');
  const outcome = await search(['/pki/current.pem', '/pki/*', '/pki/tls.crt']);
  expect(outcome.files.map(({ path, target }) => [path, target])).toEqual([
    ['/pki/current.pem', '/pki/real.pem'],
    ['/pki/tls.crt', '/pki/..2025_01_01/tls.crt'],
  ]);
});

test('a symlink that leads out, or nowhere, or in a circle is an error', async () => {
  put('/pki/a.crt', '/secret/b.crt');
  link('/pki/out.crt', '../secret/b.crt');
  link('/pki/gone.crt', 'missing.crt');
  link('/pki/round.crt', 'round.crt');
  const outcome = await search(['/pki/*.crt']);
  expect(pathsOf(outcome)).toEqual(['/pki/a.crt']);
  expect(outcome.errors.map(({ path, reason }) => [path, reason])).toEqual([
    ['/pki/gone.crt', 'not_found'],
    ['/pki/out.crt', 'out_of_scope_symlink'],
    ['/pki/round.crt', 'out_of_scope_symlink'],
  ]);
});

test('a directory that may not be read is one error and not absent, however many places name it', async () => {
  put('/pki/a.crt');
  const denied: HostRoot = {
    ...host,
    list: () => Promise.reject(new FactError('permission_denied', '/pki: EACCES')),
  };
  const outcome = await search(['/pki/*.crt', '/pki/*.pem', '/pki'], LIMITS, denied);
  expect(outcome.errors).toEqual([{ path: '/pki', reason: 'permission_denied', detail: '/pki: EACCES' }]);
  expect(outcome.absent).toEqual([]);
});

test('says how much it left out', async () => {
  put(...Array.from({ length: 12 }, (_, at) => `/pki/${at + 10}.crt`));
  expect(await search(['/pki/*.crt'], { maxFiles: 5, maxEntriesPerDirectory: 8 })).toMatchObject({
    files: { length: 5 },
    cut: [
      { what: '/pki', reason: 'too_many', detail: '12 entries, the first 8 were looked at' },
      { what: 'files', reason: 'too_many', detail: '3 of 8 files were not read' },
    ],
  });
});

test('refuses a place it would not understand', async () => {
  expect((await search(['pki/*.crt', '/pki/**/*.crt'])).errors).toEqual([
    { path: 'pki/*.crt', reason: 'unsupported', detail: 'not an absolute path' },
    { path: '/pki/**/*.crt', reason: 'unsupported', detail: 'each level needs a segment of its own, not **' },
  ]);
});

test('stops when it is told to', async () => {
  put('/pki/a.crt');
  await expect(findFiles(host, ['/pki/*.crt'], ['/pki'], LIMITS, AbortSignal.abort())).rejects.toThrow('was stopped');
});
