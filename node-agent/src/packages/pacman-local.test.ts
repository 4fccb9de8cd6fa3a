import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageOfDirectory, parseArchitecture } from './pacman-local.ts';

test.each([
  ['linux-6.11.5.arch1-1', 'linux', '6.11.5.arch1-1'],
  ['ca-certificates-mozilla-3.106-1', 'ca-certificates-mozilla', '3.106-1'],
  ['gcc-libs-14.2.1+r134+gab884fffe3fc-1', 'gcc-libs', '14.2.1+r134+gab884fffe3fc-1'],
  ['vim-2:9.1.0785-1', 'vim', '2:9.1.0785-1'],
])('%s is a package', (directory, name, version) => {
  expect(packageOfDirectory(directory)).toMatchObject({ name, version, architecture: null, state: 'installed' });
});

test.each(['ALPM_DB_VERSION', 'a-1', '-1-1', 'a--1', 'a-1-', ''])('%j is none', (directory) => {
  expect(packageOfDirectory(directory)).toBeNull();
});

test('the architecture is the line after its heading', () => {
  expect(parseArchitecture('%NAME%\nlinux\n\n%ARCH%\nx86_64\n\n')).toBe('x86_64');
  expect(parseArchitecture('%NAME%\n%ARCHES%\nx\n')).toBeNull();
  expect(parseArchitecture('%ARCH%')).toBeNull();
});

test('any name is a package of that name and version, or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '-', '1', ':', '.') }), (directory) => {
      const found = packageOfDirectory(directory);
      if (found !== null) expect(`${found.name}-${found.version}`).toBe(directory);
    }),
    { numRuns: 10_000 },
  );
  expect(packageOfDirectory('a\u001b[31mb-1-1')).toMatchObject({ name: 'ab', version: '1-1' });
});
