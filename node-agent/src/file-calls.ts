import {
  closeSync,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FactError, fromErrno } from './fact-error.ts';

/** The system calls that looking at files takes. */
export interface FileCalls {
  lstat(at: string): Stats | Promise<Stats>;
  readlink(at: string): string | Promise<string>;
  readdir(at: string): Dirent[] | Promise<Dirent[]>;
  open(at: string, flags: number): OpenedFile | Promise<OpenedFile>;
}

export interface OpenedFile {
  stat(): Stats | Promise<Stats>;
  /** Fills `chunk` from its start; at `position`, or where the last read ended when that is null. @returns bytes read, 0 at the end */
  read(chunk: Buffer, position: number | null): number | Promise<number>;
  close(): void;
}

/** By libuv's threads: for file systems that wait for a disk or a network. */
export const pooledCalls: FileCalls = {
  lstat: (at) => lstat(at),
  readlink: (at) => readlink(at),
  readdir: (at) => readdir(at, { withFileTypes: true }),
  open: async (at, flags) => {
    const file = await open(at, flags);
    return {
      stat: () => file.stat(),
      read: async (chunk, position) => (await file.read(chunk, 0, chunk.length, position)).bytesRead,
      close: () => {
        file.close().catch(() => undefined);
      },
    };
  },
};

/**
 * Without a thread, a tenth of the cost: for /proc and /sys, whose files the kernel makes up from memory. A file of theirs that
 * makes the kernel ask a device goes by the pool.
 */
export const directCalls: FileCalls = {
  lstat: (at) => lstatSync(at),
  readlink: (at) => readlinkSync(at),
  readdir: (at) => readdirSync(at, { withFileTypes: true }),
  open: (at, flags) => {
    const fd = openSync(at, flags);
    return {
      stat: () => fstatSync(fd),
      read: (chunk, position) => readSync(fd, chunk, 0, chunk.length, position),
      close: () => closeSync(fd),
    };
  },
};

/** Calls without a thread give way to other work after this long; thousands of them in a row would otherwise stop every answer. */
const STRETCH_MS = 10;

/** When the first such call of this turn of the event loop began; null where none was made yet. */
let stretchBeganMs: number | null = null;

/** Lets timers and other requests have their turn once calls without a thread have taken long. */
async function giveWay(callBeganMs: number): Promise<void> {
  if (stretchBeganMs === null) {
    stretchBeganMs = callBeganMs;
    nextTurn().then(() => {
      stretchBeganMs = null;
    });
  }
  if (performance.now() - stretchBeganMs > STRETCH_MS) await nextTurn();
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
export async function guarded<T>(
  signal: AbortSignal,
  path: string,
  at: string,
  begin: (at: string) => T | Promise<T>,
  dropLate: (late: T) => unknown = () => undefined,
): Promise<T> {
  const timeout = (what: string) => new FactError('timeout', `${path}: ${what}`);
  if (signal.aborted) throw timeout('no answer from the file system in time');
  if (hanging.has(at)) throw timeout('an earlier call of the file system still hangs, none is begun beside it');
  let onAbort: (() => void) | null = null;
  try {
    const beganMs = performance.now();
    const work = begin(at);
    if (!(work instanceof Promise)) {
      await giveWay(beganMs);
      return work;
    }
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    onAbort = () => {
      reject(timeout('no answer from the file system in time'));
      hanging.add(at);
      work
        .finally(() => hanging.delete(at))
        .then(dropLate)
        .catch(() => undefined);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return await Promise.race([work, aborted]);
  } catch (error) {
    throw error instanceof FactError ? error : fromErrno(error, path);
  } finally {
    if (onAbort !== null) signal.removeEventListener('abort', onAbort);
  }
}
