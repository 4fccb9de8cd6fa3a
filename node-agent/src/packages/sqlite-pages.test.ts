import { expect, test } from 'vitest';
import type { HostFile } from '../open-file.ts';
import { openSqlitePages } from './sqlite-pages.ts';

/** A file of `count` pages of 512 bytes, each beginning with its number, that counts how often it is read. */
function fileOf(count: number, change: (header: Buffer) => void = () => undefined) {
  const bytes = Buffer.alloc(count * 512);
  for (let page = 1; page < count; page += 1) bytes.writeUInt32BE(page + 1, page * 512);
  bytes.write('SQLite format 3\0');
  bytes.writeUInt16BE(512, 16);
  change(bytes);
  const reads: number[] = [];
  const file: HostFile = {
    sizeBytes: bytes.length,
    modifiedAt: new Date(0),
    version: '',
    read: async (position, length) => {
      reads.push(position);
      return bytes.subarray(position, position + length);
    },
  };
  return { file, reads };
}

test('reads pages in blocks, so that neighbours cost nothing', async () => {
  const { file, reads } = fileOf(200);
  const pages = await openSqlitePages(file, null);
  for (let number = 2; number <= 200; number += 1) expect((await pages.page(number)).readUInt32BE(0)).toBe(number);
  expect(reads).toEqual([0, 0, 32_768, 65_536, 98_304]);
});

test.each([0, 201, -1])('page %i is not there', async (number) => {
  const pages = await openSqlitePages(fileOf(200).file, null);
  await expect(pages.page(number)).rejects.toMatchObject({ reason: 'parse_error' });
});

test.each<[string, (header: Buffer) => void]>([
  ['a page size that is no power of two', (header) => header.writeUInt16BE(600, 16)],
  ['a page size of nothing', (header) => header.writeUInt16BE(0, 16)],
  ['pages that are all reserve', (header) => header.writeUInt8(255, 20)],
  ['text in UTF-16', (header) => header.writeUInt32BE(2, 56)],
])('refuses %s', async (_, change) => {
  await expect(openSqlitePages(fileOf(4, change).file, null)).rejects.toMatchObject({ reason: 'parse_error' });
});

test('does not take a log into memory that has grown without end', async () => {
  const log = { ...fileOf(4).file, sizeBytes: 40 * 1024 * 1024 };
  await expect(openSqlitePages(fileOf(4).file, log)).rejects.toMatchObject({ reason: 'too_large' });
});
