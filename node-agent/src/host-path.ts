import type { Stats } from 'node:fs';
import { posix } from 'node:path';
import { FactError } from './fact-error.ts';
import { directCalls, type FileCalls, guarded, pooledCalls } from './file-calls.ts';

/** Where the host's paths lead, and where they are in this process's own file system. */
export interface HostPaths {
  /** Where a path of the host without symlinks is for this process. */
  real(hostPath: string): string;
  /**
   * The host path a path leads to once every symlink is followed inside the root.
   * @param until ends the waiting; the signal of the collection unless told
   * @throws {FactError} `out_of_scope_symlink` also after 40 symlinks, or what the file system says
   */
  resolve(path: string, options?: ResolveOptions, until?: AbortSignal): Promise<string>;
}

export interface ResolveOptions {
  /** Directories the target must lie in. @throws {FactError} `out_of_scope_symlink` when a symlink leads elsewhere */
  within?: readonly string[];
}

const MAX_SYMLINKS = 40;

/**
 * Maps host paths under `prefix`, hop by hop: absolute targets start again at the prefix and `..` stops there. Remembers of
 * directories and symlinks what it has seen, so it is made anew for each collection, which ends with `signal`.
 */
export function createHostPaths(prefix: string, signal: AbortSignal): HostPaths {
  const base = posix.join(prefix, '/').slice(0, -1);
  const real = (hostPath: string) => base + hostPath;
  // Directories that are no symlinks, as seen during this collection: most paths share them, and each look costs a system call.
  const directories = new Set<string>();
  /** Targets of the symlinks seen: every device in /sys is reached through some. */
  const links = new Map<string, string>();
  /** Directories that are not there: most places of certificates lie in a few of these. Never files, which may come at any time. */
  const absent = new Map<string, FactError>();
  /** Looks under way: what is read at the same time has its first directories in common. */
  const underWay = new Map<string, Promise<Stats>>();

  /** lstat(2) of a path without symlinks before its last segment; one call for all who ask while it is under way. */
  function look(path: string, until: AbortSignal): Stats | Promise<Stats> {
    const begin = () => guarded(until, printable(path), real(path), callsFor(path).lstat);
    if (until !== signal) return begin();
    const known = underWay.get(path);
    if (known !== undefined) return known;
    const begun = begin().finally(() => underWay.delete(path));
    underWay.set(path, begun);
    return begun;
  }

  /** The target of a symlink; null for anything else. */
  async function linkAt(path: string, isLast: boolean, until: AbortSignal): Promise<string | null> {
    const known = links.get(path);
    if (known !== undefined) return known;
    if (directories.has(path)) return null;
    const missing = isLast ? undefined : absent.get(path);
    if (missing !== undefined) throw missing;
    try {
      const stats = await look(path, until);
      if (stats.isDirectory()) directories.add(path);
      if (!stats.isSymbolicLink()) return null;
    } catch (error) {
      if (!isLast && error instanceof FactError && error.reason === 'not_found') absent.set(path, error);
      throw error;
    }
    const target = await guarded(until, printable(path), real(path), callsFor(path).readlink);
    links.set(path, target);
    return target;
  }

  async function resolve(path: string, options: ResolveOptions = {}, until = signal): Promise<string> {
    if (!path.startsWith('/') || path.includes('\0'))
      throw new FactError('not_found', `${printable(path)}: not an absolute path`);
    // The next segment is the last one of `pending`.
    const pending = segmentsOf(path).reverse();
    let done = '';
    let hops = 0;
    for (let segment = pending.pop(); segment !== undefined; segment = pending.pop()) {
      if (segment === '.') continue;
      if (segment === '..') {
        done = done.slice(0, Math.max(0, done.lastIndexOf('/')));
        continue;
      }
      const current = `${done}/${segment}`;
      // Most of the segments of most paths: no turn of the promise queue for what is known.
      const target = directories.has(current) ? null : await linkAt(current, pending.length === 0, until);
      if (target === null) {
        done = current;
        continue;
      }
      hops += 1;
      if (hops > MAX_SYMLINKS)
        throw new FactError('out_of_scope_symlink', `${printable(path)}: more than ${MAX_SYMLINKS} symlinks`);
      if (target.startsWith('/')) done = '';
      pending.push(...segmentsOf(target).reverse());
    }
    const target = done || '/';
    if (options.within !== undefined && !options.within.some((directory) => isInside(target, directory))) {
      throw new FactError('out_of_scope_symlink', `${printable(path)} leads to ${printable(target)}`, {
        hint: `Add ${printable(posix.dirname(target))} to the configured paths if it may be read.`,
      });
    }
    return target;
  }

  return { real, resolve };
}

/** /proc and /sys are the kernel's memory; everything else may have to wait for a disk. */
export function callsFor(hostPath: string): FileCalls {
  return /^\/(?:proc|sys)(?:\/|$)/.test(hostPath) ? directCalls : pooledCalls;
}

/** A path as it may stand in a message: control characters shown, not sent. */
export function printable(path: string): string {
  return JSON.stringify(path.slice(0, 300)).slice(1, -1);
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean);
}

function isInside(path: string, directory: string): boolean {
  const base = directory.endsWith('/') ? directory : `${directory}/`;
  return path === directory || path.startsWith(base);
}
