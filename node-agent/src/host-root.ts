import { constants, type Dirent, type Stats } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { FactError, fromErrno } from './fact-error.ts';

/** The only way to the host's files. Paths going in and coming out are the host's own (`/etc/os-release`), never the mount's. */
export interface HostRoot {
  /** Reads a whole file. @throws {FactError} `too_large` above `maxBytes` (1 MiB unless told) */
  readBytes(path: string, options?: ReadOptions): Promise<Buffer>;
  /** Reads a whole file as UTF-8 text, without the final newline. */
  readText(path: string, options?: ReadOptions): Promise<string>;
  /** Opens a file for as long as `use` runs, to read parts of it or to know whether it changed. */
  withFile<T>(path: string, use: (file: HostFile) => Promise<T>): Promise<T>;
  /** Entries of a directory, sorted by name. */
  list(path: string, options?: ResolveOptions): Promise<Dirent[]>;
  /** Last modification of a file after symlinks; null where it does not exist. */
  modifiedAt(path: string): Promise<Date | null>;
  /** The host path a path leads to once every symlink is followed inside the root. */
  resolve(path: string, options?: ResolveOptions): Promise<string>;
}

/** A regular file of the host while it is open. */
export interface HostFile {
  /** 0 for files of /proc and /sys, whatever they hold. */
  sizeBytes: number;
  modifiedAt: Date;
  /** Another after every change: of device, inode, size and times. */
  version: string;
  /** The bytes from `position` on: `length` of them, or fewer where the file ends. */
  read(position: number, length: number): Promise<Buffer>;
}

interface ResolveOptions {
  /** Directories the target must lie in. @throws {FactError} `out_of_scope_symlink` when a symlink leads elsewhere */
  within?: readonly string[];
}

interface ReadOptions extends ResolveOptions {
  maxBytes?: number;
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
      const stats = directories.has(current) ? null : await guarded(signal, current, lstat(real(current)));
      if (stats === null || !stats.isSymbolicLink()) {
        if (stats?.isDirectory() === true) directories.add(current);
        done = [...done, segment];
        continue;
      }
      hops += 1;
      if (hops > MAX_SYMLINKS)
        throw new FactError('out_of_scope_symlink', `${printable(path)}: more than ${MAX_SYMLINKS} symlinks`);
      const target = await guarded(signal, current, readlink(real(current)));
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

  /** Opens the file that a path leads to. Those who read it may also name a place in it. */
  async function openFile<T>(
    path: string,
    options: ResolveOptions,
    use: (stats: Stats, read: (chunk: Buffer, position: number | null) => Promise<number>) => Promise<T>,
  ): Promise<T> {
    const target = await resolve(path, options);
    // O_NONBLOCK: opening a FIFO without a writer would otherwise hold a thread of the pool for ever.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;
    const opening = open(real(target), flags);
    const file = await guarded(signal, path, opening).catch((error: unknown) => {
      // The kernel may still hand over the descriptor after the deadline; it must not stay open.
      opening.then((late) => late.close()).catch(() => undefined);
      throw error;
    });
    try {
      const stats = await guarded(signal, path, file.stat());
      if (!stats.isFile()) throw new FactError('not_a_file', `${printable(path)}: not a regular file`);
      return await use(stats, async (chunk, position) => {
        const { bytesRead } = await guarded(signal, path, file.read(chunk, 0, chunk.length, position));
        return bytesRead;
      });
    } finally {
      file.close().catch(() => undefined);
    }
  }

  const readBytes = (path: string, options: ReadOptions = {}) =>
    openFile(path, options, async (stats, read) => {
      const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
      // Files in /proc and /sys say size 0, so the size is only a reason to refuse early, never how much to read.
      const chunks: Buffer[] = [];
      let length = 0;
      while (stats.size <= maxBytes && length <= maxBytes) {
        const chunk = Buffer.allocUnsafe(Math.min(65_536, maxBytes + 1 - length));
        const bytesRead = await read(chunk, null);
        if (bytesRead === 0) return Buffer.concat(chunks, length);
        chunks.push(chunk.subarray(0, bytesRead));
        length += bytesRead;
      }
      throw new FactError('too_large', `${printable(path)}: more than ${maxBytes} bytes`);
    });

  return {
    resolve,
    readBytes,
    readText: async (path, options) => (await readBytes(path, options)).toString('utf8').replace(/\n$/, ''),
    withFile: (path, use) =>
      openFile(path, {}, (stats, read) =>
        use({
          sizeBytes: stats.size,
          modifiedAt: stats.mtime,
          version: [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(':'),
          read: async (position, length) => {
            const bytes = Buffer.allocUnsafe(length);
            let filled = 0;
            while (filled < length) {
              const bytesRead = await read(bytes.subarray(filled), position + filled);
              if (bytesRead === 0) break;
              filled += bytesRead;
            }
            return bytes.subarray(0, filled);
          },
        }),
      ),
    list: async (path, options) => {
      const target = await resolve(path, options);
      const entries = await guarded(signal, path, readdir(real(target), { withFileTypes: true }));
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    modifiedAt: async (path) => {
      try {
        const target = await resolve(path);
        return (await guarded(signal, path, lstat(real(target)))).mtime;
      } catch (error) {
        if (error instanceof FactError && error.reason === 'not_found') return null;
        throw error;
      }
    },
  };
}

/** Null in place of a file that does not exist; every other failure is still thrown. */
export async function unlessAbsent<T>(value: Promise<T>): Promise<T | null> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof FactError && error.reason === 'not_found') return null;
    throw error;
  }
}

function isInside(path: string, directory: string): boolean {
  const base = directory.endsWith('/') ? directory : `${directory}/`;
  return path === directory || path.startsWith(base);
}

/** A path as it may stand in a message: control characters shown, not sent. */
function printable(path: string): string {
  return JSON.stringify(path.slice(0, 300)).slice(1, -1);
}

/** Ends the wait when the collection's time is up; the call itself may hang in the kernel and cannot be taken back. */
async function guarded<T>(signal: AbortSignal, path: string, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new FactError('timeout', `${printable(path)}: no answer from the file system in time`));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    throw error instanceof FactError ? error : fromErrno(error, printable(path));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
