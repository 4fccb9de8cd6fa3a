import { spawnSync } from 'node:child_process';
import { FilesystemFacts } from '@telemcp/shared/facts/filesystems';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { STORE_OPTIONS, silentBus } from '../../test/sample-facts.ts';
import { FactError } from '../fact-error.ts';
import { createHangGate } from '../hang-gate.ts';
import { createHostRoot, type FilesystemFigures, type HostRoot } from '../host-root.ts';
import { filesystems } from './filesystems.ts';

const signal = new AbortController().signal;
const { settings } = STORE_OPTIONS;

async function collect(host: HostRoot) {
  const found = await filesystems.collect({ host, bus: silentBus, settings, signal });
  const data = FilesystemFacts.parse(found.data);
  return { ...found, data, at: (path: string) => data.filesystems.find(({ mountPoint }) => mountPoint === path) };
}

const NOT_FOUND = new FactError('not_found', 'ENOENT');
const figuresOf = (device: string, change: Partial<FilesystemFigures> = {}): FilesystemFigures => ({
  device,
  magic: 0xef53,
  blockSizeBytes: 4096,
  blocks: 1000,
  blocksFree: 500,
  blocksAvailable: 500,
  inodes: 100,
  inodesFree: 90,
  ...change,
});

/** A fixture whose statfs answers by path; paths it does not know are not there. */
function hostAnswering(
  name: string,
  answers: Record<string, FilesystemFigures | FactError>,
): HostRoot & { asked: string[] } {
  const asked: string[] = [];
  const statfs = async (path: string) => {
    asked.push(path);
    const answer = answers[path] ?? NOT_FOUND;
    if (answer instanceof FactError) throw answer;
    return answer;
  };
  return { ...fixtureHost(name), statfs, asked };
}

describe('filesystems of fixtures', () => {
  const ALL = {
    '/': figuresOf('254:1', { blocksFree: 100, blocksAvailable: 50 }),
    '/boot/efi': figuresOf('254:15', { inodes: 0, inodesFree: 0 }),
    '/srv/My Data\\x': figuresOf('254:16', { inodesFree: 1 }),
    '/run': figuresOf('0:24'),
    '/run/lock': figuresOf('0:26'),
    '/run/user/1000': figuresOf('0:47'),
    '/dev/shm': figuresOf('0:25', { blocksFree: 1000, blocksAvailable: 1000 }),
  };

  it('Debian 12: worst first by space or inodes, network file systems named and never asked', async () => {
    const host = hostAnswering('debian-12', ALL);
    const { data, at, missing, total } = await collect(host);
    expect(missing).toEqual([]);
    expect(total).toBe(10);
    expect(data.filesystems.slice(0, 2).map(({ mountPoint }) => mountPoint)).toEqual(['/srv/My Data\\x', '/']);
    expect(at('/')).toMatchObject({ usedRatio: 0.947368, readOnly: false, mounts: 2, options: ['errors=remount-ro'] });
    expect(at('/boot/efi')).toMatchObject({ inodes: null, inodesUsedRatio: null });
    expect(at('/srv/nfs')).toMatchObject({ status: 'skipped_network_fs', sizeBytes: null, usedRatio: null });
    expect(at('/srv/nfs/cache')).toMatchObject({ status: 'skipped_network_fs', fsType: 'ext4' });
    expect(host.asked.filter((path) => path.startsWith('/srv/nfs') || path.startsWith('/home'))).toEqual([]);
    expect(data.excluded).toEqual({ pseudo: 12, container: 0, image: 0, duplicate: 1, hidden: 0 });
  });

  it('k3s: a root that the kernel turned read-only comes first, a covered mount is not reported', async () => {
    const host = hostAnswering('k3s', {
      '/': figuresOf('0:99', { magic: 0x9123683e }),
      '/data': figuresOf('8:17', { blocksFree: 1, blocksAvailable: 1 }),
      '/boot/efi': figuresOf('179:1'),
      '/run': figuresOf('0:22'),
    });
    const { data, at, missing } = await collect(host);
    expect(missing).toEqual([]);
    expect(data.filesystems.map(({ mountPoint }) => mountPoint)).toEqual(['/', '/data', '/boot/efi', '/run']);
    expect(at('/')).toMatchObject({ emergencyReadOnly: true, readOnlyCause: 'superblock', usedRatio: 0.5, mounts: 3 });
    expect(at('/data')).toMatchObject({ device: '/dev/sdb1', emergencyReadOnly: false });
  });

  it('RHEL 9: /boot is read-only against fstab', async () => {
    const { at } = await collect(hostAnswering('rhel-9', { '/boot': figuresOf('9:127') }));
    expect(at('/boot')).toMatchObject({ readOnly: true, readOnlyCause: 'fstab_says_rw', emergencyReadOnly: false });
  });
});

