import type { PackageRow } from '@telemcp/shared/facts/packages';
import { readParagraphs } from './paragraphs.ts';

/** What the letters of the `f:` field say of a package that apk could not install completely. */
const BROKEN: Readonly<Record<string, string>> = { f: 'broken files', s: 'broken script', x: 'broken attributes' };

/** The packages of `/lib/apk/db/installed`, and what is wrong with the file. */
export interface ApkInstalled {
  packages: PackageRow[];
  /** Paragraphs without a name. */
  unreadable: number;
  cutOff: boolean;
}

/** The installed database of apk-tools, version 2 and 3: paragraphs of one-letter fields. Never throws. */
export function parseApkInstalled(bytes: Buffer): ApkInstalled {
  const packages: PackageRow[] = [];
  let unreadable = 0;
  const isWhole = readParagraphs(bytes, ['P:', 'V:', 'A:', 'f:'], (values) => {
    const [name = null, version = null, architecture = null, flags = null] = values;
    if (!name) {
      unreadable += 1;
      return;
    }
    const faults = [...(flags ?? '')].flatMap((letter) => BROKEN[letter] ?? []);
    const state = faults.length === 0 ? 'installed' : faults.join(', ');
    packages.push({ name, version, architecture, state, held: false });
  });
  return { packages, unreadable, cutOff: !isWhole };
}
