import { constants, type Dirent, type Stats } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { FactError } from './fact-error.ts';
import { guarded, type OpenedFile, pooledCalls } from './file-calls.ts';
import { createHangGate } from './hang-gate.ts';
import { callsFor, createHostPaths, printable, type ResolveOptions } from './host-path.ts';
import { type HostFile, hostFile, readWhole } from './open-file.ts';

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
  /**
   * Figures of the file system a path lies in (statfs(2)). Over the whole process at most two of these, and of reads that may
   * hang, are in the kernel, each awaited for 1 s.
   * @throws {FactError} `timeout` when it hangs, now or since an earlier call; `too_many` while two others hang
   */
  statfs(path: string): Promise<FilesystemFigures>;
}

/** What statfs(2) says, and of which file system. */
export interface FilesystemFigures {
  /** `major:minor` of the path; for btrfs that of the subvolume, which is in no mount table. */
  device: string;
  /** The magic number of the kind of file system. */
  magic: number;
  blockSizeBytes: number;
  blocks: number;
  blocksFree: number;
  /** Of the free ones, those that others than root may use. */
  blocksAvailable: number;
  inodes: number;
  inodesFree: number;
}

interface ReadOptions extends ResolveOptions {
  maxBytes?: number;
  /**
   * Asked after every piece read, which may start and end within a line, and of which `asked` bytes were asked for: true ends
   * the reading there, the rest being of no use.
   */
  enough?: (piece: Buffer, asked: number) => boolean;
  /** For a file of /sys that makes the kernel ask a device: read as `statfs` asks, so that a dead device costs no more threads. */
  mayHang?: boolean;
}

const DEFAULT_MAX_BYTES = 1024 * 1024;

/** Of libuv's four threads, two are left to everything else when file systems and devices hang. */
const gate = createHangGate({ slots: 2, deadlineMs: 1000 });
const unending = new AbortController().signal;

/**
 * Maps host paths under `prefix` (`/`, or `/host` in a pod). Symlinks are followed hop by hop by this function, absolute
 * targets start again at the prefix and `..` stops there, so nothing outside the prefix can be reached. FIFOs, devices and
 * sockets are refused rather than waited for. Once `signal` aborts, every call rejects with `timeout`. Made anew for each
 * collection.
 */
export function createHostRoot(prefix: string, signal: AbortSignal): HostRoot {
  const { real, resolve } = createHostPaths(prefix, signal);

  /** Opens the file that a path leads to. Those who read it may also name a place in it. */
  async function openFile<T>(
    until: AbortSignal,
    path: string,
    options: ReadOptions,
    use: (stats: Stats, read: OpenedFile['read']) => Promise<T>,
  ): Promise<T> {
    const target = await resolve(path, options, until);
    const [at, shown] = [real(target), printable(path)];
    const calls = options.mayHang === true ? pooledCalls : callsFor(target);
    // O_NONBLOCK: opening a FIFO without a writer would otherwise hold a thread of the pool for ever.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;
    // The kernel may still hand over the descriptor after the deadline; it must not stay open.
    const file = await guarded(
      until,
      shown,
      at,
      () => calls.open(at, flags),
      (late) => late.close(),
    );
    try {
      const stats = await guarded(until, shown, at, () => file.stat());
      if (!stats.isFile()) throw new FactError('not_a_file', `${shown}: not a regular file`);
      return await use(stats, (chunk, position) => guarded(until, shown, at, () => file.read(chunk, position)));
    } finally {
      file.close();
    }
  }

  const readUntil = (until: AbortSignal, path: string, options: ReadOptions) =>
    openFile(until, path, options, async (stats, read) => {
      const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
      const whole =
        stats.size > maxBytes
          ? null
          : await readWhole(read, { maxBytes, sizeBytes: stats.size, enough: options.enough });
      if (whole === null) throw new FactError('too_large', `${printable(path)}: more than ${maxBytes} bytes`);
      return whole;
    });

  /** Through the gate, whose own deadline ends the wait: what hangs in it must not keep other calls from the same path. */
  const throughGate = <T>(path: string, work: () => Promise<T>) =>
    guarded(signal, printable(path), `gate:${real(path)}`, () => gate.run(real(path), work));

  const readBytes = (path: string, options: ReadOptions = {}) =>
    options.mayHang === true
      ? throughGate(path, () => readUntil(unending, path, options))
      : readUntil(signal, path, options);

  /** Settles when the kernel has answered and not before: the gate has to know what still hangs. */
  async function askFigures(path: string): Promise<FilesystemFigures> {
    const target = real(await resolve(path, {}, unending));
    const { dev } = await guarded(unending, printable(path), target, pooledCalls.lstat);
    const found = await guarded(unending, printable(path), target, (at) => statfs(at));
    return {
      device: deviceNumber(dev),
      magic: found.type,
      blockSizeBytes: found.bsize,
      blocks: found.blocks,
      blocksFree: found.bfree,
      blocksAvailable: found.bavail,
      inodes: found.files,
      inodesFree: found.ffree,
    };
  }

  return {
    resolve: (path, options) => resolve(path, options),
    statfs: (path) => throughGate(path, () => askFigures(path)),
    readBytes,
    readText: async (path, options) => (await readBytes(path, options)).toString('utf8').replace(/\n$/, ''),
    withFile: (path, use) => openFile(signal, path, {}, (stats, read) => use(hostFile(stats, read))),
    list: async (path, options) => {
      const target = await resolve(path, options);
      const entries = await guarded(signal, printable(path), real(target), callsFor(target).readdir);
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    modifiedAt: async (path) => {
      try {
        const target = await resolve(path);
        return (await guarded(signal, printable(path), real(target), callsFor(target).lstat)).mtime;
      } catch (error) {
        if (error instanceof FactError && error.reason === 'not_found') return null;
        throw error;
      }
    },
  };
}

/** `major:minor` as in the mount table (makedev(3)). */
function deviceNumber(dev: number): string {
  return `${(dev >>> 8) & 0xfff}:${(dev & 0xff) | ((dev >>> 12) & 0xfff00)}`;
}
