import type { PackageRow } from '@telemcp/shared/facts/packages';
import { readParagraphs } from './paragraphs.ts';

/** One entry of dpkg's status file, as it is written there. */
export interface DpkgEntry {
  name: string;
  version: string | null;
  architecture: string | null;
  /** What is wanted: `install`, `hold`, `deinstall`, `purge`, `unknown`. */
  want: string;
  /** `ok`, or `reinstreq`: the package must be installed again. */
  flag: string;
  /** dpkg(1): `installed`, `config-files`, `half-installed`, `unpacked`, `half-configured`, `triggers-awaited` … */
  state: string;
}

/** The entries of a status file, and what is wrong with it. */
export interface DpkgStatus {
  entries: DpkgEntry[];
  /** Paragraphs that are no entry: no name, or no status of three words. */
  unreadable: number;
  cutOff: boolean;
}

/** `/var/lib/dpkg/status`, dpkg(1). Never throws. */
export function parseDpkgStatus(bytes: Buffer): DpkgStatus {
  const entries: DpkgEntry[] = [];
  let unreadable = 0;
  const isWhole = readParagraphs(bytes, ['Package:', 'Status:', 'Architecture:', 'Version:'], (values) => {
    const [name = null, status = null, architecture = null, version = null] = values;
    const [want, flag, state, ...more] = (status ?? '').split(' ');
    if (!name || !want || !flag || !state || more.length > 0) unreadable += 1;
    else entries.push({ name, version, architecture, want, flag, state });
  });
  return { entries, unreadable, cutOff: !isWhole };
}

/** Entries of packages whose files are on the host; of a removed one only its settings are left. */
export function toPackageRows(entries: readonly DpkgEntry[]): PackageRow[] {
  return entries
    .filter(({ state }) => state !== 'config-files' && state !== 'not-installed')
    .map(({ name, version, architecture, want, flag, state }) => ({
      name,
      version,
      architecture,
      state: flag === 'ok' ? state : `${state}, must be reinstalled`,
      held: want === 'hold',
    }));
}
