import type { Missing } from '@telemcp/shared/envelope';
import type { PackageFacts, PackageRow } from '@telemcp/shared/facts/packages';
import { attempt } from '../attempt.ts';
import { FactError } from '../fact-error.ts';
import type { HostRoot } from '../host-root.ts';
import { parseApkInstalled } from './apk-installed.ts';
import { parseDpkgStatus, toPackageRows } from './dpkg-status.ts';
import { packageOfDirectory } from './pacman-local.ts';
import { type RpmInstalled, readRpmDatabase } from './rpm-database.ts';

type Format = NonNullable<PackageFacts['database']>['format'];

/** Where a host keeps its package database. */
export interface DatabasePlace {
  format: Format;
  path: string;
  /** What the database is; `bdb` and `ndb` are rpm's other formats, which are not read. */
  kind: Format | 'bdb' | 'ndb';
}

/** What a package database says. */
export interface PackageDatabase {
  packages: readonly PackageRow[];
  /** Only rpm's own database knows. */
  newest: RpmInstalled['newest'];
  /** What in it could not be read. */
  problems: readonly Missing[];
}

const RPM_DIRECTORIES = ['/usr/lib/sysimage/rpm', '/var/lib/rpm', '/usr/share/rpm'] as const;

/** Every database this reads or can tell of, by its path; those of one format in the order they are tried. */
const PLACES: readonly DatabasePlace[] = [
  { format: 'dpkg', kind: 'dpkg', path: '/var/lib/dpkg/status' },
  ...RPM_DIRECTORIES.flatMap((directory): DatabasePlace[] => [
    { format: 'rpm', kind: 'rpm', path: `${directory}/rpmdb.sqlite` },
    { format: 'rpm', kind: 'ndb', path: `${directory}/Packages.db` },
    { format: 'rpm', kind: 'bdb', path: `${directory}/Packages` },
  ]),
  { format: 'apk', kind: 'apk', path: '/lib/apk/db/installed' },
  { format: 'apk', kind: 'apk', path: '/usr/lib/apk/db/installed' },
  { format: 'pacman', kind: 'pacman', path: '/var/lib/pacman/local' },
];

/** The directories of {@link PLACES}, for the mounts of a pod. */
export const DATABASE_PATHS = [
  ...RPM_DIRECTORIES,
  '/lib/apk/db',
  '/usr/lib/apk/db',
  '/var/lib/dpkg',
  '/var/lib/pacman',
];

const FORMAT_OF_FAMILY: Readonly<Record<string, Format>> = {
  debian: 'dpkg',
  ubuntu: 'dpkg',
  alpine: 'apk',
  wolfi: 'apk',
  arch: 'pacman',
  archarm: 'pacman',
  rhel: 'rpm',
  fedora: 'rpm',
  centos: 'rpm',
  suse: 'rpm',
  opensuse: 'rpm',
  amzn: 'rpm',
  azurelinux: 'rpm',
  mariner: 'rpm',
  photon: 'rpm',
};

/**
 * The host's own database. Tools of other distributions may have left theirs, too: the one that fits comes first.
 * @param family `ID` and `ID_LIKE` of os-release
 * @returns null where there is none
 * @throws {FactError} when one may be there and cannot be seen
 */
export async function findDatabase(host: HostRoot, family: readonly string[]): Promise<DatabasePlace | null> {
  const own = family.map((id) => FORMAT_OF_FAMILY[id]).find((format) => format !== undefined);
  const ranked = [...PLACES.filter(({ format }) => format === own), ...PLACES.filter(({ format }) => format !== own)];
  let closed: FactError | null = null;
  for (const place of ranked) {
    const found = await attempt(host.resolve(place.path));
    if (found.ok) return place;
    if (found.error.reason !== 'not_found') closed ??= found.error;
  }
  if (closed !== null) throw closed;
  return null;
}

/** Larger than the databases of hosts with tens of thousands of packages. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;
const UNREADABLE_RPM = { bdb: 'Berkeley DB', ndb: 'ndb' } as const;

/** The last database read, since reading it again costs more than everything else and it seldom changes. */
let last: { version: string; database: PackageDatabase } | null = null;

