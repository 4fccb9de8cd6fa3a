import type { OsFacts } from '@telemcp/shared/facts/os';
import { attempt } from '../attempt.ts';
import { FactError } from '../fact-error.ts';
import type { HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { plainText } from '../plain-text.ts';
import type { RunDirectory } from '../run-directory.ts';
import { isImageBased, parseOsRelease } from './os-release.ts';

export type Distribution = OsFacts['distribution'] & { imageBased: boolean };

/** os-release(5): `/etc/os-release`, else `/usr/lib/os-release`. */
export async function readDistribution(files: HostReader): Promise<Distribution> {
  const text = (await files.text('/etc/os-release')) ?? (await files.text('/usr/lib/os-release'));
  if (text === null) {
    const detail = 'neither /etc/os-release nor /usr/lib/os-release is there';
    files.missing.push({ what: '/etc/os-release', reason: 'not_found', detail });
  }
  const release = parseOsRelease(text ?? '');
  const field = (name: string) => release.get(name) || null;
  return {
    id: field('ID'),
    idLike: (release.get('ID_LIKE') ?? '').split(' ').filter((id) => id !== ''),
    name: field('NAME'),
    prettyName: field('PRETTY_NAME'),
    versionId: field('VERSION_ID'),
    versionCodename: field('VERSION_CODENAME'),
    variantId: field('VARIANT_ID'),
    buildId: field('BUILD_ID'),
    imageId: field('IMAGE_ID'),
    imageVersion: field('IMAGE_VERSION'),
    supportEnd: field('SUPPORT_END'),
    imageBased: isImageBased(release),
  };
}

/** @throws {FactError} `not_found` when /proc does not say, which the rest of the family needs */
export async function readKernel(files: HostReader): Promise<OsFacts['kernel']> {
  const [release, version, banner, machine] = await Promise.all([
    files.line('/proc/sys/kernel/osrelease'),
    files.line('/proc/sys/kernel/version'),
    files.line('/proc/version'),
    // Since Linux 6.1.
    files.line('/proc/sys/kernel/arch'),
  ]);
  const running = release ?? /^Linux version (\S+)/.exec(banner ?? '')?.[1];
  if (running === undefined) throw noProc(files, '/proc/sys/kernel/osrelease');
  return {
    release: running,
    version: version ?? / (#\d.*)$/.exec(banner ?? '')?.[1] ?? null,
    machine: machine ?? MACHINES[process.arch] ?? null,
  };
}

/** What uname(2) calls the architectures Node runs on: the agent's own is its host's, except for 32-bit ones. */
const MACHINES: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  s390x: 's390x',
  ppc64: 'ppc64le',
  riscv64: 'riscv64',
  loong64: 'loongarch64',
};

type BootFacts = Pick<OsFacts, 'bootTime' | 'uptimeSeconds' | 'bootId'>;

/** @throws {FactError} `not_found` or `parse_error` when /proc/stat does not say */
export async function readBoot(files: HostReader, nowUnixSeconds: number): Promise<BootFacts> {
  const [stat, uptime, bootId] = await Promise.all([
    files.text('/proc/stat'),
    files.line('/proc/uptime'),
    files.line('/proc/sys/kernel/random/boot_id'),
  ]);
  if (stat === null) throw noProc(files, '/proc/stat');
  const bootedAt = Number(/^btime (\d{1,11})$/m.exec(stat)?.[1]);
  if (Number.isNaN(bootedAt)) throw new FactError('parse_error', '/proc/stat: no btime');
  const up = Number.parseFloat(uptime ?? '');
  return {
    bootTime: new Date(bootedAt * 1000).toISOString(),
    uptimeSeconds: up >= 0 ? up : Math.max(0, nowUnixSeconds - bootedAt),
    bootId,
  };
}

function noProc(files: HostReader, path: string): FactError {
  const known = files.missing.find(({ what }) => what === path);
  return new FactError(known?.reason ?? 'not_found', known?.detail ?? `${path}: not there`, {
    hint: 'Mount the /proc of the host below the host root.',
  });
}

/**
 * `/etc/hostname`; without it the kernel's name, but only where this process and the host's /proc share their process ids:
 * elsewhere /proc/sys/kernel/hostname answers with the reader's own, the container's.
 */
export async function readHostname(host: HostRoot, files: HostReader): Promise<string | null> {
  const text = await files.text('/etc/hostname');
  const named = text
    ?.split('\n')
    .map((line) => plainText(line))
    .find((line) => line !== '' && !line.startsWith('#'));
  if (named !== undefined) return named;
  const self = await attempt(host.resolve('/proc/self'));
  const isOwn = self.ok && self.value === `/proc/${process.pid}`;
  return isOwn ? files.line('/proc/sys/kernel/hostname') : null;
}

/** What runs the host: by its mark in /run, else by the name of process 1. Null when neither can be seen. */
export async function readInit(
  files: HostReader,
  run: RunDirectory,
  distributionId: string | null,
): Promise<OsFacts['init']> {
  if (distributionId === 'talos') return 'machined';
  if (run.has('openrc')) return 'openrc';
  const [hasSystemd, processName, inittab] = await Promise.all([
    run.has('systemd') && files.exists('/run/systemd/system'),
    files.line('/proc/1/comm'),
    files.text('/etc/inittab'),
  ]);
  if (hasSystemd || processName === 'systemd') return 'systemd';
  if (inittab !== null && processName === 'init') return inittab.includes('openrc') ? 'openrc' : 'sysvinit';
  return processName === null ? null : 'other';
}

/** By what is mounted at /sys/fs/cgroup (cgroups(7)). */
export async function readCgroupVersion(files: HostReader): Promise<OsFacts['cgroupVersion']> {
  const names = await files.names('/sys/fs/cgroup');
  if (names?.includes('cgroup.controllers') === true) return 'v2';
  if (names?.includes('unified') === true) return 'hybrid';
  return names?.some((name) => ['cpu', 'memory', 'systemd'].includes(name)) === true ? 'v1' : null;
}