describe('filesystems in a pod', () => {
  it('says of what is not mounted into the container that it could not look, and never gives the figures of another', async () => {
    const host = hostAnswering('debian-12', {
      '/': figuresOf('0:301', { blocks: 5 }),
      '/srv/My Data\\x': figuresOf('254:1'),
      '/boot/efi': new FactError('permission_denied', '/boot/efi: EACCES'),
    });
    const { at, missing } = await collect(host);
    for (const path of ['/', '/srv/My Data\\x', '/run/lock']) {
      expect(at(path)).toMatchObject({ status: 'unavailable', reason: 'not_found', sizeBytes: null, usedRatio: null });
    }
    expect(at('/boot/efi')).toMatchObject({ status: 'unavailable', reason: 'permission_denied' });
    expect(missing).toContainEqual({
      what: '/',
      reason: 'not_found',
      detail: "not mounted into the agent's container",
    });
  });

  it('knows the root by a file that lies in it', async () => {
    const host = hostAnswering('debian-12', {
      '/': figuresOf('0:301'),
      '/etc/fstab': figuresOf('254:1', { blocks: 777 }),
    });
    const { at } = await collect(host);
    expect(at('/')).toMatchObject({ status: 'ok', sizeBytes: 777 * 4096 });
  });
});

describe('filesystems that hang', () => {
  it('cost one timeout each, two at most, and are asked again only when the call has returned', async () => {
    const gate = createHangGate({ slots: 2, deadlineMs: 40 });
    const returned = Promise.withResolvers<void>();
    const asked: string[] = [];
    const device: Record<string, string> = { '/': '254:1', '/dev/shm': '0:25', '/run': '0:24', '/run/lock': '0:26' };
    const dead = new Set(['/boot/efi', '/srv/My Data\\x']);
    const statfs = (path: string) =>
      gate.run(path, async () => {
        asked.push(path);
        if (dead.has(path)) await returned.promise;
        return figuresOf(device[path] ?? { '/boot/efi': '254:15', '/srv/My Data\\x': '254:16' }[path] ?? '0:47');
      });
    const host = { ...fixtureHost('debian-12'), statfs };

    const first = await collect(host);
    expect(first.at('/boot/efi')).toMatchObject({ status: 'timeout', reason: 'timeout', usedRatio: null });
    expect(first.at('/srv/My Data\\x')).toMatchObject({ status: 'timeout', reason: 'timeout' });
    expect(first.at('/')).toMatchObject({ status: 'ok' });
    expect(first.data.filesystems.slice(0, 2).map(({ status }) => status)).toEqual(['timeout', 'timeout']);

    const second = await collect(host);
    expect(second.at('/')).toMatchObject({
      status: 'timeout',
      reason: 'too_many',
      detail: expect.stringContaining('2 others hang'),
    });
    expect(asked.filter((path) => dead.has(path))).toHaveLength(2);

    returned.resolve();
    await expect.poll(async () => (await collect(host)).missing).toEqual([]);
  });
});

it('cannot look without a mount table, or with one that is none', async () => {
  await expect(collect(fixtureHost('no-systemd'))).rejects.toMatchObject({ reason: 'not_found' });
  await expect(collect(fixtureHost('debian-12', { '/proc/1/mountinfo': 'x' }))).rejects.toMatchObject({
    reason: 'parse_error',
  });
});

it('says so when some lines, or fstab, could not be read', async () => {
  const table = '1 0 8:1 / / rw - ext4 /dev/sda1 rw\ngarbage';
  const denied = new FactError('permission_denied', '/etc/fstab: EACCES');
  const { missing } = await collect(fixtureHost('debian-12', { '/proc/1/mountinfo': table, '/etc/fstab': denied }));
  expect(missing?.map(({ what, reason }) => [what, reason])).toEqual([
    ['/etc/fstab', 'permission_denied'],
    ['/proc/1/mountinfo', 'parse_error'],
    ['/', 'not_found'],
  ]);
});

describe('filesystems of this machine', () => {
  const df = (columns: string) =>
    // It ends with 1 when it could not ask one of them.
    spawnSync('df', ['-l', '-B1', `--output=target,${columns}`], { encoding: 'utf8' })
      .stdout.trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/ +/));

  it('are as df sees them', async () => {
    const { data } = await collect(createHostRoot('/', signal));
    const bytes = new Map(df('source,size,used,avail,pcent').map(([target, ...rest]) => [target, rest]));
    const inodes = new Map(df('itotal,iavail').map(([target, ...rest]) => [target, rest]));
    const compared = data.filesystems.filter(({ status, mountPoint }) => status === 'ok' && bytes.has(mountPoint));
    expect(compared.map(({ mountPoint }) => mountPoint)).toContain('/');
    for (const found of compared) {
      const [source, size, used, available, percent = ''] = bytes.get(found.mountPoint) ?? [];
      expect([found.device, found.sizeBytes]).toEqual([source, Number(size)]);
      // Others write to this machine between the two looks.
      expect(Math.abs((found.usedBytes ?? Number.NaN) - Number(used))).toBeLessThan(1e9);
      expect(Math.abs((found.availableBytes ?? Number.NaN) - Number(available))).toBeLessThan(1e9);
      if (percent !== '-')
        expect(Math.abs(Math.ceil((found.usedRatio ?? 0) * 100) - Number.parseInt(percent, 10))).toBeLessThanOrEqual(1);
      const [total, free] = inodes.get(found.mountPoint) ?? [];
      expect(found.inodes ?? 0).toBe(Number(total));
      expect(Math.abs((found.inodesFree ?? 0) - Number(free))).toBeLessThan(50_000);
    }
  });
});
