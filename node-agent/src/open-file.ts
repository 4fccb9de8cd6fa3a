import type { Stats } from 'node:fs';
import type { OpenedFile } from './file-calls.ts';

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

/** Nearly all files of /proc and /sys hold less than this. */
const FIRST_BYTES = 2048;
const CHUNK_BYTES = 65_536;

/** How much of a file is read. */
export interface WholeOptions {
  maxBytes: number;
  /** What stat(2) says. Files in /proc say 0 and those in /sys a page, so a size is never how much to read. */
  sizeBytes: number;
  /** True when there was enough, told of every piece how many bytes of it had been asked for. */
  enough?: ((piece: Buffer, asked: number) => boolean) | undefined;
}

/** A file from its start to its end, or until `enough` says so; null when it is longer than `maxBytes`. */
export async function readWhole(
  read: OpenedFile['read'],
  { maxBytes, sizeBytes, enough }: WholeOptions,
): Promise<Buffer | null> {
  // As little as will do: memory taken for every file would be garbage, and what it costs to have it collected.
  let room = enough !== undefined ? CHUNK_BYTES : sizeBytes % 4096 === 0 ? FIRST_BYTES : sizeBytes + 1;
  // Files in /proc come in pieces of 4 KiB whatever is asked for, so a chunk takes several of them.
  const chunks: Buffer[] = [];
  let chunk = Buffer.alloc(0);
  let used = 0;
  let length = 0;
  while (length <= maxBytes) {
    if (used === chunk.length) {
      chunks.push(chunk);
      chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, room, maxBytes + 1 - length));
      room *= 8;
      used = 0;
    }
    const asked = chunk.length - used;
    const piece = chunk.subarray(used, used + (await read(chunk.subarray(used), null)));
    used += piece.length;
    length += piece.length;
    if (piece.length === 0 || (length <= maxBytes && enough?.(piece, asked)))
      return Buffer.concat([...chunks, chunk.subarray(0, used)], length);
  }
  return null;
}

/** An opened file as those who read parts of it see it. */
export function hostFile(stats: Stats, read: OpenedFile['read']): HostFile {
  return {
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
  };
}
