import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { FactError } from '../fact-error.ts';
import type { HostFile } from '../open-file.ts';
import { openSqlitePages } from './sqlite-pages.ts';
import { columnsOf, findTable, readRows, textOf } from './sqlite-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(bytes: Buffer): HostFile {
  return {
    sizeBytes: bytes.length,
    modifiedAt: new Date(0),
    version: '',
    read: async (position, length) => bytes.subarray(position, position + length),
  };
}

/** Every row of the table `t (id integer primary key, word text, data blob, number integer)` as we read it. */
async function rowsOf(file: Buffer, log: Buffer | null = null) {
  const pages = await openSqlitePages(fileOf(file), log === null ? null : fileOf(log));
  const root = await findTable(pages, 't');
  const rows: [number, string | null, string, number | null][] = [];
  if (root === null) return null;
  for await (const row of readRows(pages, root)) {
    const record = await row.read(row.size);
    const [, word = null, data = null, number = null] = columnsOf(record);
    const bytes = data?.kind === 'blob' ? record.subarray(data.start, data.start + data.length) : Buffer.alloc(0);
    const value = number?.kind === 'number' ? number.value : null;
    rows.push([row.rowId, textOf(record, word), bytes.toString('hex'), value]);
  }
  return rows;
}

function create(name: string, pageSize: number): DatabaseSync {
  const database = new DatabaseSync(join(folder, name));
  database.exec(`pragma page_size=${pageSize}`);
  // More tables than fit on the first page.
  for (let at = 0; at < 40; at += 1) database.exec(`create table other_${at} (a, b)`);
  database.exec('create table t (id integer primary key, word text, data blob, number integer)');
  return database;
}

function fill(database: DatabaseSync, rows: number): void {
  const insert = database.prepare('insert into t(word, data, number) values (?, ?, ?)');
  database.exec('begin');
  for (let at = 0; at < rows; at += 1) {
    const size = [0, 3, 480, 481, 490, 3000, 4062, 9000, 70_000][at % 9] ?? 0;
    insert.run(`word ${at}`, Buffer.alloc(size, at), [0, 1, -1, 300, -70_000, 8_000_000_000][at % 6] ?? 0);
  }
  database.exec('commit');
}

/** What SQLite itself says. */
function truth(database: DatabaseSync) {
  const rows = database.prepare('select id, word, data, number from t order by id').all();
  return rows.map(({ id, word, data, number }) => [id, word, Buffer.from(data as Uint8Array).toString('hex'), number]);
}

describe('a table of an SQLite file', () => {
  it.each([512, 1024, 4096, 65_536])('reads as SQLite itself reads it, with pages of %i bytes', async (pageSize) => {
    const name = `pages-${pageSize}.db`;
    const database = create(name, pageSize);
    fill(database, 150);
    expect(await rowsOf(readFileSync(join(folder, name)))).toEqual(truth(database));
    database.close();
  });

  it('takes what was committed to the log before what is in the file, and nothing that was not', async () => {
    const path = join(folder, 'log.db');
    const database = create('log.db', 4096);
    fill(database, 20);
    database.exec('pragma journal_mode=wal');
    fill(database, 30);
    database.exec("update t set word = 'changed' where id % 3 = 0");
    const rows = truth(database);
    // Larger than the cache, so that it is written to the log before it is committed.
    database.exec('pragma cache_size=5');
    database.exec("begin; update t set data = zeroblob(50000), word = 'not yet'");
    expect(await rowsOf(readFileSync(path), readFileSync(`${path}-wal`))).toEqual(rows);
    expect(await rowsOf(readFileSync(path))).toHaveLength(20);
    database.exec('rollback');
    // The log begins anew, and has the old frames behind the new ones.
    database.exec('pragma wal_checkpoint(restart)');
    database.exec("update t set word = 'again' where id = 5");
    expect(await rowsOf(readFileSync(path), readFileSync(`${path}-wal`))).toEqual(truth(database));
    database.close();
  });

  it('is null where there is no such table', async () => {
    const database = new DatabaseSync(join(folder, 'none.db'));
    database.exec('create table u (a)');
    expect(await rowsOf(readFileSync(join(folder, 'none.db')))).toBeNull();
    database.close();
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['something else', Buffer.alloc(5000, 'x')],
    ['a file cut off', 'cut'],
  ])('refuses %s', async (_, bytes) => {
    const database = create('whole.db', 4096);
    fill(database, 50);
    database.close();
    const file = bytes === 'cut' ? readFileSync(join(folder, 'whole.db')).subarray(0, 200_000) : (bytes as Buffer);
    rmSync(join(folder, 'whole.db'));
    await expect(rowsOf(file)).rejects.toMatchObject({ reason: 'parse_error' });
  });

  it('comes to an end with any damage, with rows or with a reason', async () => {
    const database = create('damage.db', 512);
    fill(database, 8);
    database.close();
    const whole = readFileSync(join(folder, 'damage.db'));
    const place = fc.oneof(fc.nat(100), fc.nat(whole.length - 1));
    const damages = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damages, async (changes) => {
        const damaged = Buffer.from(whole);
        for (const [at, byte] of changes) damaged[at] = byte;
        const outcome = await rowsOf(damaged).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(FactError);
      }),
      { numRuns: 3000 },
    );
  });
});
