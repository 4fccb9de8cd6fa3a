import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readQueryDirectory } from './query-directory.ts';

let place: string;
let directory: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'telemcp-queries-'));
  directory = join(place, 'own');
  mkdirSync(directory);
});
afterEach(() => rmSync(place, { recursive: true }));

const put = (file: string, text: string | Buffer = 'up') => writeFileSync(join(directory, file), text);

describe('readQueryDirectory', () => {
  it('takes the files of both languages, by name, and no others', async () => {
    put('b.logql', '{}');
    put('a.promql');
    put('README.md');
    mkdirSync(join(directory, 'sub'));
    expect(await readQueryDirectory(directory)).toEqual({
      files: [
        { file: 'a.promql', text: 'up' },
        { file: 'b.logql', text: '{}' },
      ],
      problems: [],
    });
  });

  it('follows the links of a Kubernetes volume, and the directory being one', async () => {
    mkdirSync(join(directory, '..2026_11_22'));
    put('..2026_11_22/a.promql');
    symlinkSync('..2026_11_22', join(directory, '..data'));
    symlinkSync('..data/a.promql', join(directory, 'a.promql'));
    symlinkSync(directory, join(place, 'link'));
    expect((await readQueryDirectory(join(place, 'link'))).files).toEqual([{ file: 'a.promql', text: 'up' }]);
  });

  it('refuses what leads out of it, and says so of each', async () => {
    mkdirSync(join(place, 'own-not'));
    writeFileSync(join(place, 'own-not/secret'), 'hunter2');
    put('a.promql');
    symlinkSync(join(place, 'own-not/secret'), join(directory, 'b.promql'));
    symlinkSync('../own-not/secret', join(directory, 'c.promql'));
    symlinkSync('/etc/passwd', join(directory, 'd.logql'));
    const { files, problems } = await readQueryDirectory(directory);
    expect(files.map(({ file }) => file)).toEqual(['a.promql']);
    expect(problems).toEqual(
      ['b.promql', 'c.promql', 'd.logql'].map((file) => `${file}: a symbolic link that leads out of the directory`),
    );
  });

  it('says of every other file that cannot be taken why', async () => {
    mkdirSync(join(directory, 'directory.promql'));
    execFileSync('mkfifo', [join(directory, 'fifo.promql')]);
    put('large.promql', 'x'.repeat(16_385));
    put('latin.promql', Buffer.from([0x23, 0xe9]));
    symlinkSync('nowhere', join(directory, 'lost.promql'));
    symlinkSync('loop.promql', join(directory, 'loop.promql'));
    put('just.promql', 'x'.repeat(16_384));
    const { files, problems } = await readQueryDirectory(directory);
    expect(files.map(({ file }) => file)).toEqual(['just.promql']);
    expect(problems).toEqual([
      'directory.promql: not a regular file',
      'fifo.promql: not a regular file',
      'large.promql: over 16384 bytes',
      'latin.promql: not UTF-8',
      'loop.promql: symbolic links in a circle',
      'lost.promql: does not exist',
    ]);
  });

  it('hands names on that no saved query may have, without opening them', async () => {
    execFileSync('mkfifo', [join(directory, 'Fifo.promql')]);
    expect((await readQueryDirectory(directory)).files).toEqual([{ file: 'Fifo.promql', text: '' }]);
  });

  it('takes 200 files and says how many there are', async () => {
    for (let index = 0; index < 203; index += 1) put(`q${String(index).padStart(3, '0')}.promql`);
    const { files, problems } = await readQueryDirectory(directory);
    expect(files).toHaveLength(200);
    expect(problems).toEqual(['203 files; the first 200 by name are taken, up to q199.promql']);
  });

  it('throws when there is no such directory', async () => {
    await expect(readQueryDirectory(join(place, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
