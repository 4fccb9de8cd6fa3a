import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseApkInstalled } from './apk-installed.ts';

const alpine = readFileSync(new URL('../../test/fixtures/root-no-systemd/lib/apk/db/installed', import.meta.url));

test('reads packages, and which of them apk could not install completely', () => {
  expect(parseApkInstalled(alpine)).toEqual({
    packages: [
      { name: 'alpine-baselayout', version: '3.6.5-r0', architecture: 'x86_64', state: 'installed', held: false },
      { name: 'busybox', version: '1.36.1-r29', architecture: 'x86_64', state: 'installed', held: false },
      {
        name: 'openssl',
        version: '3.3.2-r1',
        architecture: 'x86_64',
        state: 'broken files, broken script',
        held: false,
      },
    ],
    unreadable: 0,
    cutOff: false,
  });
  expect(parseApkInstalled(Buffer.from('C:Q1\nV:1\n\nP:a')).unreadable).toBe(1);
});

test('takes any damage without throwing', () => {
  const place = fc.nat(alpine.length);
  fc.assert(
    fc.property(place, fc.uint8Array({ maxLength: 40 }), place, (from, bytes, to) => {
      const start = Math.min(from, to);
      const damaged = Buffer.concat([alpine.subarray(0, start), bytes, alpine.subarray(Math.max(from, to))]);
      expect(parseApkInstalled(damaged).packages.length).toBeLessThan(50);
    }),
    { numRuns: 10_000 },
  );
});
