import { X509Certificate } from 'node:crypto';
import type { Reason } from '@telemcp/shared/envelope';
import type { Certificate } from '@telemcp/shared/facts/certificates';
import * as z from 'zod';
import { FactError } from '../fact-error.ts';
import { plainText } from '../plain-text.ts';
import { childrenOf, type DerNode, objectIdOf, readDer } from './der.ts';
import { looksLikeKubeconfig, parseKubeconfig } from './kubeconfig.ts';
import { fromBase64, looksLikePem, splitPem } from './pem.ts';
import { looksLikePkcs12, readPkcs12 } from './pkcs12.ts';
import { readRevocationList } from './revocation-list.ts';

type Place = Pick<Certificate, 'sourceKind' | 'embeddedAt'>;

/** A certificate in DER and where in its file it sits. */
export type LocatedCertificate = Place & { index: number; der: Buffer };

/** Everything a file holds, split into its parts but not yet decoded. */
export interface FileContents {
  certificates: LocatedCertificate[];
  revocationLists: Buffer[];
  errors: { embeddedAt: string | null; reason: Reason; detail: string }[];
  /** Files that a kubeconfig names. */
  references: { embeddedAt: string; path: string }[];
}

const KEYSTORE_MAGIC = ['feedfeed', 'cececece'];
const Secret = z.object({ data: z.record(z.string(), z.unknown()) });

/**
 * Finds the certificates and revocation lists in a file's bytes: PEM, DER, PKCS#12, a kubeconfig, or a Kubernetes Secret in
 * JSON. What kind it is shows in the content, not in the name.
 * @param expected whether the file should hold certificates, so that anything else in it is an error
 */
export async function readFileContents(bytes: Buffer, expected: boolean): Promise<FileContents> {
  const contents: FileContents = { certificates: [], revocationLists: [], errors: [], references: [] };
  try {
    if (!(await readKnownKind(bytes, contents)) && expected) {
      const detail = bytes.length === 0 ? 'the file is empty' : 'neither a certificate nor a kubeconfig';
      contents.errors.push({ embeddedAt: null, reason: 'parse_error', detail });
    }
  } catch (error) {
    if (!(error instanceof FactError)) throw error;
    contents.errors.push({ embeddedAt: null, reason: error.reason, detail: error.message });
  }
  return contents;
}

/** False when the bytes are of none of the kinds that can hold certificates. */
async function readKnownKind(bytes: Buffer, contents: FileContents): Promise<boolean> {
  if (KEYSTORE_MAGIC.includes(bytes.toString('hex', 0, 4))) {
    throw new FactError('unsupported', 'a Java keystore; convert it to PKCS#12 to have it read');
  }
  if (bytes[0] === 0x30 && (await readDerFile(bytes, contents))) return true;
  // NUL is in no PEM and no YAML, and searching binary files as text is slow.
  if (bytes.includes(0)) return false;
  const text = bytes.toString('utf8');
  if (looksLikeKubeconfig(text)) {
    await readKubeconfig(text, contents);
    return true;
  }
  if (/^\s*\{/.test(text) && readSecret(text, contents)) return true;
  if (!looksLikePem(bytes)) return false;
  return readPem(bytes, { sourceKind: 'file', embeddedAt: null }, contents);
}

function readPem(bytes: Buffer, place: Place, contents: FileContents): boolean {
  const pem = splitPem(bytes);
  const before = contents.certificates.length;
  for (const { kind, index, der } of pem.blocks) {
    if (kind === 'certificate') contents.certificates.push({ ...place, index: before + index, der });
    else contents.revocationLists.push(der);
  }
  for (const detail of pem.broken) {
    contents.errors.push({ embeddedAt: place.embeddedAt, reason: 'parse_error', detail });
  }
  return pem.hasOthers || pem.blocks.length > 0 || pem.broken.length > 0;
}

/** PEM in a field whose name says certificate: keys alone are an error there. */
function readEmbedded(pem: Buffer, place: Place, contents: FileContents): void {
  const before = contents.certificates.length + contents.errors.length;
  readPem(pem, place, contents);
  if (contents.certificates.length + contents.errors.length > before) return;
  contents.errors.push({ embeddedAt: place.embeddedAt, reason: 'parse_error', detail: 'holds no certificate' });
}

async function readKubeconfig(text: string, contents: FileContents): Promise<void> {
  const { embedded, references, broken } = await parseKubeconfig(text);
  for (const { embeddedAt, pem } of embedded) readEmbedded(pem, { sourceKind: 'kubeconfig', embeddedAt }, contents);
  contents.errors.push(
    ...broken.map(({ embeddedAt, detail }) => ({ embeddedAt, reason: 'parse_error' as const, detail })),
  );
  contents.references.push(...references);
}

/** A Secret as k3s keeps it in `dynamic-cert.json`: `data` maps names such as `tls.crt` to base64. Other names are not decoded. */
function readSecret(text: string, contents: FileContents): boolean {
  const secret = Secret.safeParse(parseJson(text)).data;
  const entries = Object.entries(secret?.data ?? {}).filter(([name]) => /\.(crt|pem|cer)$/i.test(name));
  for (const [name, value] of entries) {
    const embeddedAt = `data[${plainText(name, 100)}]`;
    const pem = typeof value === 'string' ? fromBase64(value) : null;
    readEmbedded(pem ?? Buffer.alloc(0), { sourceKind: 'json', embeddedAt }, contents);
  }
  return entries.length > 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error quotes the text, so it goes no further.
    return null;
  }
}

async function readDerFile(bytes: Buffer, contents: FileContents): Promise<boolean> {
  const outer = parseDer(bytes);
  if (outer === null) return false;
  if (looksLikePkcs12(outer)) {
    const { certificates, problems } = await readPkcs12(outer.raw);
    const place: Place = { sourceKind: 'pkcs12', embeddedAt: null };
    contents.certificates.push(...certificates.map((der, index) => ({ ...place, index, der })));
    contents.errors.push(...problems.map((problem) => ({ embeddedAt: null, ...problem })));
    return true;
  }
  if (succeeds(() => new X509Certificate(outer.raw))) {
    contents.certificates.push({ sourceKind: 'file', embeddedAt: null, index: 0, der: outer.raw });
    return true;
  }
  if (succeeds(() => readRevocationList(outer.raw, new Date(0)))) {
    contents.revocationLists.push(outer.raw);
    return true;
  }
  return isPrivateKey(outer);
}

/** PKCS#1, SEC 1 and PKCS#8 keys start with a version, encrypted PKCS#8 keys with an algorithm; a file of only keys is no error. */
function isPrivateKey(outer: DerNode): boolean {
  const [first, second] = childrenOf(outer);
  if (first?.tag === 0x02) return true;
  return first?.tag === 0x30 && second?.tag === 0x04 && objectIdOf(childrenOf(first)[0]) !== '';
}

function parseDer(bytes: Buffer): DerNode | null {
  try {
    const outer = readDer(bytes);
    childrenOf(outer);
    return outer;
  } catch {
    return null;
  }
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
