import type { OsFacts } from '@telemcp/shared/facts/os';
import type { HostReader } from '../host-reader.ts';
import { plainText } from '../plain-text.ts';
import type { RunDirectory } from '../run-directory.ts';
import { newerKernel } from './kernel-release.ts';

type RebootRequired = OsFacts['rebootRequired'];

/** What tells that a host waits for a restart. */
export interface RebootSigns {
  /** Name of the file in `/run` that says so; null where there is none. */
  sentinel: string | null;
  /** Contents of `/run/reboot-required.pkgs`. */
  packages: string | null;
  /** Whether this kind of host writes a sentinel and the whole of `/run` can be seen. */
  wouldSay: boolean;
  runningKernel: string;
  /** Kernels whose modules are installed; null where they cannot be seen. */
  installedKernels: readonly string[] | null;
}

/** Debian and Ubuntu write the first, SUSE the second. */
const SENTINELS = ['reboot-required', 'reboot-needed'] as const;
const STAGED_DEPLOYMENT = 'ostree/staged-deployment';

/** Puts the signs together; `why` says what was found, or what was looked at in vain. Null: nothing on this host says either way. */
export function decideReboot(signs: RebootSigns): RebootRequired {
  const packages = [...new Set((signs.packages ?? '').split('\n').map((line) => plainText(line)))]
    .filter((name) => name !== '')
    .sort();
  const { runningKernel, installedKernels } = signs;
  const newer = installedKernels === null ? null : newerKernel(runningKernel, installedKernels);
  const reasons = [
    ...(signs.sentinel === null ? [] : [`sentinel file /run/${signs.sentinel}`]),
    ...(newer === null ? [] : [`newer kernel installed: ${newer}`]),
  ];
  if (reasons.length > 0) return { required: true, why: reasons.join('; '), packages };
  const clear = [
    ...(signs.wouldSay ? ['no sentinel file'] : []),
    ...(installedKernels?.includes(runningKernel) === true ? ['the newest installed kernel runs'] : []),
  ];
  if (clear.length > 0) return { required: false, why: clear.join('; '), packages };
  return { required: null, why: null, packages };
}

/** What makes Debian and Ubuntu write their sentinel; a Debian without these never does. */
const DEBIAN_HOOKS = [
  '/etc/kernel/postinst.d/unattended-upgrades',
  '/etc/kernel/postinst.d/update-notifier',
  '/usr/share/update-notifier/notify-reboot-required',
];

async function writesSentinel(files: HostReader, family: readonly string[]): Promise<boolean> {
  // libzypp itself writes SUSE's.
  if (family.includes('suse') || family.includes('opensuse')) return true;
  if (!family.includes('debian')) return false;
  return (await Promise.all(DEBIAN_HOOKS.map(files.exists))).includes(true);
}

/** @param family - `ID` and `ID_LIKE` of os-release */
export async function readRebootSigns(
  files: HostReader,
  run: RunDirectory,
  runningKernel: string,
  family: readonly string[],
): Promise<RebootSigns> {
  const [packages, staged, installedKernels, wouldSay] = await Promise.all([
    run.hasFile('reboot-required.pkgs') ? files.text('/run/reboot-required.pkgs') : null,
    run.has('ostree') ? files.exists(`/run/${STAGED_DEPLOYMENT}`) : false,
    readInstalledKernels(files),
    run.isWhole && writesSentinel(files, family),
  ]);
  return {
    sentinel: SENTINELS.find((name) => run.hasFile(name)) ?? (staged ? STAGED_DEPLOYMENT : null),
    packages,
    wouldSay,
    runningKernel,
    installedKernels,
  };
}

/** Releases with a module index or an image; removed kernels often leave their directory behind. */
async function readInstalledKernels(files: HostReader): Promise<string[] | null> {
  for (const base of ['/lib/modules', '/usr/lib/modules']) {
    const names = await files.names(base);
    if (names === null) continue;
    const releases = names.filter((name) => /^\d[\w.+~-]*$/.test(name));
    const kept = await Promise.all(
      releases.map(async (name) => {
        const content = await files.names(`${base}/${name}`);
        return content?.some((entry) => entry === 'modules.dep' || entry === 'vmlinuz') === true;
      }),
    );
    return releases.filter((_, index) => kept[index]);
  }
  return null;
}
