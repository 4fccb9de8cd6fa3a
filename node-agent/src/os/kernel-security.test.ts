import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { parseLockdown, parseSecureBoot, readKernelSecurity } from './kernel-security.ts';

async function read(overrides: Parameters<typeof fixtureHost>[1]) {
  const host = fixtureHost('rhel-9', overrides);
  const files = createHostReader(host);
  return { security: await readKernelSecurity(host, files), missing: files.missing };
}

it.each([
  ['none [integrity] confidentiality', 'integrity'],
  ['[none] integrity confidentiality', 'none'],
  ['none', null],
  ['', null],
])('lockdown %j is %s', (text, mode) => {
  expect(parseLockdown(text)).toBe(mode);
});

it.each([
  [[6, 0, 0, 0, 1], true],
  [[6, 0, 0, 0, 0], false],
  [[6, 0, 0, 0, 2], null],
  [[6, 0, 0, 0], null],
  [[], null],
])('EFI variable %j: secure boot %s', (bytes, expected) => {
  expect(parseSecureBoot(Uint8Array.from(bytes))).toBe(expected);
});

describe('readKernelSecurity', () => {
  it('tells permissive from enforcing', async () => {
    expect((await read({ '/sys/fs/selinux/enforce': '0' })).security.selinux).toBe('permissive');
  });

  it('does not call SELinux or AppArmor off when /sys cannot be seen', async () => {
    const { security } = await read({ '/sys/fs/selinux/enforce': null, '/sys/fs': null, '/sys/module': null });
    expect(security).toMatchObject({ selinux: null, apparmor: null });
  });

  it('does not call SELinux off when its directory is there with nothing in it', async () => {
    expect((await read({ '/sys/fs/selinux/enforce': null })).security.selinux).toBeNull();
  });

  it('does not call AppArmor or FIPS off when their switch is there and cannot be read', async () => {
    const closed = new FactError('permission_denied', 'EACCES');
    const apparmor = '/sys/module/apparmor/parameters/enabled';
    const fips = '/proc/sys/crypto/fips_enabled';
    const host = fixtureHost('debian-12', { [apparmor]: closed, [fips]: closed });
    const files = createHostReader(host);
    expect(await readKernelSecurity(host, files)).toMatchObject({ apparmor: null, fips: null });
    expect(files.missing.map(({ what }) => what).sort()).toEqual([fips, apparmor]);
  });

  it('takes an unreadable lockdown file as unknown, without a fuss', async () => {
    const closed = new FactError('permission_denied', 'EACCES');
    const { security, missing } = await read({ '/sys/kernel/security/lockdown': closed });
    expect(security.lockdown).toBeNull();
    expect(missing).toEqual([]);
  });
});
