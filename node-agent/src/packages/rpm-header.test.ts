import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRpmHeader, rpmIndexBytes, rpmWantedBytes } from './rpm-header.ts';

const path = fileURLToPath(new URL('../../test/fixtures/root-rhel-9/var/lib/rpm/rpmdb.sqlite', import.meta.url));
const database = new DatabaseSync(`file:${path}?immutable=1`, { readOnly: true });
const headers = database
  .prepare('select blob from Packages order by hnum')
  .all()
  .map(({ blob }) => Buffer.from(blob as Uint8Array));
database.close();

test('reads the headers that rpm itself wrote, from their first part alone', () => {
  const read = headers.map((header) => {
    const size = rpmIndexBytes(header) ?? 0;
    const wanted = rpmWantedBytes(header.subarray(0, size));
    return { ...parseRpmHeader(header.subarray(0, wanted)), isPart: wanted < header.length };
  });
  expect(read).toEqual([
    { name: 'bash', version: '5.1.8-9.el9', architecture: 'x86_64', isPart: true },
    { name: 'openssl-libs', version: '1:3.0.7-28.el9_4', architecture: 'x86_64', isPart: true },
    { name: 'kernel-core', version: '5.14.0-427.40.1.el9_4', architecture: 'x86_64', isPart: true },
    { name: 'tzdata', version: '2024b-2.el9', architecture: 'noarch', isPart: true },
    { name: 'dnf-automatic', version: '4.14.0-17.el9', architecture: 'noarch', isPart: true },
  ]);
});

test.each([Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(64), Buffer.alloc(64, 0xff)])('%j is no header', (bytes) => {
  expect(parseRpmHeader(bytes)).toBeNull();
});

test('takes any damage without throwing', () => {
  const header = headers[1] ?? Buffer.alloc(0);
  const damages = fc.array(fc.tuple(fc.nat(1600), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(damages, fc.nat(header.length), (changes, length) => {
      const damaged = Buffer.from(header.subarray(0, length));
      for (const [at, byte] of changes) if (at < damaged.length) damaged[at] = byte;
      expect(rpmWantedBytes(damaged.subarray(0, rpmIndexBytes(damaged) ?? 0))).toBeGreaterThanOrEqual(0);
      expect(parseRpmHeader(damaged)?.name ?? '').not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: 10_000 },
  );
});
