import { endianness } from 'node:os';
import type { PackageRow } from '@telemcp/shared/facts/packages';
import type { HostFile } from '../open-file.ts';
import { parseRpmHeader, rpmIndexBytes, rpmWantedBytes } from './rpm-header.ts';
import { notSqlite, openSqlitePages, type SqlitePages } from './sqlite-pages.ts';
import { columnsOf, findTable, readRows, type SqliteRow } from './sqlite-table.ts';

/** What a database of rpm says. */
export interface RpmInstalled {
  packages: PackageRow[];
  /** Rows whose header could not be read. */
  unreadable: number;
  /** The transaction that changed something last: when, Unix seconds, and one of its packages. */
  newest: { atSeconds: number; package: PackageRow } | null;
}

/** Names and versions are within the first kilobytes; a header that claims otherwise is damaged. */
const MAX_HEADER_BYTES = 256 * 1024;
/** Numbers of tables of rpm are a few bytes. */
const MAX_INDEX_RECORD = 256;

/**
 * `rpmdb.sqlite` as rpm 4.16 and later keep it: a row with a binary header per package in `Packages`, and a table for each
 * index. Keys that rpm keeps like packages (`gpg-pubkey`) are left out.
 * @throws {FactError} `parse_error` when the file is damaged, was cut off, or is none of rpm's
 */
export async function readRpmDatabase(file: HostFile, log: HostFile | null): Promise<RpmInstalled> {
  const pages = await openSqlitePages(file, log);
  const table = await findTable(pages, 'Packages');
  if (table === null) throw notSqlite('it has no table of packages');
  const byNumber = new Map<number, PackageRow>();
  let unreadable = 0;
  for await (const row of readRows(pages, table)) {
    const header = await readHeader(row);
    if (header === null) unreadable += 1;
    else if (header.name !== 'gpg-pubkey') byNumber.set(row.rowId, { ...header, state: 'installed', held: false });
  }
  return { packages: [...byNumber.values()], unreadable, newest: await findNewest(pages, byNumber) };
}

async function readHeader(row: SqliteRow) {
  const head = await row.read(64);
  const blob = columnsOf(head).find((column) => column?.kind === 'blob');
  if (blob?.kind !== 'blob') return null;
  const read = async (length: number) => {
    const end = Math.min(blob.start + Math.min(length, blob.length), blob.start + MAX_HEADER_BYTES);
    return (await row.read(end)).subarray(blob.start);
  };
  const size = rpmIndexBytes(await read(8));
  if (size === null || size > MAX_HEADER_BYTES) return null;
  return parseRpmHeader(await read(rpmWantedBytes(await read(size))));
}

/** `Installtid` has the start of the transaction that installed each package, four bytes in the byte order of the host. */
async function findNewest(
  pages: SqlitePages,
  byNumber: ReadonlyMap<number, PackageRow>,
): Promise<RpmInstalled['newest']> {
  const table = await findTable(pages, 'Installtid');
  if (table === null) return null;
  let newest: RpmInstalled['newest'] = null;
  for await (const row of readRows(pages, table)) {
    const record = await row.read(MAX_INDEX_RECORD);
    const [key = null, number = null] = columnsOf(record);
    const found = number?.kind === 'number' ? byNumber.get(number.value) : undefined;
    if (key?.kind !== 'blob' || key.length !== 4 || found === undefined) continue;
    // The agent runs on the machine whose database it is.
    const atSeconds = endianness() === 'LE' ? record.readUInt32LE(key.start) : record.readUInt32BE(key.start);
    if (newest === null || atSeconds >= newest.atSeconds) newest = { atSeconds, package: found };
  }
  return newest;
}
