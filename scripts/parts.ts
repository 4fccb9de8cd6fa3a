import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** A program of the machine that a suite runs against for real. */
interface Part {
  name: string;
  /** Commands, or absolute paths of files, that are all there when the part is. */
  shownBy: readonly string[];
  /** What to install on Debian and Ubuntu. */
  debian: readonly string[];
  /** True when only root can start it. */
  asRoot?: boolean;
}

/** Every real part that a suite may ask for. */
const PARTS = [
  {
    name: 'systemd',
    shownBy: ['systemd-nspawn', 'dbus-daemon', '/lib/systemd/systemd'],
    debian: ['systemd-container', 'dbus'],
    asRoot: true,
  },
  { name: 'prometheus', shownBy: ['prometheus'], debian: ['prometheus'] },
  { name: 'promtool', shownBy: ['promtool'], debian: ['prometheus'] },
  { name: 'alertmanager', shownBy: ['prometheus-alertmanager'], debian: ['prometheus-alertmanager'] },
  { name: 'node-exporter', shownBy: ['prometheus-node-exporter'], debian: ['prometheus-node-exporter'] },
  { name: 'chrony', shownBy: ['chronyd', 'chronyc'], debian: ['chrony'] },
  { name: 'nftables', shownBy: ['nft', 'unshare'], debian: ['nftables', 'util-linux'], asRoot: true },
  { name: 'iproute2', shownBy: ['ss'], debian: ['iproute2'] },
  { name: 'openssl', shownBy: ['openssl'], debian: ['openssl'] },
  { name: 'python3', shownBy: ['python3'], debian: ['python3'] },
  { name: 'strace', shownBy: ['strace'], debian: ['strace'] },
] as const satisfies readonly Part[];

export type PartName = (typeof PARTS)[number]['name'];

/** A part that cannot be used here. `packages` is empty where no package would help. */
export interface MissingPart {
  name: PartName;
  /** One sentence: what is not there, and the line that would install it. */
  why: string;
  packages: readonly string[];
}

/** Null when `name` can be used here. A suite passes this to `describe.skipIf`. */
export function missingPart(name: PartName): MissingPart | null {
  return missingParts().find((part) => part.name === name) ?? null;
}

/** The parts that cannot be used here. */
export function missingParts(): MissingPart[] {
  return PARTS.map(check).filter((part) => part !== null);
}

function check(part: Part & { name: PartName }): MissingPart | null {
  const absent = part.shownBy.filter((file) => !isThere(file));
  if (absent.length > 0) {
    const why = `${absent.join(', ')} not found; on Debian: apt-get install ${part.debian.join(' ')}`;
    return { name: part.name, why, packages: part.debian };
  }
  if (part.asRoot === true && process.getuid?.() !== 0) return { name: part.name, why: 'needs root', packages: [] };
  return null;
}

function isThere(file: string): boolean {
  // Debian keeps daemons in sbin, which is not in the PATH of an ordinary user.
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  const candidates = file.startsWith('/') ? [file] : directories.map((directory) => join(directory, file));
  return candidates.some(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
