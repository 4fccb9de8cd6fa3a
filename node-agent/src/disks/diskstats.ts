import type { Disk } from '@telemcp/shared/facts/disks';

/** One device of `/proc/diskstats` (kernel documentation, "I/O statistics fields"), partitions included. */
export interface DiskStats {
  /** `major:minor`. */
  device: string;
  /** As in /dev; a `/` in it is a `!` in /sys. */
  name: string;
  counters: Disk['counters'];
}

const SECTOR_BYTES = 512;

/** Lines that are no device's are left out. */
export function parseDiskStats(text: string): DiskStats[] {
  return text.split('\n').flatMap((line) => {
    const [major = '', minor = '', name = '', ...fields] = line.trim().split(/ +/, 17);
    const values = fields.map(Number);
    const [reads, , sectorsRead, readMs, writes, , sectorsWritten, writeMs, inFlight, busyMs] = values;
    if (!/^\d{1,4}$/.test(major) || !/^\d{1,8}$/.test(minor) || name === '' || values.length < 11) return [];
    if (!values.every((value) => Number.isSafeInteger(value) && value >= 0)) return [];
    const counters = {
      readsCompleted: reads ?? 0,
      readBytes: (sectorsRead ?? 0) * SECTOR_BYTES,
      writesCompleted: writes ?? 0,
      writtenBytes: (sectorsWritten ?? 0) * SECTOR_BYTES,
      busySeconds: (busyMs ?? 0) / 1000,
      waitSeconds: ((readMs ?? 0) + (writeMs ?? 0)) / 1000,
      inFlight: inFlight ?? 0,
    };
    return [{ device: `${major}:${minor}`, name, counters }];
  });
}

/** Devices without a disk of their own behind them, and the parts of an eMMC that hold firmware and keys. */
const VIRTUAL = /^(?:loop|ram|zram|sr|fd|nbd)\d+$|^mmcblk\d+(?:boot\d+|rpmb|gp\d+)$/;

/** Whether a device is of memory, of a file, or a drive whose medium comes and goes. */
export function isVirtual(name: string): boolean {
  return VIRTUAL.test(name);
}

/** A partition by its name alone, for where /sys/block cannot be listed. */
export function looksLikePartition(name: string): boolean {
  return /^(?:[shv]d[a-z]+\d+|xvd[a-z]+\d+|(?:nvme\d+n\d+|mmcblk\d+|md\d+|nbd\d+)p\d+)$/.test(name);
}

/** What moves a device's requests, by its name. */
export function kindOf(name: string): Disk['kind'] {
  if (/^sd[a-z]+$/.test(name)) return 'scsi';
  if (/^nvme\d/.test(name)) return 'nvme';
  if (/^vd[a-z]+$/.test(name)) return 'virtio';
  if (/^xvd[a-z]+$/.test(name)) return 'xen';
  if (/^mmcblk\d/.test(name)) return 'mmc';
  if (/^dm-\d/.test(name)) return 'device_mapper';
  return /^md/.test(name) ? 'md_raid' : 'other';
}
