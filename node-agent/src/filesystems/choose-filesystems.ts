import type { FilesystemFacts } from '@telemcp/shared/facts/filesystems';
import { type Mount, visibleMounts } from './mount-table.ts';

/** A file system worth reporting, by the mount point it is reported under. */
export interface ChosenFilesystem {
  mount: Mount;
  mounts: number;
  /** Why it must not be touched; null when it may be asked. */
  remote: string | null;
}

/** Kernel interfaces that hold no data, and file systems in user space that stand for nothing of their own. */
const PSEUDO_TYPES = new Set(
  (
    'autofs bdev binder binfmt_misc bpf cgroup cgroup2 configfs cpuset debugfs devpts devtmpfs dlmfs efivarfs fusectl hugetlbfs ' +
    'mqueue nfsd nsfs proc procfs pstore ramfs resctrl rpc_pipefs securityfs selinuxfs smackfs sysfs tracefs usbfs xenfs ' +
    'fuse.lxcfs fuse.gvfsd-fuse fuse.portal'
  ).split(' '),
);

/** Written once, read ever after: always full. */
const IMAGE_TYPES = new Set(['squashfs', 'erofs', 'iso9660', 'cramfs', 'romfs', 'fuse.snapfuse', 'fuse.squashfuse']);

/**
 * Those that ask another machine, or a process of this one, before they answer; any call on them may hang. Shared-disk cluster
 * file systems wait for the cluster's locks.
 */
const REMOTE_TYPES = new Set(
  (
    'nfs nfs4 cifs smb3 smbfs ceph 9p afs kafs coda lustre gfs2 ocfs2 glusterfs beegfs gpfs mmfs panfs pvfs2 orangefs virtiofs ' +
    'vboxsf vmhgfs prl_fs ncpfs ncp acfs wekafs quobyte fuse fuseblk'
  ).split(' '),
);

/** What lies below belongs to one container or pod; mounted there itself, as a disk for images, it is the host's. */
const CONTAINER_DIRECTORIES = [
  '/run/containerd/',
  '/run/crio/',
  '/run/docker/',
  '/run/k3s/',
  '/run/netns/',
  '/var/lib/containerd/',
  '/var/lib/containers/',
  '/var/lib/docker/',
  '/var/lib/k0s/containerd/',
  '/var/lib/kubelet/pods/',
  '/var/lib/k0s/kubelet/pods/',
  '/var/lib/rancher/k3s/agent/containerd/',
  '/var/lib/rancher/rke2/agent/containerd/',
  '/var/snap/microk8s/common/run/containerd/',
  '/var/snap/microk8s/common/var/lib/containerd/',
  '/var/snap/microk8s/common/var/lib/kubelet/pods/',
];

/** The file systems of a mount table, each once, under its shortest mount point; what is left out is counted. */
export function chooseFilesystems(table: readonly Mount[]): {
  chosen: ChosenFilesystem[];
  excluded: FilesystemFacts['excluded'];
} {
  const visible = visibleMounts(table);
  const remotePoints = visible.filter(({ fsType }) => isRemote(fsType)).map(({ mountPoint }) => mountPoint);
  const excluded = { pseudo: 0, container: 0, image: 0, duplicate: 0, hidden: table.length - visible.length };
  const mountsOf = new Map<string, number>();
  const byDevice = new Map<string, Mount>();
  for (const mount of visible) {
    mountsOf.set(mount.device, (mountsOf.get(mount.device) ?? 0) + 1);
    const why = exclusion(mount);
    if (why !== null) {
      excluded[why] += 1;
      continue;
    }
    const known = byDevice.get(mount.device);
    if (known !== undefined) excluded.duplicate += 1;
    if (known === undefined || mount.mountPoint.length < known.mountPoint.length) byDevice.set(mount.device, mount);
  }
  const chosen = [...byDevice.values()].map((mount) => ({
    mount,
    mounts: mountsOf.get(mount.device) ?? 1,
    remote: whyRemote(mount, remotePoints),
  }));
  return { chosen, excluded };
}

function exclusion({ fsType, mountPoint }: Mount): 'pseudo' | 'container' | 'image' | 'duplicate' | null {
  if (CONTAINER_DIRECTORIES.some((directory) => mountPoint.startsWith(directory))) return 'container';
  if (PSEUDO_TYPES.has(fsType) || isSystemPath(mountPoint)) return 'pseudo';
  // The space of an overlay is that of its upper layer; only as the root does it stand for something of its own.
  if (fsType === 'overlay' && mountPoint !== '/') return 'duplicate';
  return IMAGE_TYPES.has(fsType) ? 'image' : null;
}

/** /dev/shm holds data of programs, and they fail when it is full. */
function isSystemPath(path: string): boolean {
  return /^\/(?:proc|sys|dev|run\/credentials)(?:\/|$)/.test(path) && path !== '/dev/shm';
}

function isRemote(fsType: string): boolean {
  return REMOTE_TYPES.has(fsType) || fsType.startsWith('fuse.');
}

/** The way to a local file system may lead through a remote one, and looking up its path then hangs as well. */
function whyRemote({ fsType, mountPoint }: Mount, remotePoints: readonly string[]): string | null {
  if (isRemote(fsType)) return `${fsType} is never asked`;
  const above = remotePoints.find((point) => mountPoint.startsWith(point === '/' ? '/' : `${point}/`));
  return above === undefined ? null : `lies in the network file system ${above}`;
}
