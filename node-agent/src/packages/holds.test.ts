import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOLD_FILES, parseHolds } from './holds.ts';

const fixture = (root: string, path: string) =>
  readFileSync(new URL(`../../test/fixtures/root-${root}${path}`, import.meta.url), 'utf8');

test.each([
  ['no-systemd', '/etc/apk/world', ['busybox']],
  ['arch', '/etc/pacman.conf', ['linux', 'linux-headers', 'nvidia*']],
  ['rhel-9', '/etc/dnf/plugins/versionlock.list', ['kernel-core']],
  ['k3s', '/etc/zypp/locks', ['kernel-default*']],
])("%s's %s", (root, path, names) => {
  expect(parseHolds(path, fixture(root, path))).toEqual(names);
});

test('dnf 5 keeps its locks in TOML', () => {
  const text =
    'version = "1.0"\n[[packages]]\nname = "openssl"\n[[packages.conditions]]\nkey = "evr"\nvalue = "1:3.2.2-1"\n';
  expect(parseHolds('/etc/dnf/versionlock.toml', text)).toEqual(['openssl']);
});

test('takes any text without throwing', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(HOLD_FILES).flat()), fc.string({ unit: 'binary' }), (path, text) => {
      for (const name of parseHolds(path, text)) expect(name).not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: 5000 },
  );
});
