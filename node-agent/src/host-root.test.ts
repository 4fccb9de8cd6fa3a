import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FactError } from './fact-error.ts';
import { createHostRoot, type HostRoot, unlessAbsent } from './host-root.ts';

let base: string;
let host: HostRoot;
const never = new AbortController().signal;

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'host-root-'));
  const root = join(base, 'root');
  mkdirSync(join(root, 'etc/pki/deep'), { recursive: true });
  mkdirSync(join(root, 'usr/lib'), { recursive: true });
  mkdirSync(join(root, 'var/run'), { recursive: true });
  writeFileSync(join(base, 'outside'), 'outside');
  writeFileSync(join(root, 'usr/lib/os-release'), 'ID=debian\n');
  writeFileSync(join(root, 'etc/pki/deep/a.crt'), 'A');
  writeFileSync(join(root, 'etc/secret'), 'S');
  writeFileSync(join(root, 'etc/big'), 'x'.repeat(3000));
  writeFileSync(join(root, 'etc/locked'), 'L');
  chmodSync(join(root, 'etc/locked'), 0o000);
  symlinkSync('../usr/lib/os-release', join(root, 'etc/os-release'));
  symlinkSync('/etc/pki/deep/a.crt', join(root, 'etc/absolute'));
  symlinkSync('/../../../../../../outside', join(root, 'etc/up-absolute'));
  symlinkSync('../../../../../../outside', join(root, 'etc/up-relative'));
  symlinkSync(join(base, 'outside'), join(root, 'etc/leaves'));
  symlinkSync('loop-b', join(root, 'etc/loop-a'));
  symlinkSync('loop-a', join(root, 'etc/loop-b'));
  symlinkSync('/etc/secret', join(root, 'etc/pki/out.crt'));
  symlinkSync('deep', join(root, 'etc/pki/link-to-directory'));
  execFileSync('mkfifo', [join(root, 'etc/fifo')]);
  host = createHostRoot(root, never);
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

async function reasonOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof FactError ? error.reason : `not a FactError: ${error}`),
  );
}

describe('host root', () => {
  it('follows relative and absolute symlinks inside the prefix', async () => {
    expect(await host.readText('/etc/os-release')).toBe('ID=debian');
    expect(await host.readText('/etc/absolute')).toBe('A');
    expect(await host.resolve('/etc/absolute')).toBe('/etc/pki/deep/a.crt');
    expect(await host.readText('/etc/pki/link-to-directory/a.crt')).toBe('A');
  });

  it.each(['/etc/up-absolute', '/etc/up-relative', '/etc/leaves', '/../outside', '/etc/../../outside'])(
    'does not leave the prefix by %s',
    async (path) => {
      expect(await reasonOf(host.readText(path))).toBe('not_found');
    },
  );

  it('refuses a symlink that leads out of the directories allowed, and says where to', async () => {
    const within = { within: ['/etc/pki'] };
    expect(await host.readText('/etc/pki/deep/a.crt', within)).toBe('A');
    await expect(host.readText('/etc/pki/out.crt', within)).rejects.toMatchObject({
      reason: 'out_of_scope_symlink',
      message: '/etc/pki/out.crt leads to /etc/secret',
      hint: expect.stringContaining('/etc'),
    });
    expect(await reasonOf(host.readText('/etc/secret', { within: ['/etc/sec'] }))).toBe('out_of_scope_symlink');
  });

  it.each([
    ['a loop', '/etc/loop-a', 'out_of_scope_symlink'],
    ['a FIFO, without waiting for a writer', '/etc/fifo', 'not_a_file'],
    ['a directory', '/etc/pki', 'not_a_file'],
    ['an absent file', '/etc/absent', 'not_found'],
    ['a file used as a directory', '/etc/secret/x', 'not_found'],
    ['a relative path', 'etc/secret', 'not_found'],
    ['a path with a null byte', '/etc/sec\0ret', 'not_found'],
  ])('refuses %s', async (_, path, reason) => {
    expect(await reasonOf(host.readBytes(path))).toBe(reason);
  });

  it('refuses what is larger than asked for, and reads what is exactly as large', async () => {
    expect(await reasonOf(host.readBytes('/etc/big', { maxBytes: 2999 }))).toBe('too_large');
    expect((await host.readBytes('/etc/big', { maxBytes: 3000 })).length).toBe(3000);
  });

  it('reads files of /proc, whose size is 0', async () => {
    const proc = createHostRoot('/', never);
    expect(await proc.readText('/proc/self/status')).toContain('VmRSS');
    expect(await reasonOf(proc.readBytes('/proc/self/status', { maxBytes: 10 }))).toBe('too_large');
  });

  it('opens a file to read parts of it, and tells whether it changed', async () => {
    const look = () =>
      host.withFile('/etc/big', async (file) => ({
        size: file.sizeBytes,
        version: file.version,
        end: (await file.read(2998, 10)).toString(),
        beyond: (await file.read(5000, 10)).length,
      }));
    const before = await look();
    expect(before).toMatchObject({ size: 3000, end: 'xx', beyond: 0 });
    expect((await look()).version).toBe(before.version);
    writeFileSync(join(base, 'root/etc/big'), `${'x'.repeat(2999)}y`);
    expect(await look()).toMatchObject({ size: 3000, end: 'xy', version: expect.not.stringMatching(before.version) });
    expect(await reasonOf(host.withFile('/etc/fifo', async () => null))).toBe('not_a_file');
  });

  it('lists a directory by name and tells absent from empty', async () => {
    expect((await host.list('/etc/pki')).map((entry) => entry.name)).toEqual(['deep', 'link-to-directory', 'out.crt']);
    expect(await host.list('/var/run')).toEqual([]);
    expect(await reasonOf(host.list('/absent'))).toBe('not_found');
    expect(await unlessAbsent(host.list('/absent'))).toBeNull();
    await expect(unlessAbsent(host.readText('/etc/loop-a'))).rejects.toThrow();
  });

  it('gives the modification time of the target, null where there is none', async () => {
    expect(await host.modifiedAt('/etc/os-release')).toBeInstanceOf(Date);
    expect(await host.modifiedAt('/absent')).toBeNull();
  });

  it('rejects with timeout once its time is up', async () => {
    const expired = createHostRoot(join(base, 'root'), AbortSignal.abort());
    expect(await reasonOf(expired.readText('/etc/secret'))).toBe('timeout');
  });

  it('leaves no file open, also when a read is refused', async () => {
    const open = async () => {
      const links = (await readdir('/proc/self/fd')).map((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
          return '';
        }
      });
      return links.filter((link) => link.startsWith(base)).length;
    };
    await Promise.all(
      ['/etc/secret', '/etc/big', '/etc/fifo', '/etc/pki', '/etc/absent'].map((path) =>
        reasonOf(host.readBytes(path, { maxBytes: 10 })),
      ),
    );
    await expect.poll(open).toBe(0);
  });

  it('never resolves to anything outside of the prefix, whatever the path', async () => {
    const segment = fc.constantFrom(
      '..',
      '.',
      'etc',
      'pki',
      'up-relative',
      'up-absolute',
      'leaves',
      'link-to-directory',
      '',
      'a\nb',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 12 }), async (segments) => {
        const outcome = await host.resolve(`/${segments.join('/')}`).catch((error: unknown) => error);
        if (typeof outcome === 'string') expect(outcome).toMatch(/^\/(?:etc(?:\/pki(?:\/deep)?)?)?$/);
        else expect(outcome).toBeInstanceOf(FactError);
      }),
    );
  });
});