/**
 * Reads a database, or gives what was read of it last if it has not changed since.
 * @throws {FactError} `unsupported` for the formats of rpm that are not read, `parse_error`, or what the file system says
 */
export async function readDatabase(host: HostRoot, { kind, path }: DatabasePlace): Promise<PackageDatabase> {
  if (kind === 'pacman') return readPacman(host, path);
  if (kind === 'bdb' || kind === 'ndb') {
    throw new FactError('unsupported', `${path}: the ${UNREADABLE_RPM[kind]} format of rpm is not read`, {
      hint: 'Ask the host itself with rpm -qa: only the SQLite format of rpm 4.16 and later is read.',
    });
  }
  if (kind === 'rpm') return readRpm(host, path);
  return host.withFile(path, async (file) => {
    const version = `${path} ${file.version}`;
    if (last?.version === version) return last.database;
    if (file.sizeBytes > MAX_TEXT_BYTES) throw new FactError('too_large', `${path}: ${file.sizeBytes} bytes`);
    const bytes = await file.read(0, file.sizeBytes);
    return keep(version, kind === 'dpkg' ? fromDpkg(path, bytes) : fromApk(path, bytes));
  });
}

function keep(version: string, database: PackageDatabase): PackageDatabase {
  last = { version, database };
  return database;
}

function fromDpkg(path: string, bytes: Buffer): PackageDatabase {
  const { entries, ...faults } = parseDpkgStatus(bytes);
  return { packages: byName(toPackageRows(entries)), newest: null, problems: problemsOf(path, faults) };
}

function fromApk(path: string, bytes: Buffer): PackageDatabase {
  const { packages, ...faults } = parseApkInstalled(bytes);
  return { packages: byName(packages), newest: null, problems: problemsOf(path, faults) };
}

async function readPacman(host: HostRoot, path: string): Promise<PackageDatabase> {
  const directories = (await host.list(path)).filter((entry) => entry.isDirectory());
  const packages = directories.flatMap(({ name }) => packageOfDirectory(name) ?? []);
  const faults = { unreadable: directories.length - packages.length, cutOff: false };
  return { packages: byName(packages), newest: null, problems: problemsOf(path, faults) };
}

async function readRpm(host: HostRoot, path: string): Promise<PackageDatabase> {
  const version = await rpmVersion(host, path);
  if (last?.version === version) return last.database;
  const { packages, unreadable, newest } = await host.withFile(path, async (file) => {
    const withLog = await attempt(host.withFile(`${path}-wal`, (log) => readRpmDatabase(file, log)));
    if (withLog.ok) return withLog.value;
    if (withLog.error.reason !== 'not_found') throw withLog.error;
    return readRpmDatabase(file, null);
  });
  if ((await rpmVersion(host, path)) !== version) {
    const hint = 'Ask again once rpm is done.';
    throw new FactError('read_error', `${path}: changed while it was read`, { hint });
  }
  const problems = problemsOf(path, { unreadable, cutOff: false });
  return keep(version, { packages: byName(packages), newest, problems });
}

/** Of the file and its log: what rpm changes it writes to the log first. */
async function rpmVersion(host: HostRoot, path: string): Promise<string> {
  const file = await host.withFile(path, async ({ version }) => version);
  const log = await attempt(host.withFile(`${path}-wal`, async ({ version }) => version));
  return [path, file, log.ok ? log.value : ''].join(' ');
}

function problemsOf(what: string, { unreadable, cutOff }: { unreadable: number; cutOff: boolean }): Missing[] {
  const problem = (detail: string): Missing => ({ what, reason: 'parse_error', detail });
  return [
    ...(cutOff ? [problem('ends in the middle of a line: it may have been cut off')] : []),
    ...(unreadable > 0 ? [problem(`${unreadable} entries could not be read`)] : []),
  ];
}

function byName(packages: readonly PackageRow[]): PackageRow[] {
  return packages.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
