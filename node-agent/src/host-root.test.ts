import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FactError } from './fact-error.ts';
import { createHostRoot, type HostRoot } from './host-root.ts';

/** A path whose file system does not answer, and what was asked there: stands for a dead network mount. */
const dead = vi.hoisted(() => ({ path: '', looks: 0, revive: () => {} }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...real,
    lstat: async (path: string) => {
      if (path !== dead.path) return real.lstat(path);
      dead.looks += 1;
      await new Promise<void>((resolve) => {
        dead.revive = resolve;
      });
      return real.lstat(path);
    },
  };
});

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
  mkdirSync(join(root, 'proc/4711'), { recursive: true });
  mkdirSync(join(root, 'sys/class'), { recursive: true });
  symlinkSync('4711', join(root, 'proc/self'));
  symlinkSync('self/mounts', join(root, 'proc/mounts'));
  writeFileSync(join(root, 'proc/4711/mounts'), 'mounts of 4711');
  symlinkSync('../../etc/secret', join(root, 'sys/class/to-etc'));
  symlinkSync('/etc/fifo', join(root, 'sys/class/to-fifo'));
  symlinkSync('/../../outside', join(root, 'proc/4711/cwd'));
  execFileSync('mkfifo', [join(root, 'proc/fifo')]);
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

  it('reads on until there was enough', async () => {
    const seen: number[] = [];
    const enough = (piece: Buffer) => seen.push(piece.length) === 1;
    expect((await host.readBytes('/etc/big', { enough })).length).toBe(3000);
    expect(seen).toEqual([3000]);
    const first = createHostRoot('/', never).readBytes('/proc/1/net/tcp', { enough: () => true });
    expect((await first).toString()).toMatch(/^\s+sl/);
    expect(await reasonOf(host.readBytes('/etc/big', { maxBytes: 2999, enough: () => true }))).toBe('too_large');
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

  it('follows symlinks within, into and out of /proc and /sys', async () => {
    expect(await host.readText('/proc/mounts')).toBe('mounts of 4711');
    expect(await host.readText('/sys/class/to-etc')).toBe('S');
    expect(await host.resolve('/sys/class/to-etc')).toBe('/etc/secret');
    expect(await reasonOf(host.readText('/proc/self/cwd'))).toBe('not_found');
  });

  it.each([
    ['a loop', '/etc/loop-a', 'out_of_scope_symlink'],
    ['a FIFO, without waiting for a writer', '/etc/fifo', 'not_a_file'],
    ['a FIFO in a /proc that is none', '/proc/fifo', 'not_a_file'],
    ['a FIFO that a symlink in /sys leads to', '/sys/class/to-fifo', 'not_a_file'],
    ['a directory', '/etc/pki', 'not_a_file'],
    ['a directory of /proc', '/proc/4711', 'not_a_file'],
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
  });

  it('gives the modification time of the target, null where there is none', async () => {
    expect(await host.modifiedAt('/etc/os-release')).toBeInstanceOf(Date);
    expect(await host.modifiedAt('/absent')).toBeNull();
  });

  it('rejects with timeout once its time is up', async () => {
    const expired = createHostRoot(join(base, 'root'), AbortSignal.abort());
    expect(await reasonOf(expired.readText('/etc/secret'))).toBe('timeout');
  });

  it('begins no second call where the first still hangs, since each holds a thread, and looks again once it has come back', async () => {
    const root = join(base, 'root');
    dead.path = join(root, 'etc/pki');
    const look = async (during: AbortSignal) => reasonOf(createHostRoot(root, during).readText('/etc/pki/deep/a.crt'));
    const outOfTime = new AbortController();
    const first = look(outOfTime.signal);
    await vi.waitFor(() => expect(dead.looks).toBe(1));
    outOfTime.abort();
    expect(await first).toBe('timeout');
    await expect(createHostRoot(root, never).list('/etc/pki')).rejects.toMatchObject({
      reason: 'timeout',
      message: '/etc/pki: an earlier call of the file system still hangs, none is begun beside it',
    });
    expect(await createHostRoot(root, never).readText('/etc/secret')).toBe('S');
    expect(dead.looks).toBe(1);
    dead.path = '';
    dead.revive();
    await vi.waitFor(async () => expect(await look(never)).toBe('no error'));
  });

  it('gives the figures of the file system a path leads to, as the system does', async () => {
    const [found, stats] = [await host.statfs('/etc/absolute'), statfsSync(join(base, 'root/etc'))];
    expect(found).toMatchObject({
      magic: stats.type,
      blockSizeBytes: stats.bsize,
      blocks: stats.blocks,
      inodes: stats.files,
    });
    const [device] = execFileSync('findmnt', ['-no', 'MAJ:MIN', '-T', base], { encoding: 'utf8' }).trim().split(/\s/);
    expect(found.device).toBe(device);
    expect((await createHostRoot('/', never).statfs('/proc/self')).magic).toBe(0x9fa0);
  });

  it.each([
    ['what is absent', '/absent', 'not_found'],
    ['a way out of the prefix', '/etc/leaves', 'not_found'],
    ['a loop', '/etc/loop-a', 'out_of_scope_symlink'],
  ])('has no figures of %s', async (_, path, reason) => {
    expect(await reasonOf(host.statfs(path))).toBe(reason);
  });

  it('does not wait for figures longer than the collection may take', async () => {
    expect(await reasonOf(createHostRoot(join(base, 'root'), AbortSignal.abort()).statfs('/etc'))).toBe('timeout');
  });

  it('reads what may hang like everything else when it does not', async () => {
    expect(await host.readText('/etc/absolute', { mayHang: true })).toBe('A');
    expect(await reasonOf(host.readBytes('/etc/big', { mayHang: true, maxBytes: 9 }))).toBe('too_large');
  });

  it('is not held up by FIFOs, however many: as many reads as the pool has threads, and everything else goes on', async () => {
    const fifos = Array.from({ length: 4 }, () => reasonOf(host.readBytes('/etc/fifo')));
    expect(await host.readText('/etc/os-release')).toBe('ID=debian');
    expect((await host.statfs('/etc')).blocks).toBeGreaterThan(0);
    expect(await Promise.all(fifos)).toEqual(['not_a_file', 'not_a_file', 'not_a_file', 'not_a_file']);
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
