import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const POLICY = '/usr/sbin/policy-rc.d';

/** True where `installPackages` can work: Debian or a descendant of it, as root. */
export function canInstall(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get') || !existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/**
 * Installs Debian packages without starting the services they bring. Returns null, or apt's last words when it failed.
 * The lists are fetched only when apt cannot do with those it has.
 */
export function installPackages(packages: readonly string[]): string | null {
  // apt asks this script whether a service may be started (invoke-rc.d(8)); 101 is "no". One that stands is left alone.
  const ownPolicy = !existsSync(POLICY);
  const remove = () => rmSync(POLICY, { force: true });
  if (ownPolicy) {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    process.on('exit', remove);
    // Without a listener ctrl-C would end this process before it has removed the policy.
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
  }
  try {
    const install = ['install', '--yes', '--no-install-recommends', ...packages];
    if (apt(install) === null) return null;
    return apt(['update']) ?? apt(install);
  } finally {
    if (ownPolicy) remove();
  }
}

function apt(args: readonly string[]): string | null {
  const run = spawnSync('apt-get', ['--quiet', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status === 0) return null;
  const words = `${run.stdout ?? ''}\n${run.stderr ?? ''}\n${run.error?.message ?? ''}`.trim().split('\n');
  return words.slice(-5).join('\n');
}
