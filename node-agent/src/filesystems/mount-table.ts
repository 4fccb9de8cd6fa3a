/** One line of `/proc/PID/mountinfo` (proc_pid_mountinfo(5)). */
export interface Mount {
  id: number;
  parentId: number;
  /** `major:minor` of the file system. */
  device: string;
  mountPoint: string;
  /** Options of this mount. */
  options: readonly string[];
  fsType: string;
  source: string;
  /** Options of the file system, the same for all its mounts. */
  superOptions: readonly string[];
}

/** The mounts of a mount table, in its order, and how many lines of it could not be understood. */
export function parseMountTable(text: string): { mounts: Mount[]; malformed: number } {
  const mounts: Mount[] = [];
  let malformed = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const mount = parseLine(line);
    if (mount === null) malformed += 1;
    else mounts.push(mount);
  }
  return { mounts, malformed };
}

function parseLine(line: string): Mount | null {
  // Any number of optional fields stand before the lone hyphen.
  const hyphen = line.indexOf(' - ');
  if (hyphen < 0) return null;
  const [id = '', parentId = '', device = '', root, mountPoint = '', options = ''] = line
    .slice(0, hyphen)
    .split(' ', 6);
  const [fsType = '', source = '', superOptions = ''] = line.slice(hyphen + 3).split(' ', 3);
  if (!/^\d{1,10}$/.test(id) || !/^\d{1,10}$/.test(parentId) || !/^\d{1,4}:\d{1,8}$/.test(device)) return null;
  if (root === undefined || !mountPoint.startsWith('/') || options === '' || fsType === '') return null;
  return {
    id: Number(id),
    parentId: Number(parentId),
    device,
    mountPoint: unescapeMount(mountPoint),
    options: options.split(','),
    fsType: unescapeMount(fsType),
    source: unescapeMount(source),
    superOptions: superOptions.split(','),
  };
}

/** Space, tab, newline, backslash and `#` are written as three octal digits, in fstab(5) too. */
export function unescapeMount(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Deeper mount points are taken for visible: a table made to be expensive shall not be. */
const MAX_DEPTH = 64;

/**
 * The mounts that a path leads to. A mount is hidden when another one lies on top of it or over a directory above it; statfs of
 * its mount point would then answer for that other one. Found as the kernel does, by walking down from the root mount.
 */
export function visibleMounts(mounts: readonly Mount[]): Mount[] {
  const ids = new Set(mounts.map((mount) => mount.id));
  const children = new Map(mounts.map((mount) => [`${mount.parentId} ${mount.mountPoint}`, mount]));
  const root = mounts.find(
    (mount) => mount.mountPoint === '/' && (!ids.has(mount.parentId) || mount.parentId === mount.id),
  );
  if (root === undefined) return [...mounts];

  /** The topmost of those stacked at a path on `mount`. */
  const stacked = (mount: Mount, path: string): Mount => {
    let top = mount;
    for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
      const above = children.get(`${top.id} ${path}`);
      if (above === undefined || above === top) return top;
      top = above;
    }
    return top;
  };

  return mounts.filter((mount) => {
    let reached = stacked(root, '/');
    if (mount.mountPoint === '/') return reached === mount;
    let end = 0;
    for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
      end = mount.mountPoint.indexOf('/', end + 1);
      reached = stacked(reached, end < 0 ? mount.mountPoint : mount.mountPoint.slice(0, end));
      if (end < 0) return reached === mount;
    }
    return true;
  });
}
