import { expect, test } from 'vitest';
import { SAMPLE_FACTS } from '../test/sample-facts.ts';
import { diskNamed, filesystemAt } from '../test/sample-storage.ts';
import { diskSummary, filesystemSummary } from './storage-view.ts';

test('the fullest that can be written to, and how many were not asked', () => {
  const filesystems = [
    filesystemAt('/'),
    filesystemAt('/var', { usedRatio: 0.701 }),
    filesystemAt('/usr', { usedRatio: 1, readOnly: true, readOnlyCause: 'mount_option' }),
    filesystemAt('/nfs', { status: 'skipped_network_fs', usedRatio: null }),
  ];
  expect(filesystemSummary({ ...SAMPLE_FACTS.filesystems, filesystems })).toBe(
    '4 file systems; fullest /var 71% of 93.1 GiB; 1 network file system not asked',
  );
  expect(filesystemSummary({ ...SAMPLE_FACTS.filesystems, filesystems: [] })).toBe('0 file systems');
});

test('the busiest disk and the hottest drive; without rates, how to get them', () => {
  const idle = diskNamed('sdb', { rates: null });
  expect(diskSummary({ ...SAMPLE_FACTS.disks, disks: [idle] })).toBe('1 disk; rates are known at the second look');
  const nvme = { name: 'nvme0', state: 'live', model: null, firmware: null, transport: null, criticalCelsius: null };
  const nvmeControllers = [
    { ...nvme, temperatureCelsius: 38.85 },
    { ...nvme, temperatureCelsius: null },
  ];
  expect(diskSummary({ ...SAMPLE_FACTS.disks, disks: [idle, diskNamed('sda')], nvmeControllers })).toBe(
    '2 disks; busiest sda 2%, wait 1.5 ms (over 15 s); NVMe up to 39 °C',
  );
});
