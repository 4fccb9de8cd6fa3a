/// <reference path="./node-forge.d.ts" />
import type { Reason } from '@telemcp/shared/envelope';
import { FactError } from '../fact-error.ts';
import { childrenOf, type DerNode, objectIdOf, octetsOf, readDer, smallIntegerOf } from './der.ts';

/** The certificates of a PKCS#12 file, and what of it could not be read. Its keys stay encrypted. */
export interface Pkcs12Contents {
  certificates: Buffer[];
  problems: { reason: Reason; detail: string }[];
}

/** Object identifiers of RFC 7292 and RFC 8018. */
const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  certBag: '1.2.840.113549.1.12.10.1.3',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  pbes2: '1.2.840.113549.1.5.13',
  pbeWithSha1And3Des: '1.2.840.113549.1.12.1.3',
  pbeWithSha1And40BitRc2: '1.2.840.113549.1.12.1.6',
} as const;

/** Rounds of key derivation per file. 2,048 is usual and costs about 10 ms; a file may ask for billions. */
const MAX_ROUNDS = 100_000;
const MAX_NESTING = 4;

/** Whether DER is the outer form of PKCS#12: a SEQUENCE of version 3 and a content of type data or signed data. */
export function looksLikePkcs12(outer: DerNode): boolean {
  const [version, content] = childrenOf(outer);
  return smallIntegerOf(version) === 3 && content?.tag === 0x30 && objectIdOf(childrenOf(content)[0]).startsWith(PKCS7);
}
const PKCS7 = '1.2.840.113549.1.7.';

/**
 * Reads the certificates of a PKCS#12 file (RFC 7292) that has no password or an empty one. Only the parts that hold
 * certificates are decrypted; key bags are not.
 * @throws {FactError} `parse_error`; `unsupported` when it is sealed with a public key
 */
export async function readPkcs12(bytes: Buffer): Promise<Pkcs12Contents> {
  const [, authSafe] = childrenOf(readDer(bytes));
  const contents: Pkcs12Contents = { certificates: [], problems: [] };
  const safe = contentOf(authSafe);
  if (safe.type !== OID.data) throw new FactError('unsupported', 'a PKCS#12 file sealed with a public key');
  let roundsLeft = MAX_ROUNDS;
  for (const part of childrenOf(readDer(octetsOf(safe.value)))) {
    const { type, value } = contentOf(part);
    if (type === OID.data) {
      collectBags(readDer(octetsOf(value)), contents.certificates, 0);
    } else if (type === OID.encryptedData) {
      const sealed = readSealed(value);
      roundsLeft -= sealed.rounds * sealed.passwords.length;
      if (roundsLeft < 0) {
        contents.problems.push({ reason: 'unsupported', detail: `more than ${MAX_ROUNDS} rounds of key derivation` });
        continue;
      }
      const bags = await unseal(sealed);
      if (bags === null) contents.problems.push({ reason: 'encrypted', detail: 'password-protected PKCS#12' });
      else collectBags(bags, contents.certificates, 0);
    } else {
      contents.problems.push({
        reason: 'unsupported',
        detail: 'a part of the PKCS#12 file is sealed with a public key',
      });
    }
  }
  return contents;
}

/** The type and the value of a ContentInfo: SEQUENCE of an object identifier and `[0]`. */
function contentOf(node: DerNode | undefined): { type: string; value: DerNode } {
  const [type, wrapped] = node === undefined ? [] : childrenOf(node);
  if (wrapped?.tag !== 0xa0) throw new FactError('parse_error', 'not a PKCS#12 file');
  return { type: objectIdOf(type), value: readDer(wrapped.content) };
}

interface Sealed {
  algorithm: string;
  parameters: DerNode;
  rounds: number;
  /** Null stands for no password at all, which the older derivation (RFC 7292 B.2) tells from an empty one. */
  passwords: readonly (string | null)[];
  ciphertext: Buffer;
}

function readSealed(encryptedData: DerNode): Sealed {
  const [, info] = childrenOf(encryptedData);
  const [, identifier, ciphertext] = info === undefined ? [] : childrenOf(info);
  const [algorithmNode, parameters] = identifier === undefined ? [] : childrenOf(identifier);
  if (parameters?.tag !== 0x30 || ciphertext === undefined) throw new FactError('parse_error', 'not a PKCS#12 file');
  const algorithm = objectIdOf(algorithmNode);
  const isPbes2 = algorithm === OID.pbes2;
  if (!isPbes2 && algorithm !== OID.pbeWithSha1And3Des && algorithm !== OID.pbeWithSha1And40BitRc2) {
    throw new FactError('unsupported', `PKCS#12 encrypted by algorithm ${algorithm}`);
  }
  const [derivation] = isPbes2 ? childrenOf(parameters) : [];
  const [, derivationParameters] = derivation === undefined ? [] : childrenOf(derivation);
  const [, rounds] = childrenOf(derivationParameters ?? parameters);
  return {
    algorithm,
    parameters,
    // A number out of range counts as too many.
    rounds: smallIntegerOf(rounds) ?? MAX_ROUNDS + 1,
    passwords: isPbes2 ? [''] : ['', null],
    ciphertext: octetsOf(ciphertext),
  };
}

/** The SafeContents under the first password that fits; null when none does. */
async function unseal(sealed: Sealed): Promise<DerNode | null> {
  // 2.5 MB of memory that most hosts never need.
  const { default: forge } = await import('node-forge');
  for (const password of sealed.passwords) {
    try {
      const parameters = forge.asn1.fromDer(sealed.parameters.raw.toString('latin1'));
      const cipher = forge.pki.pbe.getCipher(sealed.algorithm, parameters, password);
      cipher.update(forge.util.createBuffer(sealed.ciphertext.toString('latin1')));
      if (!cipher.finish()) continue;
      const bags = readDer(Buffer.from(cipher.output.getBytes(), 'latin1'));
      // Under a wrong password the padding fits once in 256 times; the plain text then is no list of bags.
      if (bags.tag === 0x30 && childrenOf(bags).every((bag) => objectIdOf(childrenOf(bag)[0]) !== '')) return bags;
    } catch {
      // A wrong password shows as any kind of error.
    }
  }
  return null;
}

function collectBags(safeContents: DerNode, certificates: Buffer[], nesting: number): void {
  for (const bag of childrenOf(safeContents)) {
    const [type, value] = childrenOf(bag);
    const id = objectIdOf(type);
    if (id === OID.safeContentsBag && value !== undefined && nesting < MAX_NESTING) {
      collectBags(readDer(value.content), certificates, nesting + 1);
    }
    if (id !== OID.certBag || value === undefined) continue;
    const [kind, wrapped] = childrenOf(readDer(value.content));
    if (objectIdOf(kind) === OID.x509Certificate && wrapped !== undefined) {
      certificates.push(octetsOf(readDer(wrapped.content)));
    }
  }
}
