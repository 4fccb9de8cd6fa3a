import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAptSettings, upgradesUnattended } from './apt-settings.ts';

const folder = new URL('../../test/fixtures/root-ubuntu-24.04/etc/apt/apt.conf.d/', import.meta.url);
const origins = readFileSync(new URL('50unattended-upgrades', folder), 'utf8');

test("reads Ubuntu's files: settings by full name, comments and lists passed over", () => {
  const settings = parseAptSettings(readFileSync(new URL('20auto-upgrades', folder), 'utf8'));
  parseAptSettings(origins, settings);
  expect(Object.fromEntries(settings)).toEqual({
    'apt::periodic::update-package-lists': '1',
    'apt::periodic::unattended-upgrade': '1',
    'unattended-upgrade::devrelease': 'auto',
  });
});

test.each<[string, boolean]>([
  ['APT::Periodic::Unattended-Upgrade "1";', true],
  ['APT::Periodic::Unattended-Upgrade "always";', true],
  ['APT::Periodic::Unattended-Upgrade 1;', true],
  ['APT { Periodic { Unattended-Upgrade "7"; }; };', true],
  ['apt::periodic { unattended-upgrade "1" ; }', true],
  ['APT::Periodic::Unattended-Upgrade "0";', false],
  ['APT::Periodic::Unattended-Upgrade "1";\nAPT::Periodic::Enable "0";', false],
  ['APT::Periodic::Unattended-Upgrade "1";\nAPT::Periodic::Unattended-Upgrade "0";', false],
  ['// APT::Periodic::Unattended-Upgrade "1";', false],
  ['/* APT::Periodic::Unattended-Upgrade "1"; */', false],
  ['# APT::Periodic::Unattended-Upgrade "1";', false],
  ['Dpkg::Options { "--force-confold"; }; APT::Periodic::Unattended-Upgrade "1";', true],
  ['', false],
])('%s upgrades: %s', (text, upgrades) => {
  expect(upgradesUnattended(parseAptSettings(text))).toBe(upgrades);
});

test('takes any text, also one made of comments that never end, in no time', () => {
  const startedAt = performance.now();
  parseAptSettings('/* '.repeat(20_000));
  parseAptSettings('"'.repeat(60_001));
  parseAptSettings('a { '.repeat(15_000));
  expect(performance.now() - startedAt).toBeLessThan(1000);
  const piece = fc.constantFrom('{', '}', ';', '"', '//', '/*', '*/', '\n', 'APT', '::', ' ', '#', '\\');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(parseAptSettings(`${pieces.join('')}\n"; */ }; x::y "z";`)).toBeInstanceOf(Map);
    }),
    { numRuns: 10_000 },
  );
});
