import * as z from 'zod';
import { Reason } from '../envelope.ts';
import { openEnum } from '../open-enum.ts';

const bytes = z.number().int().nonnegative().nullable();
const ratio = z.number().min(0).max(1).nullable();
const count = z.number().int().nonnegative();

/** One mounted file system, however many mount points it has. */
export const Filesystem = z.object({
  /** What is mounted, as the kernel says it: `/dev/sda1`, `tmpfs`, `server:/export`. */
  device: z.string(),
  /** The shortest of its mount points, a path of the host. */
  mountPoint: z.string(),
  fsType: z.string(),
  /** Mount points it has, bind mounts and those in `excluded` among them. */
  mounts: count,
  /**
   * `ok`: the figures were asked for and are here. `skipped_network_fs`: on a network or FUSE, never asked, since a server that
   * is gone would hang whoever asks. `timeout`: it did not answer, or with the reason
   * `too_many` was not asked because others hang. `unavailable`: it could not be asked.
   */
  status: openEnum('unavailable', z.enum(['ok', 'skipped_network_fs', 'timeout', 'unavailable'])),
  /** Null when `status` is `ok`. `not_found` in a pod: the file system is not mounted into the agent's container. */
  reason: Reason.nullable(),
  detail: z.string().nullable(),
  sizeBytes: bytes,
  usedBytes: bytes,
  /** What a user other than root can still write. */
  availableBytes: bytes,
  /** used / (used + available), as df(1) counts: full at 1 for everyone but root. */
  usedRatio: ratio,
  /** Null where the file system has no fixed number of them, as btrfs and vfat. */
  inodes: bytes,
  inodesFree: bytes,
  inodesUsedRatio: ratio,
  /** Nothing can be written through this mount point: the mount or the whole file system is read-only. */
  readOnly: z.boolean(),
  /**
   * `emergency_ro`, `shutdown`: ext4 says so itself after an error. `superblock`: mounted for writing, made read-only since, as
   * kernels do after an error. `fstab_says_rw`: mounted read-only against /etc/fstab, as after a failed check at boot.
   * `mount_option`: as it was asked for. Null when it is not read-only.
   */
  readOnlyCause: z.enum(['emergency_ro', 'shutdown', 'superblock', 'fstab_says_rw', 'mount_option']).nullable(),
  /**
   * The kernel stopped writes after an error, whoever mounted it wanted them: cause `emergency_ro`, `shutdown` or `superblock`.
   * An XFS file system that was shut down does not say so in the mount table.
   */
  emergencyReadOnly: z.boolean(),
  /** Those that change what may be done with it or how safe data is: `noexec`, `errors=remount-ro`, `degraded`, `prjquota` … */
  options: z.array(z.string()),
});
export type Filesystem = z.infer<typeof Filesystem>;

/** The `filesystems` family: local file systems, the one most in need of attention first. */
export const FilesystemFacts = z.object({
  filesystems: z.array(Filesystem),
  /** Mounts of the host that are not in the list, by why. */
  excluded: z.object({
    /** Kernel interfaces: proc, sysfs, cgroup, devtmpfs … */
    pseudo: count,
    /** Of single containers and pods: below /var/lib/kubelet/pods, /run/containerd, /var/lib/docker … */
    container: count,
    /** Images that are always full: squashfs (snaps), erofs, iso9660 … */
    image: count,
    /** Further mount points of file systems that are in the list, and overlays: their space is that of another one. */
    duplicate: count,
    /** Covered by another mount, so that no path leads to them. */
    hidden: count,
  }),
});
export type FilesystemFacts = z.infer<typeof FilesystemFacts>;
