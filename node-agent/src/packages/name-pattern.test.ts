import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNamePattern } from './name-pattern.ts';

test.each<[string, string, boolean]>([
  ['openssl', 'openssl', true],
  ['openssl', 'libopenssl', false],
  ['*ssl*', 'libssl3', true],
  ['networkmanager', 'NetworkManager', true],
  ['linux-image-*-amd64', 'linux-image-6.1.0-28-amd64', true],
  ['linux-image-*-amd64', 'linux-image-6.1.0-28-arm64', false],
  ['lib?', 'libc', true],
  ['lib?', 'lib', false],
  ['lib[a-c]6', 'libc6', true],
  ['lib[!a-c]6', 'libc6', false],
  ['lib[^x]6', 'libc6', true],
  ['a[]b]', 'a]', true],
  ['a[b', 'a[b', true],
  ['a[b-]', 'a-', true],
  ['g++*', 'g++-12', true],
  ['a.c', 'abc', false],
  ['', '', true],
  ['*', '', true],
])('%s matches %s: %s', (pattern, name, matches) => {
  expect(createNamePattern(pattern)(name)).toBe(matches);
});

test('agrees with Node on stars and question marks', () => {
  const character = fc.constantFrom('a', 'b', '-');
  const pattern = fc.string({ unit: fc.oneof(character, fc.constantFrom('*', '?')), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(pattern, fc.string({ unit: character, minLength: 1, maxLength: 10 }), (glob, name) => {
      // Two stars mean something else in a path.
      fc.pre(!glob.includes('**'));
      expect(createNamePattern(glob)(name)).toBe(posix.matchesGlob(name, glob));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern made to take long does not', () => {
  const startedAt = performance.now();
  const matches = createNamePattern(`${'*a'.repeat(120)}b`);
  for (let at = 0; at < 500; at += 1) expect(matches('a'.repeat(255))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
