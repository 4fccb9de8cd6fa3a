import type { PackageFacts, PackageRow } from '@telemcp/shared/facts/packages';
import { attempt } from '../attempt.ts';
import { FactError } from '../fact-error.ts';
import type { HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { isImageBased, parseOsRelease } from '../os/os-release.ts';
import { HOLD_FILES, parseHolds } from './holds.ts';
import { createNamePattern } from './name-pattern.ts';
import { type DatabasePlace, findDatabase, type PackageDatabase, readDatabase } from './package-database.ts';

export type Manager = PackageFacts['manager'];

/** Which packages a host is made of, and who manages them. */
export interface Installed {
  manager: Manager;
  imageBased: boolean;
  place: DatabasePlace | null;
  /** Null where the database could not be read: `files.missing` says why. */
  database: PackageDatabase | null;
  /** Every installed package, by name; null where the database could not be read. */
  packages: readonly PackageRow[] | null;
  /** Patterns that hold packages back outside of the database; null where that could not be seen, or there is no such thing. */
  holds: readonly string[] | null;
}

/** @throws {FactError} `not_found` on a host that is no image and has no database that this knows */
export async function readInstalled(host: HostRoot, files: HostReader): Promise<Installed> {
  const release = parseOsRelease(
    (await files.text('/etc/os-release')) ?? (await files.text('/usr/lib/os-release')) ?? '',
  );
  const family = [release.get('ID') ?? '', ...(release.get('ID_LIKE') ?? '').split(' ')];
  const imageBased = isImageBased(release) || (await files.exists('/run/ostree-booted'));
  const place = await findDatabase(host, family);
  if (place === null) {
    if (imageBased) return { manager: 'none', imageBased, place, database: null, packages: null, holds: null };
    throw new FactError('not_found', 'no package database of dpkg, rpm, apk or pacman', {
      hint: 'Mount /var/lib/dpkg, /var/lib/rpm or what the host has instead below the host root.',
    });
  }
  const manager = await findManager(files, place, family);
  const [read, holds] = await Promise.all([attempt(readDatabase(host, place)), readHolds(files, manager)]);
  if (!read.ok) {
    const { reason, message, hint } = read.error;
    files.missing.push({ what: place.path, reason, detail: hint === null ? message : `${message}. ${hint}` });
    return { manager, imageBased, place, database: null, packages: null, holds };
  }
  files.missing.push(...read.value.problems);
  return { manager, imageBased, place, database: read.value, packages: withHolds(read.value.packages, holds), holds };
}

/** What tells that a manager is there: several front ends of rpm may be, and are looked for in this order. */
export const MANAGER_MARKS: readonly { manager: Manager; paths: readonly string[] }[] = [
  { manager: 'apt', paths: ['/etc/apt/apt.conf.d', '/var/lib/apt/lists'] },
  { manager: 'tdnf', paths: ['/etc/tdnf/tdnf.conf'] },
  { manager: 'dnf', paths: ['/etc/dnf/dnf.conf'] },
  { manager: 'yum', paths: ['/etc/yum.conf'] },
  { manager: 'zypper', paths: ['/etc/zypp/zypp.conf', '/usr/etc/zypp/zypp.conf'] },
];

async function findManager(files: HostReader, { format }: DatabasePlace, family: readonly string[]): Promise<Manager> {
  if (format === 'apk' || format === 'pacman') return format;
  const isSuse = family.includes('suse') || family.includes('opensuse');
  for (const { manager, paths } of isSuse ? MANAGER_MARKS.toReversed() : MANAGER_MARKS) {
    if ((manager === 'apt') !== (format === 'dpkg')) continue;
    if ((await Promise.all(paths.map(files.exists))).includes(true)) return manager;
  }
  return format;
}

async function readHolds(files: HostReader, manager: Manager): Promise<string[] | null> {
  if (manager === 'apt' || manager === 'dpkg') return [];
  if (!isHolding(manager)) return null;
  const known = files.missing.length;
  const texts = await Promise.all(HOLD_FILES[manager].map(async (path) => ({ path, text: await files.text(path) })));
  const found = texts.flatMap(({ path, text }) => (text === null ? [] : parseHolds(path, text)));
  const wasRefused = files.missing.length > known;
  // apk and pacman always have theirs; the others come with the first lock.
  const mustExist = manager === 'apk' || manager === 'pacman';
  return wasRefused || (mustExist && texts.every(({ text }) => text === null)) ? null : found;
}

function isHolding(manager: Manager): manager is keyof typeof HOLD_FILES {
  return Object.hasOwn(HOLD_FILES, manager);
}

function withHolds(packages: readonly PackageRow[], holds: readonly string[] | null): readonly PackageRow[] {
  if (holds === null || holds.length === 0) return packages;
  const patterns = holds.map(createNamePattern);
  return packages.map((row) => (patterns.some((matches) => matches(row.name)) ? { ...row, held: true } : row));
}
