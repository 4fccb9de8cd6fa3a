import type { PackageRow } from '@telemcp/shared/facts/packages';
import { plainText } from '../plain-text.ts';

/** The package a directory of `/var/lib/pacman/local` stands for: `linux-6.11.5.arch1-1` is version `6.11.5.arch1-1` of linux. */
export function packageOfDirectory(directory: string): PackageRow | null {
  const release = directory.lastIndexOf('-');
  const version = release < 1 ? -1 : directory.lastIndexOf('-', release - 1);
  if (version < 1 || release === directory.length - 1 || release === version + 1) return null;
  return {
    name: plainText(directory.slice(0, version)),
    version: plainText(directory.slice(version + 1)),
    architecture: null,
    state: 'installed',
    held: false,
  };
}

/** The value of `%ARCH%` in a package's `desc` file. */
export function parseArchitecture(desc: string): string | null {
  const lines = desc.split('\n');
  const at = lines.findIndex((line) => line.trim() === '%ARCH%');
  return at < 0 ? null : plainText(lines[at + 1] ?? '') || null;
}
