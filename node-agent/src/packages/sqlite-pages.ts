import { FactError } from '../fact-error.ts';
import type { HostFile } from '../open-file.ts';

/** The pages of an SQLite database, numbered from 1. */
export interface SqlitePages {
  /** Bytes of a page that hold content. */
  usableSize: number;
  count: number;
  /** @throws {FactError} `parse_error` for a page that the file does not have */
  page(number: number): Promise<Buffer>;
}

/** What follows a row's first page usually lies right behind it. */
const BLOCK_BYTES = 32 * 1024;
const BLOCKS_KEPT = 16;
/** A log that large is of a transaction that never ended. */
const MAX_LOG_BYTES = 32 * 1024 * 1024;

/**
 * Opens a database file by its format (sqlite.org/fileformat2.html). Nothing is locked, so whoever reads must see afterwards
 * that neither file has changed.
 * @param log the write-ahead log beside it: what was committed there counts before what is in the file; null where there is none
 * @throws {FactError} `parse_error` when it is no such file, `too_large` for an overgrown log
 */
export async function openSqlitePages(file: HostFile, log: HostFile | null): Promise<SqlitePages> {
  const header = await file.read(0, 100);
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw notSqlite('it does not begin as SQLite files do');
  const stated = header.readUInt16BE(16);
  const pageSize = stated === 1 ? 65_536 : stated;
  const usableSize = pageSize - (header[20] ?? 0);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || usableSize < 480)
    throw notSqlite('an impossible page size');
  if (header.readUInt32BE(56) > 1) throw notSqlite('its text is not UTF-8');
  const overlay = log === null ? new Map<number, Buffer>() : await readLog(log, pageSize);
  const count = Math.max(Math.floor(file.sizeBytes / pageSize), ...overlay.keys());
  const blockBytes = Math.max(pageSize, BLOCK_BYTES);
  const blocks = new Map<number, Buffer>();

  async function blockAt(index: number): Promise<Buffer> {
    const known = blocks.get(index);
    if (known !== undefined) return known;
    const block = await file.read(index * blockBytes, blockBytes);
    const [oldest] = blocks.keys();
    if (blocks.size >= BLOCKS_KEPT && oldest !== undefined) blocks.delete(oldest);
    blocks.set(index, block);
    return block;
  }

  return {
    usableSize,
    count,
    page: async (number) => {
      const logged = overlay.get(number);
      if (logged !== undefined) return logged;
      const position = (number - 1) * pageSize;
      const block = number < 1 || number > count ? Buffer.alloc(0) : await blockAt(Math.floor(position / blockBytes));
      const page = block.subarray(position % blockBytes, (position % blockBytes) + pageSize);
      if (page.length < pageSize) throw notSqlite(`page ${number} is not in the file`);
      return page;
    },
  };
}

/**
 * The newest committed version of every page in a write-ahead log. Frames count as long as they carry the marks of the log's
 * header: what lies behind them is left over from before it was last begun anew. Their checksums are not recomputed.
 */
async function readLog(log: HostFile, pageSize: number): Promise<Map<number, Buffer>> {
  const committed = new Map<number, Buffer>();
  if (log.sizeBytes < 32) return committed;
  if (log.sizeBytes > MAX_LOG_BYTES) throw new FactError('too_large', `write-ahead log of ${log.sizeBytes} bytes`);
  const bytes = await log.read(0, log.sizeBytes);
  if (bytes.length < 32 || (bytes.readUInt32BE(0) & ~1) !== 0x377f0682 || bytes.readUInt32BE(8) !== pageSize)
    return committed;
  const marks = bytes.subarray(16, 24);
  let pending = new Map<number, Buffer>();
  for (let at = 32; at + 24 + pageSize <= bytes.length; at += 24 + pageSize) {
    if (!bytes.subarray(at + 8, at + 16).equals(marks)) break;
    pending.set(bytes.readUInt32BE(at), bytes.subarray(at + 24, at + 24 + pageSize));
    if (bytes.readUInt32BE(at + 4) === 0) continue;
    for (const [number, page] of pending) committed.set(number, page);
    pending = new Map();
  }
  return committed;
}

/** A database that cannot be what it should be. */
export function notSqlite(detail: string): FactError {
  return new FactError('parse_error', `not a sound SQLite database: ${detail}`);
}
