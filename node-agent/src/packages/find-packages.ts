import type { Missing } from '@telemcp/shared/envelope';
import type { PackageRow } from '@telemcp/shared/facts/packages';
import type { PackagesQuery } from '@telemcp/shared/routes';
import { FactError } from '../fact-error.ts';
import { createHostReader, type HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { readInstalled } from './installed-packages.ts';
import { createNamePattern } from './name-pattern.ts';
import { parseArchitecture } from './pacman-local.ts';

/** Installed packages of which the name matches, and where they were read. */
export interface FoundPackages {
  packages: PackageRow[];
  total: number;
  truncated: boolean;
  missing: readonly Missing[];
  source: string;
}

/** @throws {FactError} where the host's packages cannot be read at all */
export async function findPackages(host: HostRoot, { name, limit }: PackagesQuery): Promise<FoundPackages> {
  const files = createHostReader(host);
  const { place, packages } = await readInstalled(host, files);
  if (place === null) throw new FactError('unsupported', 'this host is an image without a package database');
  if (packages === null) {
    const why = files.missing.find(({ what }) => what === place.path);
    throw new FactError(why?.reason ?? 'not_found', why?.detail ?? `${place.path}: not there`);
  }
  const matches = createNamePattern(name ?? '*');
  const matching = packages.filter((row) => matches(row.name));
  const shown = matching.slice(0, limit);
  return {
    packages: place.format === 'pacman' ? await withArchitecture(files, place.path, shown) : shown,
    total: matching.length,
    truncated: shown.length < matching.length,
    missing: files.missing,
    source: `file:${place.path}`,
  };
}

/** pacman has it in a file per package: too many to read for all. */
function withArchitecture(files: HostReader, directory: string, rows: readonly PackageRow[]): Promise<PackageRow[]> {
  return Promise.all(
    rows.map(async (row) => {
      const desc = await files.text(`${directory}/${row.name}-${row.version}/desc`);
      return { ...row, architecture: desc === null ? null : parseArchitecture(desc) };
    }),
  );
}
