import type { Filesystem } from '@telemcp/shared/facts/filesystems';
import { type Mount, unescapeMount } from './mount-table.ts';

/**
 * Kinds that the kernel itself turns read-only after an error. Others are read-only by nature without the mount saying so
 * (squashfs, an overlay without an upper layer), which is no emergency.
 */
const TURNED_READ_ONLY = new Set(
  'ext2 ext3 ext4 btrfs bcachefs f2fs jfs reiserfs nilfs2 vfat msdos exfat ntfs3 ubifs'.split(' '),
);

/**
 * Whether and why nothing can be written. A request for read-only sets the mount's own flag; the kernel, after an error, sets
 * the file system's and leaves the mount's at `rw`, and since 6.15 ext4 says `emergency_ro` or `shutdown` with both at `rw`.
 * `writable`: mount points that /etc/fstab wants writable.
 */
export function judgeReadOnly(
  mount: Pick<Mount, 'options' | 'superOptions' | 'fsType' | 'mountPoint'>,
  writable: ReadonlySet<string>,
): Pick<Filesystem, 'readOnly' | 'readOnlyCause' | 'emergencyReadOnly'> {
  const cause = causeOf(mount, writable);
  const emergencyReadOnly = cause === 'emergency_ro' || cause === 'shutdown' || cause === 'superblock';
  return { readOnly: cause !== null, readOnlyCause: cause, emergencyReadOnly };
}

function causeOf(
  { options, superOptions, fsType, mountPoint }: Pick<Mount, 'options' | 'superOptions' | 'fsType' | 'mountPoint'>,
  writable: ReadonlySet<string>,
): Filesystem['readOnlyCause'] {
  if (superOptions.includes('emergency_ro')) return 'emergency_ro';
  if (superOptions.includes('shutdown')) return 'shutdown';
  if (options.includes('ro')) return writable.has(mountPoint) ? 'fstab_says_rw' : 'mount_option';
  if (!superOptions.includes('ro')) return null;
  return TURNED_READ_ONLY.has(fsType) ? 'superblock' : 'mount_option';
}

/** The mount points of fstab(5) that are to be mounted for writing. */
export function parseWritable(fstab: string): Set<string> {
  const writable = new Set<string>();
  for (const line of fstab.split('\n')) {
    const [device = '', file = '', type = '', options = 'defaults'] = line.trim().split(/[ \t]+/, 4);
    if (device.startsWith('#') || !file.startsWith('/') || type === 'swap') continue;
    const flags = options.split(',');
    // Of several the last one counts.
    if (flags.lastIndexOf('ro') <= flags.lastIndexOf('rw')) writable.add(unescapeMount(file));
  }
  return writable;
}

const OPTIONS_OF_NOTE = new Set(
  (
    'noexec nosuid nodev sync dirsync nobarrier barrier=0 data=writeback data=journal degraded noload norecovery recovery ' +
    'rescue=all usebackuproot nolog emergency_ro shutdown usrquota grpquota prjquota uquota gquota pquota'
  ).split(' '),
);

/** Options that change what may be done with the file system, or how safe its data is. */
export function optionsOfNote({ options, superOptions }: Pick<Mount, 'options' | 'superOptions'>): string[] {
  const all = [...options, ...superOptions];
  const found = all.filter((option) => OPTIONS_OF_NOTE.has(option) || /^(?:errors|compress(?:-force)?)=/.test(option));
  return [...new Set(found)];
}
