import { plainText } from '../plain-text.ts';

/** Files in which managers keep what must not be upgraded, besides dpkg, which has it in its database. */
export const HOLD_FILES = {
  apk: ['/etc/apk/world'],
  pacman: ['/etc/pacman.conf'],
  dnf: ['/etc/dnf/plugins/versionlock.list', '/etc/dnf/versionlock.toml'],
  yum: ['/etc/yum/pluginconf.d/versionlock.list'],
  zypper: ['/etc/zypp/locks'],
} as const;

/** The names, or shell patterns over names, that a file of {@link HOLD_FILES} holds back. Never throws. */
export function parseHolds(path: string, text: string): string[] {
  const lines = text.split('\n').map((line) => line.slice(0, 1024).trim());
  const found = lines.flatMap((line) => (line.startsWith('#') ? [] : namesIn(path, line)));
  return [...new Set(found.map((name) => plainText(name)))].filter((name) => name !== '');
}

function namesIn(path: string, line: string): string[] {
  if (path === '/etc/apk/world') {
    // `name=1.0`, `name<2`, `name~1.2` bind a version; `name>1` only asks for a newer one, `name@edge` for a repository.
    const name = /^([^!=<>~@\s]+)(?:@[^=<>~\s]+)?[=<~]/.exec(line)?.[1];
    return name === undefined ? [] : [name];
  }
  if (path === '/etc/pacman.conf') return /^IgnorePkg\s*=\s*(.*)$/.exec(line)?.[1]?.split(/\s+/) ?? [];
  if (path === '/etc/zypp/locks') return /^solvable_name:\s*(\S+)$/.exec(line)?.slice(1) ?? [];
  if (path.endsWith('.toml')) return /^name\s*=\s*"([^"]*)"/.exec(line)?.slice(1) ?? [];
  // `name-epoch:version-release.arch`, `!` before one that is excluded, which holds back others than what is installed.
  const name = /^([^!\s].*)-[^-]+-[^-]+$/.exec(line)?.[1];
  return name === undefined ? [] : [name];
}
