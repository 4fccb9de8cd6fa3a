import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FactError } from '../fact-error.ts';
import type { HostFile } from '../open-file.ts';
import { readRpmDatabase } from './rpm-database.ts';

const bytes = readFileSync(new URL('../../test/fixtures/root-rhel-9/var/lib/rpm/rpmdb.sqlite', import.meta.url));

function fileOf(content: Buffer): HostFile {
  return {
    sizeBytes: content.length,
    modifiedAt: new Date(0),
    version: '',
    read: async (position, length) => content.subarray(position, position + length),
  };
}

// The file is what rpm 4.18 made of it; what is expected is what its "rpm -qa" says of it.
test('reads a database of rpm, and what was installed last', async () => {
  const { packages, unreadable, newest } = await readRpmDatabase(fileOf(bytes), null);
  expect(packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}`)).toEqual([
    'bash 5.1.8-9.el9 x86_64',
    'openssl-libs 1:3.0.7-28.el9_4 x86_64',
    'kernel-core 5.14.0-427.40.1.el9_4 x86_64',
    'tzdata 2024b-2.el9 noarch',
    'dnf-automatic 4.14.0-17.el9 noarch',
  ]);
  expect(unreadable).toBe(0);
  expect(newest).toMatchObject({ atSeconds: 1_795_359_233, package: { name: 'dnf-automatic' } });
});

test('says so when the file is none of rpm, or was cut off', async () => {
  await expect(readRpmDatabase(fileOf(bytes.subarray(0, 60_000)), null)).rejects.toMatchObject({
    reason: 'parse_error',
  });
  await expect(readRpmDatabase(fileOf(Buffer.from('RpmP')), null)).rejects.toMatchObject({ reason: 'parse_error' });
});

test('takes any damage with packages or with a reason', async () => {
  const damages = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(damages, async (changes) => {
      const damaged = Buffer.from(bytes);
      for (const [at, byte] of changes) damaged[at] = byte;
      const outcome = await readRpmDatabase(fileOf(damaged), null).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(FactError);
    }),
    { numRuns: 1000 },
  );
});
