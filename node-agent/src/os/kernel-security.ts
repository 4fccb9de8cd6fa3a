import type { OsFacts } from '@telemcp/shared/facts/os';
import { attempt } from '../attempt.ts';
import type { HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { parseTaints } from './kernel-taints.ts';

type KernelSecurity = Pick<OsFacts, 'selinux' | 'apparmor' | 'secureBoot' | 'fips' | 'lockdown' | 'taints'>;

const SECURE_BOOT = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/**
 * The kernel's security switches. What a kernel was built without is off, but only where the place it would show in can be
 * seen. Lockdown and Secure Boot are null on hosts that have no such thing.
 */
export async function readKernelSecurity(host: HostRoot, files: HostReader): Promise<KernelSecurity> {
  const [enforce, fsNames, apparmor, modules, fips, sysctls, lockdown, taints, secureBoot] = await Promise.all([
    files.line('/sys/fs/selinux/enforce'),
    files.names('/sys/fs'),
    files.line('/sys/module/apparmor/parameters/enabled'),
    files.names('/sys/module'),
    files.line('/proc/sys/crypto/fips_enabled'),
    files.names('/proc/sys'),
    // Root's alone to read, where securityfs is mounted: no answer is no finding.
    attempt(host.readText('/sys/kernel/security/lockdown')),
    files.line('/proc/sys/kernel/tainted'),
    attempt(host.readBytes(SECURE_BOOT, { maxBytes: 64 })),
  ]);
  const taintWords = parseTaints(taints ?? '');
  if (taintWords === null) {
    const known = files.missing.some(({ what }) => what === '/proc/sys/kernel/tainted');
    if (!known) files.missing.push({ what: '/proc/sys/kernel/tainted', reason: 'not_found', detail: taints });
  }
  return {
    selinux: selinuxMode(enforce, fsNames),
    apparmor: apparmor === null ? (modules !== null && modules.length > 0 ? false : null) : apparmor === 'Y',
    secureBoot: secureBoot.ok ? parseSecureBoot(secureBoot.value) : null,
    // A kernel without the switch has no such mode.
    fips: fips === null ? (sysctls?.includes('kernel') === true ? false : null) : fips === '1',
    lockdown: lockdown.ok ? parseLockdown(lockdown.value) : null,
    taints: taintWords ?? [],
  };
}

function selinuxMode(enforce: string | null, fsNames: readonly string[] | null): OsFacts['selinux'] {
  if (enforce === '1') return 'enforcing';
  if (enforce === '0') return 'permissive';
  // The kernel makes the directory when SELinux is on; it may be there with nothing mounted in it.
  return fsNames !== null && fsNames.length > 0 && !fsNames.includes('selinux') ? 'disabled' : null;
}

/** The mode in brackets: `none [integrity] confidentiality`. */
export function parseLockdown(text: string): string | null {
  return /\[([a-z]+)\]/.exec(text)?.[1] ?? null;
}

/** An EFI variable as efivarfs shows it: four bytes of attributes, then the value, here one byte. */
export function parseSecureBoot(bytes: Uint8Array): boolean | null {
  return bytes.length === 5 && (bytes[4] === 0 || bytes[4] === 1) ? bytes[4] === 1 : null;
}
