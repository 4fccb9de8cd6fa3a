import type { OsFacts } from '@telemcp/shared/facts/os';
import { attempt } from '../attempt.ts';
import type { HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { parseTaints } from './kernel-taints.ts';

type KernelSecurity = Pick<OsFacts, 'selinux' | 'apparmor' | 'secureBoot' | 'fips' | 'lockdown' | 'taints'>;

const FIPS = '/proc/sys/crypto/fips_enabled';
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
    files.line(FIPS),
    files.names('/proc/sys'),
    // Root's alone to read, where securityfs is mounted: no answer is no finding.
    attempt(host.readText('/sys/kernel/security/lockdown')),
    files.line('/proc/sys/kernel/tainted'),
    attempt(host.readBytes(SECURE_BOOT, { maxBytes: 64 })),
  ]);
  const couldNotRead = (path: string) => files.missing.some(({ what }) => what === path);
  const taintWords = parseTaints(taints ?? '');
  if (taintWords === null) {
    if (!couldNotRead('/proc/sys/kernel/tainted'))
      files.missing.push({ what: '/proc/sys/kernel/tainted', reason: 'not_found', detail: taints });
  }
  return {
    selinux: selinuxMode(enforce, fsNames),
    apparmor: apparmor !== null ? apparmor === 'Y' : hasNoAppArmor(modules) ? false : null,
    secureBoot: secureBoot.ok ? parseSecureBoot(secureBoot.value) : null,
    // A kernel without the switch has no such mode.
    fips: fips !== null ? fips === '1' : sysctls?.includes('kernel') && !couldNotRead(FIPS) ? false : null,
    lockdown: lockdown.ok ? parseLockdown(lockdown.value) : null,
    taints: taintWords ?? [],
  };
}

/** Built into the kernel, AppArmor shows among the modules whether it is on or off; its switch may still be unreadable. */
function hasNoAppArmor(modules: readonly string[] | null): boolean {
  return modules !== null && modules.length > 0 && !modules.includes('apparmor');
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
