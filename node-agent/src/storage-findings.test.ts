import { expect, test } from 'vitest';
import { SAMPLE_FACTS } from '../test/sample-facts.ts';
import { diskNamed, filesystemAt } from '../test/sample-storage.ts';
import { diskFindings, filesystemFindings } from './storage-findings.ts';

const shown = (findings: ReturnType<typeof diskFindings>) =>
  findings.map(({ severity, subject, text }) => `${severity} ${subject} ${text}`);
const ofFilesystems = (...filesystems: ReturnType<typeof filesystemAt>[]) =>
  shown(filesystemFindings({ ...SAMPLE_FACTS.filesystems, filesystems }));
const ofDisks = (...disks: ReturnType<typeof diskNamed>[]) => shown(diskFindings({ ...SAMPLE_FACTS.disks, disks }));
const rates = diskNamed('sda').rates;

test('nothing where nothing is wrong, or nothing is known', () => {
  expect(shown([...filesystemFindings(SAMPLE_FACTS.filesystems), ...diskFindings(SAMPLE_FACTS.disks)])).toEqual([]);
  expect([...filesystemFindings(null), ...diskFindings(null)]).toEqual([]);
});

test('a file system is nearly full from where the kubelet acts on it', () => {
  const found = ofFilesystems(
    filesystemAt('/a', { usedRatio: 0.849 }),
    filesystemAt('/b', { usedRatio: 0.85, availableBytes: 15e9 }),
    filesystemAt('/c', { usedRatio: 0.951, availableBytes: 0 }),
    filesystemAt('/d', { inodesUsedRatio: 0.96, inodesFree: 12 }),
    filesystemAt('/image', { usedRatio: 1, readOnly: true, readOnlyCause: 'mount_option' }),
  );
  expect(found).toEqual([
    'warning /b 85% full, 14.0 GiB left',
    'critical /c 96% full, 0.0 GiB left',
    'critical /d 96% of its inodes used, 12 left',
  ]);
});

test('writes that stopped, a file system that hangs, and one that is read-only against fstab', () => {
  const found = ofFilesystems(
    filesystemAt('/a', { readOnly: true, readOnlyCause: 'superblock', emergencyReadOnly: true, usedRatio: 1 }),
    filesystemAt('/b', { status: 'timeout', reason: 'timeout', detail: 'no answer within 1000 ms', usedRatio: null }),
    filesystemAt('/c', { readOnly: true, readOnlyCause: 'fstab_says_rw' }),
    filesystemAt('/d', { status: 'timeout', reason: 'too_many', detail: 'not asked: 2 others hang', usedRatio: null }),
    filesystemAt('/nfs', { status: 'skipped_network_fs', usedRatio: null, inodesUsedRatio: null }),
  );
  expect(found).toEqual([
    'critical /a writes stopped by the kernel after an error (superblock): /dev/vda1, see the kernel log',
    'critical /b hangs: /dev/vda1 no answer within 1000 ms',
    'warning /c read-only, though /etc/fstab wants it writable',
    'warning /d /dev/vda1 not asked: 2 others hang',
  ]);
});

test('states of disks, and an array without its redundancy', () => {
  const raid = {
    level: 'raid1',
    arrayState: 'active',
    disks: 2,
    degraded: 1,
    syncAction: 'recover',
    syncProgressRatio: 0.314,
  };
  const found = ofDisks(
    diskNamed('sda', { state: 'offline' }),
    diskNamed('sdb', { state: 'blocked' }),
    diskNamed('nvme0n1', { kind: 'nvme', state: 'dead' }),
    diskNamed('md0', { kind: 'md_raid', state: null, raid }),
    diskNamed('md1', { kind: 'md_raid', state: null, raid: { ...raid, degraded: 0, syncAction: 'check' } }),
    diskNamed('md2', { kind: 'md_raid', state: null, raid: { ...raid, degraded: null, arrayState: 'broken' } }),
  );
  expect(found).toEqual([
    'critical sda is offline',
    'warning sdb is blocked',
    'critical md0 degraded raid1: 1 of 2 disks missing, recover 31%',
    'critical md2 is broken',
  ]);
});

test('a disk that fails, answers no more, or is slow; not one that is only busy', () => {
  const busy = { utilizationRatio: 0.99 };
  const found = ofDisks(
    diskNamed('sda', { rates: rates && { ...rates, ioErrors: 3 } }),
    diskNamed('sdb', {
      rates: rates && { ...rates, ...busy, averageWaitMs: null },
      counters: { ...diskNamed('sdb').counters, inFlight: 7 },
    }),
    diskNamed('sdc', { rates: rates && { ...rates, ...busy, averageWaitMs: 240 } }),
    diskNamed('sdd', { rates: rates && { ...rates, ...busy, averageWaitMs: 0.2 } }),
    diskNamed('sde', { rates: null, ioErrors: 9 }),
  );
  expect(found).toEqual([
    'warning sda 3 commands failed within 15 s',
    'critical sdb answers no more: 7 requests under way, none completed within 15 s',
    'warning sdc busy 99% of the time, requests wait 240 ms',
  ]);
});

test('an NVMe controller that is not live, or near the temperature it calls critical', () => {
  const nvme = { name: 'nvme0', state: 'live', model: null, firmware: null, transport: 'pcie', criticalCelsius: 80 };
  const nvmeControllers = [
    { ...nvme, temperatureCelsius: 74 },
    { ...nvme, name: 'nvme1', temperatureCelsius: 76 },
    { ...nvme, name: 'nvme2', temperatureCelsius: 81 },
    { ...nvme, name: 'nvme3', state: 'dead', temperatureCelsius: null },
    { ...nvme, name: 'nvme4', state: 'resetting', temperatureCelsius: null },
    { ...nvme, name: 'nvme5', temperatureCelsius: 90, criticalCelsius: 0 },
  ];
  expect(shown(diskFindings({ ...SAMPLE_FACTS.disks, nvmeControllers }))).toEqual([
    'warning nvme1 76 °C, critical from 80 °C on',
    'critical nvme2 81 °C, critical from 80 °C on',
    'critical nvme3 is dead',
    'warning nvme4 is resetting',
  ]);
});
