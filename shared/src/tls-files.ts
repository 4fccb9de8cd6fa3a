import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { SettingsError } from './settings.ts';

/** A file of PEM and the setting that names it. */
interface Place {
  setting: string;
  path: string;
}

/** The files one end of a TLS connection uses; null for what is not set. */
export interface TlsPlaces {
  /** The certificate, the chain after it. */
  cert: Place | null;
  /** Its key, without a passphrase. */
  key: Place | null;
  /** The authorities that the other end's certificate must come from. */
  ca: Place | null;
}

/** What the files hold: PEM, checked to be whole and to go together. */
export interface TlsMaterial {
  cert: string | null;
  key: string | null;
  ca: string | null;
}

/** The files, looked at when they are opened and whenever asked again. */
export interface TlsFiles {
  /** The last material that was whole. */
  current(): TlsMaterial;
  /**
   * Reads the files again. `changed` once for new material that is whole; `problems` once for what is not, such as a
   * certificate whose key has not been written yet: `current` is then as before. Null when there is nothing new.
   */
  look(): Promise<{ changed: TlsMaterial } | { problems: readonly string[] } | null>;
}

const PARTS = ['cert', 'key', 'ca'] as const;
type Part = (typeof PARTS)[number];
/** What a look found of one file: its text, or why there is none; null for a file that is not set. */
type Found = { text: string } | { problem: string } | null;
type Snapshot = Record<Part, Found>;

/**
 * Opens the files of one end. Content is compared, not times or inodes: Kubernetes replaces a secret by moving a symlink two
 * directories up.
 * @throws {SettingsError} naming every file that cannot be used, and why
 */
export async function openTlsFiles(places: TlsPlaces): Promise<TlsFiles> {
  let seen = await snapshotOf(places);
  const first = check(places, seen);
  if ('problems' in first) throw new SettingsError(first.problems);
  let { material } = first;
  return {
    current: () => material,
    look: async () => {
      const now = await snapshotOf(places);
      if (isSame(now, seen)) return null;
      seen = now;
      const checked = check(places, now);
      if ('problems' in checked) return checked;
      if (PARTS.every((part) => checked.material[part] === material[part])) return null;
      material = checked.material;
      return { changed: material };
    },
  };
}

/** When a certificate ends, as OpenSSL writes it, for logs; null where there is none. */
export function expiryOf(pem: string | null): string | null {
  return pem === null ? null : new X509Certificate(pem).validTo;
}

async function snapshotOf(places: TlsPlaces): Promise<Snapshot> {
  // One after the other: each holds a thread of four, for good if its file system hangs.
  const cert = await read(places.cert);
  const key = await read(places.key);
  return { cert, key, ca: await read(places.ca) };
}

async function read(place: Place | null): Promise<Found> {
  if (place === null) return null;
  try {
    return { text: await readFile(place.path, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read';
    return { problem: READ_ERRORS[code] ?? code };
  }
}

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
};

function isSame(a: Snapshot, b: Snapshot): boolean {
  const content = (found: Found) => (found === null ? '' : 'text' in found ? `text ${found.text}` : found.problem);
  return PARTS.every((part) => content(a[part]) === content(b[part]));
}

function check(places: TlsPlaces, snapshot: Snapshot): { material: TlsMaterial } | { problems: readonly string[] } {
  const problems: string[] = [];
  const say = (part: Part, words: string) => {
    const place = places[part];
    problems.push(`${place?.setting}: ${place?.path}: ${words}`);
  };
  const textOf = (part: Part): string | null => {
    const found = snapshot[part];
    if (found !== null && 'problem' in found) say(part, found.problem);
    return found !== null && 'text' in found ? found.text : null;
  };
  const material: TlsMaterial = { cert: textOf('cert'), key: textOf('key'), ca: textOf('ca') };
  const [certificate] = material.cert === null ? [] : certificatesOf(material.cert, (words) => say('cert', words));
  if (material.ca !== null) certificatesOf(material.ca, (words) => say('ca', words));
  const key = material.key === null ? null : keyOf(material.key, (words) => say('key', words));
  if (certificate !== undefined && key !== null && !certificate.checkPrivateKey(key))
    say('key', `is not the key of the certificate in ${places.cert?.path}`);
  if (problems.length === 0) {
    try {
      createSecureContext(optionsOf(material));
    } catch (error) {
      // Not the message: it could quote what it could not read.
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
      say(material.cert === null ? 'ca' : 'cert', `OpenSSL refuses it (${code})`);
    }
  }
  return problems.length === 0 ? { material } : { problems };
}

/** What `tls.connect`, `tls.createServer` and `createSecureContext` take; what is not set is left to their defaults. */
export function optionsOf({ cert, key, ca }: TlsMaterial): {
  minVersion: 'TLSv1.2';
  cert?: string;
  key?: string;
  ca?: string;
} {
  return {
    minVersion: 'TLSv1.2',
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(ca === null ? {} : { ca }),
  };
}

function certificatesOf(text: string, say: (words: string) => void): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const begun = text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  if (begun === 0) say('holds no certificate in PEM');
  // Half a file is what a look meets while it is being written.
  else if (blocks.length < begun) say('breaks off within a certificate');
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    say('holds a certificate that cannot be read');
    return [];
  }
}

function keyOf(text: string, say: (words: string) => void): KeyObject | null {
  try {
    return createPrivateKey(text);
  } catch {
    say(/ENCRYPTED/.test(text) ? 'the key has a passphrase; it must have none' : 'holds no private key in PEM');
    return null;
  }
}
