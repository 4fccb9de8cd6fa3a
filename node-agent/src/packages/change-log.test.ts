import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANGE_LOGS, findLastChange } from './change-log.ts';

const fixture = (root: string, path: string) =>
  readFileSync(new URL(`../../test/fixtures/root-${root}${path}`, import.meta.url), 'utf8');
const WRITTEN = new Date('2024-11-01T12:00:00Z');

describe('the newest change in a log', () => {
  it.each([
    [
      'debian-12',
      '/var/log/dpkg.log',
      { at: '2024-10-28T05:12:34.000Z', action: 'upgrade', name: 'openssl', version: '3.0.15-1~deb12u1' },
    ],
    [
      'ubuntu-24.04',
      '/var/log/dpkg.log.1',
      {
        at: '2024-11-01T05:30:05.000Z',
        action: 'install',
        name: 'linux-image-6.8.0-1017-aws',
        version: '6.8.0-1017.18',
      },
    ],
    [
      'arch',
      '/var/log/pacman.log',
      { at: '2024-10-27T07:53:20.000Z', action: 'install', name: 'vim', version: '2:9.1.0785-1' },
    ],
    [
      'k3s',
      '/var/log/zypp/history',
      { at: '2024-10-20T02:02:14.000Z', action: 'remove', name: 'kernel-default', version: '6.4.0-150600.23.17.1' },
    ],
  ])("of %s's %s, its clock being that of Berlin", (root, path, change) => {
    expect(findLastChange(path, fixture(root, path), 'Europe/Berlin', WRITTEN)).toEqual(change);
  });

  it('of dnf 4, which leaves the old version beside the new one', () => {
    const log = [
      '2024-10-16T07:08:17-0400 INFO --- logging initialized ---',
      '2024-10-16T07:08:20-0400 SUBDEBUG Upgrade: openssl-libs-1:3.0.7-28.el9_4.x86_64',
      '2024-10-16T07:08:21-0400 SUBDEBUG Upgraded: openssl-libs-1:3.0.7-27.el9.x86_64',
      '',
    ].join('\n');
    expect(findLastChange('/var/log/dnf.rpm.log', log, null, WRITTEN)).toEqual({
      at: '2024-10-16T11:08:20.000Z',
      action: 'upgrade',
      name: 'openssl-libs',
      version: '1:3.0.7-28.el9_4',
    });
  });

  it('is what was configured where the part that was read begins after the upgrade itself', () => {
    const log = fixture('debian-12', '/var/log/dpkg.log');
    const tail = log.slice(log.indexOf('startup packages configure'));
    expect(findLastChange('/var/log/dpkg.log', tail, 'Etc/UTC', WRITTEN)).toMatchObject({
      at: '2024-10-28T06:12:36.000Z',
      action: 'configure',
      name: 'openssl',
    });
  });

  it('is dated by the file where the zone of its clock is not known', () => {
    const log = fixture('debian-12', '/var/log/dpkg.log');
    expect(findLastChange('/var/log/dpkg.log', log, null, WRITTEN)?.at).toBe('2024-11-01T12:00:00.000Z');
  });

  it('is not known from an empty log', () => {
    expect(findLastChange('/var/log/dpkg.log', '', 'Etc/UTC', WRITTEN)).toBeNull();
  });

  it('takes any damage without throwing', () => {
    const logs = {
      '/var/log/dpkg.log': fixture('debian-12', '/var/log/dpkg.log'),
      '/var/log/pacman.log': fixture('arch', '/var/log/pacman.log'),
      '/var/log/zypp/history': fixture('k3s', '/var/log/zypp/history'),
      '/var/log/dnf.rpm.log': '2024-10-16T07:08:20-0400 SUBDEBUG Upgrade: openssl-libs-1:3.0.7-28.el9_4.x86_64\n',
    } as const;
    const paths = Object.values(CHANGE_LOGS).flat();
    const path = fc.constantFrom(...paths.filter((each) => Object.hasOwn(logs, each)));
    fc.assert(
      fc.property(path, fc.nat(1500), fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(20), (of, at, put, drop) => {
        const log = Object.entries(logs).find(([name]) => name === of)?.[1] ?? '';
        const change = findLastChange(of, log.slice(0, at) + put + log.slice(at + drop), 'Europe/Berlin', WRITTEN);
        if (change !== null) expect(change.at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      }),
      { numRuns: 10_000 },
    );
  });
});
