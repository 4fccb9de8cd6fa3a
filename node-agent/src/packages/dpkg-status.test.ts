import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDpkgStatus, toPackageRows } from './dpkg-status.ts';

const debian = readFileSync(new URL('../../test/fixtures/root-debian-12/var/lib/dpkg/status', import.meta.url));

describe('dpkg status file', () => {
  it('reads several architectures of one package, a hold, a failure, and what is left of a removed one', () => {
    const { entries, unreadable, cutOff } = parseDpkgStatus(debian);
    expect([unreadable, cutOff]).toEqual([0, false]);
    expect(entries.map(({ name, architecture, want, state }) => [name, architecture, want, state])).toEqual([
      ['adduser', 'all', 'install', 'installed'],
      ['bash', 'amd64', 'install', 'installed'],
      ['libc6', 'amd64', 'install', 'installed'],
      ['libc6', 'i386', 'install', 'installed'],
      ['openssl', 'amd64', 'install', 'installed'],
      ['kubelet', 'amd64', 'hold', 'installed'],
      ['nginx', 'amd64', 'install', 'half-configured'],
      ['exim4-daemon-light', 'amd64', 'deinstall', 'config-files'],
      ['tzdata', 'all', 'install', 'installed'],
    ]);
    const rows = toPackageRows(entries);
    expect(rows.map(({ name }) => name)).not.toContain('exim4-daemon-light');
    expect(rows.filter(({ held }) => held).map(({ name }) => name)).toEqual(['kubelet']);
  });

  it('shows a package that must be installed again as not sound', () => {
    const text = 'Package: a\nStatus: install reinstreq half-installed\nVersion: 1\n\n';
    expect(toPackageRows(parseDpkgStatus(Buffer.from(text)).entries)).toEqual([
      { name: 'a', version: '1', architecture: null, state: 'half-installed, must be reinstalled', held: false },
    ]);
  });

  it('reads the same with carriage returns', () => {
    const crlf = Buffer.from(debian.toString().replaceAll('\n', '\r\n'));
    expect(parseDpkgStatus(crlf)).toEqual(parseDpkgStatus(debian));
  });

  it('tells a file that was cut off, and counts what is no entry', () => {
    const cut = parseDpkgStatus(debian.subarray(0, debian.length - 40));
    expect(cut.cutOff).toBe(true);
    expect(parseDpkgStatus(Buffer.from('Status: install ok installed\n\nPackage: x\n\n')).unreadable).toBe(2);
  });

  it('reads 5 MB in a fraction of a second', () => {
    const large = Buffer.concat(Array.from({ length: Math.ceil(5_000_000 / debian.length) }, () => debian));
    const startedAt = performance.now();
    const { entries } = parseDpkgStatus(large);
    expect(entries.length).toBe((9 * large.length) / debian.length);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('takes any damage without throwing', () => {
    const place = fc.nat(debian.length);
    fc.assert(
      fc.property(place, fc.uint8Array({ maxLength: 40 }), place, (from, bytes, to) => {
        const start = Math.min(from, to);
        const damaged = Buffer.concat([debian.subarray(0, start), bytes, debian.subarray(Math.max(from, to))]);
        for (const entry of parseDpkgStatus(damaged).entries) expect(entry.name).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 10_000 },
    );
  });

  it.skipIf(!existsSync('/usr/bin/dpkg-query'))('agrees with dpkg-query on every package of this machine', () => {
    const format = ['Package', 'Version', 'Architecture', 'Status'].map((field) => `\${${field}}`).join('\\t');
    const read = () => parseDpkgStatus(readFileSync('/var/lib/dpkg/status')).entries;
    const shown = () =>
      execFileSync('dpkg-query', ['-W', '-f', `${format}\\n`], { encoding: 'utf8' })
        .trimEnd()
        .split('\n');
    const ours = () =>
      read()
        .filter(({ state }) => state !== 'not-installed')
        .map((entry) => {
          const { name, version, architecture, want, flag, state } = entry;
          return [name, version ?? '', architecture ?? '', `${want} ${flag} ${state}`].join('\t');
        });
    // Somebody may be installing something at this moment.
    let rows = ours();
    let theirs = shown();
    for (let tries = 0; tries < 5 && rows.toSorted().join() !== theirs.toSorted().join(); tries += 1) {
      rows = ours();
      theirs = shown();
    }
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.toSorted()).toEqual(theirs.toSorted());
  });
});
