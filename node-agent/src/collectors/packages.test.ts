import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PackageFacts } from '@telemcp/shared/facts/packages';
import { afterAll, describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { STORE_OPTIONS, silentBus } from '../../test/sample-facts.ts';
import { FactError } from '../fact-error.ts';
import { createHostRoot, type HostRoot } from '../host-root.ts';
import { packages } from './packages.ts';

const { signal } = new AbortController();
const base = mkdtempSync(join(tmpdir(), 'packages-'));
afterAll(() => rmSync(base, { recursive: true }));

async function collect(host: HostRoot) {
  const found = await packages.collect({ host, bus: silentBus, settings: STORE_OPTIONS.settings, signal });
  return { ...found, data: PackageFacts.parse(found.data) };
}

const UBUNTU_COUNTS = '/var/lib/update-notifier/updates-available';

describe('packages on a fake host root', () => {
  it('Debian 12: a hold, a package left half configured, no automatic upgrades', async () => {
    const { data, missing, source } = await collect(fixtureHost('debian-12'));
    expect(missing).toEqual([]);
    expect(source).toBe('file:/var/lib/dpkg/status');
    expect(data).toMatchObject({
      manager: 'apt',
      imageBased: false,
      database: { format: 'dpkg', path: '/var/lib/dpkg/status', modifiedAt: expect.any(String) },
      installed: 8,
      held: { total: 1, names: ['kubelet'] },
      broken: {
        total: 1,
        packages: [{ name: 'nginx', version: '1.22.1-9+deb12u1', architecture: 'amd64', state: 'half-configured' }],
      },
      unfinished: false,
      listsChangedAt: expect.any(String),
      lastUpdateSuccessAt: null,
      lastChange: { at: '2024-10-28T05:12:34.000Z', action: 'upgrade', name: 'openssl', version: '3.0.15-1~deb12u1' },
      unattendedUpgrades: false,
      rebootRequiredBy: [],
      pending: null,
      pendingReason: 'unsupported',
    });
  });

  it('Ubuntu 24.04: what the host counted itself, triggers pending, dpkg cut off in mid-run', async () => {
    const { data, missing } = await collect(fixtureHost('ubuntu-24.04'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      manager: 'apt',
      installed: 4,
      held: { total: 0, names: [] },
      broken: { total: 1, packages: [{ name: 'man-db', state: 'triggers-pending' }] },
      unfinished: true,
      lastUpdateSuccessAt: expect.any(String),
      // The log was rotated just now; the one before still knows.
      lastChange: { at: '2024-11-01T06:30:05.000Z', name: 'linux-image-6.8.0-1017-aws' },
      unattendedUpgrades: true,
      rebootRequiredBy: ['libc6', 'linux-base', 'linux-image-6.8.0-1017-aws'],
      pending: { updates: 15, securityUpdates: 9, countedAt: expect.any(String) },
      pendingReason: null,
    });
  });

  it("RHEL 9: rpm's own database, a version lock, dnf-automatic that applies", async () => {
    const { data, missing } = await collect(fixtureHost('rhel-9'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      manager: 'dnf',
      database: { format: 'rpm', path: '/var/lib/rpm/rpmdb.sqlite' },
      installed: 5,
      held: { total: 1, names: ['kernel-core'] },
      broken: null,
      unfinished: null,
      listsChangedAt: expect.any(String),
      lastChange: {
        at: '2026-11-22T14:53:53.000Z',
        action: 'install',
        name: 'dnf-automatic',
        version: '4.14.0-17.el9',
      },
      unattendedUpgrades: true,
      rebootRequiredBy: null,
      pendingReason: 'unsupported',
    });
    const idle = { '/etc/dnf/automatic.conf': '[commands]\napply_updates = no\n' };
    expect((await collect(fixtureHost('rhel-9', idle))).data.unattendedUpgrades).toBe(false);
  });

  it('openSUSE: a database of the kind that is not read says so, and the rest is still told', async () => {
    const { data, missing } = await collect(fixtureHost('k3s'));
    expect(missing).toEqual([
      { what: '/usr/lib/sysimage/rpm/Packages.db', reason: 'unsupported', detail: expect.stringContaining('rpm -qa') },
    ]);
    expect(data).toMatchObject({
      manager: 'zypper',
      database: { format: 'rpm', modifiedAt: expect.any(String) },
      installed: null,
      held: null,
      lastChange: { action: 'remove', name: 'kernel-default' },
      unattendedUpgrades: null,
    });
  });

  it('Alpine: a package without its files, one bound to a version', async () => {
    const { data, missing } = await collect(fixtureHost('no-systemd'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      manager: 'apk',
      installed: 3,
      held: { total: 1, names: ['busybox'] },
      broken: { total: 1, packages: [{ name: 'openssl', state: 'broken files, broken script' }] },
      listsChangedAt: expect.any(String),
      lastChange: null,
    });
  });

  it('Arch: one directory per package, those that are ignored held', async () => {
    const { data, missing } = await collect(fixtureHost('arch'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      manager: 'pacman',
      database: { format: 'pacman', path: '/var/lib/pacman/local' },
      installed: 6,
      held: { total: 1, names: ['linux'] },
      broken: null,
      unfinished: false,
      lastChange: { at: '2024-10-27T07:53:20.000Z', action: 'install', name: 'vim' },
    });
  });

  it.each(['flatcar', 'talos'])('%s: an image, which has no packages to count', async (root) => {
    const { data, missing } = await collect(fixtureHost(root));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({ manager: 'none', imageBased: true, database: null, installed: null, held: null });
  });
});

describe('what packages could not read', () => {
  it('is no image and no empty list: without any database the family is not available', async () => {
    const host = fixtureHost('debian-12', { '/var/lib/dpkg/status': null });
    await expect(collect(host)).rejects.toMatchObject({ reason: 'not_found', hint: expect.stringContaining('Mount') });
  });

  it('is missing with its reason where it is there and closed', async () => {
    const closed = new FactError('permission_denied', '/var/log/dpkg.log: EACCES');
    const { data, missing } = await collect(
      fixtureHost('debian-12', {
        '/var/log/dpkg.log': closed,
        '/run': new FactError('permission_denied', '/run: EACCES'),
      }),
    );
    expect([data.lastChange, data.rebootRequiredBy]).toEqual([null, null]);
    expect(missing?.map(({ what, reason }) => [what, reason]).sort()).toEqual([
      ['/run', 'permission_denied'],
      ['/var/log/dpkg.log', 'permission_denied'],
    ]);
  });

  it('is told where a status file ends in the middle or has what is no entry', async () => {
    const text = 'Package: a\nStatus: install ok installed\n\nPackage: b\n\nPackage: c\nStatus: install ok ins';
    const { data, missing } = await collect(fixtureHost('debian-12', { '/var/lib/dpkg/status': text }));
    expect(missing).toEqual([
      { what: '/var/lib/dpkg/status', reason: 'parse_error', detail: expect.stringContaining('cut off') },
      { what: '/var/lib/dpkg/status', reason: 'parse_error', detail: '1 entries could not be read' },
    ]);
    expect(data.installed).toBe(2);
  });

  it('leaves open how many updates wait when the host says it in words unknown here', async () => {
    const german = '15 Aktualisierungen können sofort angewendet werden.\n';
    const { data } = await collect(fixtureHost('ubuntu-24.04', { [UBUNTU_COUNTS]: german }));
    expect([data.pending, data.pendingReason]).toEqual([null, 'parse_error']);
  });

  it('leaves open whether upgrades run by themselves when a setting is closed', async () => {
    const closed = new FactError('permission_denied', 'EACCES');
    const { data } = await collect(fixtureHost('ubuntu-24.04', { '/etc/apt/apt.conf.d/20auto-upgrades': closed }));
    expect(data.unattendedUpgrades).toBeNull();
  });

  it('reads the files of settings that apt reads, and no others', async () => {
    const root = join(base, 'apt-settings');
    const [dpkg, settings] = [join(root, 'var/lib/dpkg'), join(root, 'etc/apt/apt.conf.d')];
    for (const directory of [dpkg, settings]) mkdirSync(directory, { recursive: true });
    writeFileSync(join(dpkg, 'status'), 'Package: unattended-upgrades\nStatus: install ok installed\n\n');
    const put = (name: string, value: string) =>
      writeFileSync(join(settings, name), `APT::Periodic::Unattended-Upgrade "${value}";\n`);
    const unattended = async () => (await collect(createHostRoot(root, signal))).data.unattendedUpgrades;
    put('20auto-upgrades', '1');
    put('99site.disabled', '0');
    expect(await unattended()).toBe(true);
    put('99site.local.conf', '0');
    expect(await unattended()).toBe(false);
  });

  it("prefers the distribution's own database to one that a tool of another has left", async () => {
    const host = fixtureHost('rhel-9', { '/var/lib/dpkg/status': 'Package: a\nStatus: install ok installed\n\n' });
    expect((await collect(host)).data.manager).toBe('dnf');
  });
});

describe('the database kept in memory', () => {
  it('is read again once it changes, also when the size stays', async () => {
    const root = join(base, 'kept');
    mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
    const status = join(root, 'var/lib/dpkg/status');
    const put = (state: string) => writeFileSync(status, `Package: a\nStatus: ${state} ok installed\n\n`);
    const held = async () => (await collect(createHostRoot(root, signal))).data.held?.total;
    put('hold');
    expect(await held()).toBe(1);
    put('inst');
    utimesSync(status, new Date(), new Date());
    expect(await held()).toBe(0);
    put('hold');
    expect(await held()).toBe(1);
  });

  it('is not shown to one who may no longer read it', async () => {
    expect((await collect(fixtureHost('debian-12'))).data.installed).toBe(8);
    const closed = new FactError('permission_denied', '/var/lib/dpkg/status: EACCES');
    const host: HostRoot = { ...fixtureHost('debian-12'), withFile: () => Promise.reject(closed) };
    expect((await collect(host)).data.installed).toBeNull();
  });
});
