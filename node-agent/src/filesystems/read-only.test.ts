import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { judgeReadOnly, optionsOfNote, parseWritable } from './read-only.ts';

const judge = (options: string, superOptions: string, fsType = 'ext4', writable: string[] = []) =>
  judgeReadOnly(
    { options: options.split(','), superOptions: superOptions.split(','), fsType, mountPoint: '/data' },
    new Set(writable),
  );

it.each([
  ['writable', 'rw,relatime', 'rw,errors=remount-ro', 'ext4', null, false],
  ['turned by an older kernel', 'rw,relatime', 'ro,errors=remount-ro', 'ext4', 'superblock', true],
  ['turned by a newer ext4', 'rw', 'rw,emergency_ro', 'ext4', 'emergency_ro', true],
  ['shut down', 'rw', 'rw,shutdown', 'ext4', 'shutdown', true],
  ['turned, then remounted read-only', 'ro', 'ro,emergency_ro', 'ext4', 'emergency_ro', true],
  ['btrfs after an aborted transaction', 'rw', 'ro,ssd', 'btrfs', 'superblock', true],
  ['mounted read-only', 'ro', 'ro', 'ext4', 'mount_option', false],
  ['a read-only bind mount', 'ro', 'rw', 'xfs', 'mount_option', false],
  ['read-only by nature', 'rw', 'ro', 'squashfs', 'mount_option', false],
  ['an overlay without an upper layer', 'rw', 'ro,lowerdir=/a', 'overlay', 'mount_option', false],
  ['an option that only looks alike', 'rw', 'rw,errors=remount-ro,prot', 'ext4', null, false],
])('%s', (_, options, superOptions, fsType, readOnlyCause, emergencyReadOnly) => {
  expect(judge(options, superOptions, fsType)).toEqual({
    readOnly: readOnlyCause !== null,
    readOnlyCause,
    emergencyReadOnly,
  });
});

it('tells apart what fstab wanted: against its will read-only is a cause of its own, and no emergency', () => {
  expect(judge('ro', 'ro', 'ext4', ['/data'])).toMatchObject({
    readOnlyCause: 'fstab_says_rw',
    emergencyReadOnly: false,
  });
  expect(judge('ro', 'ro', 'ext4', ['/other'])).toMatchObject({ readOnlyCause: 'mount_option' });
});

it('reads fstab: comments, tabs, escapes, the last of ro and rw', async () => {
  expect([...parseWritable(await fixtureHost('debian-12').readText('/etc/fstab'))]).toEqual([
    '/',
    '/boot/efi',
    '/srv/My Data\\x',
    '/srv/nfs',
  ]);
  const lines = [
    '/dev/a /a ext4 ro',
    '/dev/b /b ext4 ro,noatime,rw',
    '/dev/c /c ext4',
    '# /dev/d /d ext4 rw',
    '',
    'none',
  ];
  expect([...parseWritable(lines.join('\n'))]).toEqual(['/b', '/c']);
});

it('keeps the options of note, each once', () => {
  const options = ['rw', 'nosuid', 'relatime', 'noexec'];
  const superOptions = ['rw', 'seclabel', 'errors=remount-ro', 'noexec', 'compress=zstd:1', 'subvol=/@', 'degraded'];
  expect(optionsOfNote({ options, superOptions })).toEqual([
    'nosuid',
    'noexec',
    'errors=remount-ro',
    'compress=zstd:1',
    'degraded',
  ]);
});
