import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { FactError, fromErrno } from './fact-error.ts';

/** The only way to the host's files. Paths going in and coming out are the host's own (`/etc/os-release`), never the mount's. */
export interface HostRoot {
  /** Reads a whole file. @throws {FactError} `too_large` above `maxBytes` (1 MiB unless told) */
  readBytes(path: string, options?: ReadOptions): Promise<Buffer>;
  /** Reads a whole file as UTF-8 text, without the final newline. */
  readText(path: string, options?: ReadOptions): Promise<string>;
  /** Entries of a directory, sorted by name. */
  list(path: string, options?: ResolveOptions): Promise<Dirent[]>;
  /** Last modification of a file after symlinks; null where it does not exist. */
  modifiedAt(path: string): Promise<Date | null>;
  /** The host path a path leads to once every symlink is followed inside the root. */
  resolve(path: string, options?: ResolveOptions): Promise<string>;
}

interface ResolveOptions {
  /** Directories the target must lie in. @throws {FactError} `out_of_scope_symlink` when a symlink leads elsewhere */
  within?: readonly string[];
}

interface ReadOptions extends ResolveOptions {
  maxBytes?: number;
  /** Asked after every piece read, which may start and end within a line: true ends the reading there, the rest being of no use. */
  enough?: (piece: Buffer) => boolean;
}

const MAX_SYMLINKS = 40;
const DEFAULT_MAX_BYTES = 1024 * 1024;

/**
 * Maps host paths under `prefix` (`/`, or `/host` in a pod). Symlinks are followed hop by hop by this function, absolute
 * targets start again at the prefix and `..` stops there, so nothing outside the prefix can be reached. FIFOs, devices and
 * sockets are refused rather than waited for. Once `signal` aborts, every call rejects with `timeout`. Made anew for each
 * collection.
 */
export function createHostRoot(prefix: string, signal: AbortSignal): HostRoot {
  const real = (hostPath: string) => posix.join(prefix, hostPath);
  // Directories that are no symlinks, as seen during this collection: most paths share them, and each look costs a system call.
  const directories = new Set<string>();

  async function resolve(path: string, options: ResolveOptions = {}): Promise<string> {
    if (!path.startsWith('/') || path.includes('\0'))
      throw new FactError('not_found', `${printable(path)}: not an absolute path`);
    let pending = path.split('/').filter(Boolean);
    let done: string[] = [];
    let hops = 0;
    while (pending.length > 0) {
      const [segment = '', ...rest] = pending;
      pending = rest;
      if (segment === '.') continue;
      if (segment === '..') {
        done = done.slice(0, -1);
        continue;
      }
      const current = `/${[...done, segment].join('/')}`;
      const stats = directories.has(current) ? null : await guarded(signal, current, real(current), lstat);
      if (stats === null || !stats.isSymbolicLink()) {
        if (stats?.isDirectory() === true) directories.add(current);
        done = [...done, segment];
        continue;
      }
      hops += 1;
      if (hops > MAX_SYMLINKS)
        throw new FactError('out_of_scope_symlink', `${printable(path)}: more than ${MAX_SYMLINKS} symlinks`);
      const target = await guarded(signal, current, real(current), (at) => readlink(at));
      if (target.startsWith('/')) done = [];
      pending = [...target.split('/').filter(Boolean), ...pending];
    }
    const target = `/${done.join('/')}`;
    if (options.within !== undefined && !options.within.some((directory) => isInside(target, directory))) {
      throw new FactError('out_of_scope_symlink', `${printable(path)} leads to ${printable(target)}`, {
        hint: `Add ${printable(posix.dirname(target))} to the configured paths if it may be read.`,
      });
    }
    return target;
  }

  async function readBytes(path: string, options: ReadOptions = {}): Promise<Buffer> {
    const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    const target = await resolve(path, options);
    // O_NONBLOCK: opening a FIFO without a writer would otherwise hold a thread of the pool for ever.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;
    const at = real(target);
    const file = await guarded(
      signal,
      path,
      at,
      () => open(at, flags),
      // The kernel may still hand over the descriptor after the deadline; it must not stay open.
      (late) => late.close(),
    );
    try {
      const stats = await guarded(signal, path, at, () => file.stat());
      if (!stats.isFile()) throw new FactError('not_a_file', `${printable(path)}: not a regular file`);
      // Files in /proc and /sys say size 0, so the size is only a reason to refuse early, never how much to read.
      // Files in /proc come in pieces of 4 KiB whatever is asked for, so a chunk takes several of them.
      const chunks: Buffer[] = [];
      let chunk = Buffer.alloc(0);
      let used = 0;
      let length = 0;
      while (stats.size <= maxBytes && length <= maxBytes) {
        if (used === chunk.length) {
          chunks.push(chunk);
          chunk = Buffer.allocUnsafe(Math.min(65_536, maxBytes + 1 - length));
          used = 0;
        }
        const { bytesRead } = await guarded(signal, path, at, () => file.read(chunk, used, chunk.length - used, null));
        const piece = chunk.subarray(used, used + bytesRead);
        used += bytesRead;
        length += bytesRead;
        if (bytesRead === 0 || (length <= maxBytes && options.enough?.(piece) === true))
          return Buffer.concat([...chunks, chunk.subarray(0, used)], length);
      }
      throw new FactError('too_large', `${printable(path)}: more than ${maxBytes} bytes`);
    } finally {
      file.close().catch(() => undefined);
    }
  }

  return {
    resolve,
    readBytes,
    readText: async (path, options) => (await readBytes(path, options)).toString('utf8').replace(/\n$/, ''),
    list: async (path, options) => {
      const target = await resolve(path, options);
      const entries = await guarded(signal, path, real(target), (at) => readdir(at, { withFileTypes: true }));
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    modifiedAt: async (path) => {
      try {
        const target = await resolve(path);
        return (await guarded(signal, path, real(target), lstat)).mtime;
      } catch (error) {
        if (error instanceof FactError && error.reason === 'not_found') return null;
        throw error;
      }
    },
  };
}

function isInside(path: string, directory: string): boolean {
  const base = directory.endsWith('/') ? directory : `${directory}/`;
  return path === directory || path.startsWith(base);
}

/** A path as it may stand in a message: control characters shown, not sent. */
function printable(path: string): string {
  return JSON.stringify(path.slice(0, 300)).slice(1, -1);
}

/** Where calls went that were given up and have not come back. Each of them holds one of the four threads of libuv. */
const hanging = new Set<string>();

/**
 * Runs one call of the file system and ends the wait for it when the collection's time is up. The call itself may hang in the
 * kernel and cannot be taken back: until it returns, no collection begins another on the same path, or four looks at one dead
 * mount would leave no thread for any other file.
 * @param path as it may stand in a message
 * @param at where the call goes, in this process's own file system
 * @param dropLate is given a result that came after the wait had ended
 */
async function guarded<T>(
  signal: AbortSignal,
  path: string,
  at: string,
  begin: (at: string) => Promise<T>,
  dropLate: (late: T) => unknown = () => undefined,
): Promise<T> {
  const timeout = (what: string) => new FactError('timeout', `${printable(path)}: ${what}`);
  if (signal.aborted) throw timeout('no answer from the file system in time');
  if (hanging.has(at)) throw timeout('an earlier call of the file system still hangs, none is begun beside it');
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const work = begin(at);
  const onAbort = () => {
    reject(timeout('no answer from the file system in time'));
    hanging.add(at);
    work
      .finally(() => hanging.delete(at))
      .then(dropLate)
      .catch(() => undefined);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    throw error instanceof FactError ? error : fromErrno(error, printable(path));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
