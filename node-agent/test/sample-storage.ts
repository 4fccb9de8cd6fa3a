import type { Disk } from '@telemcp/shared/facts/disks';
import type { Filesystem } from '@telemcp/shared/facts/filesystems';

/** A file system of 100 GB that is a quarter full. */
export function filesystemAt(mountPoint: string, change: Partial<Filesystem> = {}): Filesystem {
  return {
    device: '/dev/vda1',
    mountPoint,
    fsType: 'ext4',
    mounts: 1,
    status: 'ok',
    reason: null,
    detail: null,
    sizeBytes: 1e11,
    usedBytes: 25e9,
    availableBytes: 75e9,
    usedRatio: 0.25,
    inodes: 6e6,
    inodesFree: 5.4e6,
    inodesUsedRatio: 0.1,
    readOnly: false,
    readOnlyCause: null,
    emergencyReadOnly: false,
    options: [],
    ...change,
  };
}

/** A disk that is doing little. */
export function diskNamed(name: string, change: Partial<Disk> = {}): Disk {
  return {
    name,
    kind: 'scsi',
    mappedName: null,
    model: 'QEMU HARDDISK',
    sizeBytes: 1e11,
    rotational: false,
    readOnly: false,
    state: 'running',
    ioErrors: 0,
    counters: {
      readsCompleted: 1000,
      readBytes: 4_096_000,
      writesCompleted: 2000,
      writtenBytes: 8_192_000,
      busySeconds: 3,
      waitSeconds: 4,
      inFlight: 0,
    },
    rates: {
      utilizationRatio: 0.02,
      readsPerSecond: 1,
      writesPerSecond: 2,
      readBytesPerSecond: 4096,
      writtenBytesPerSecond: 8192,
      averageWaitMs: 1.5,
      ioErrors: 0,
    },
    raid: null,
    ...change,
  };
}
