import { type KeyObject, X509Certificate } from 'node:crypto';
import type { Certificate } from '@telemcp/shared/facts/certificates';
import { FactError } from '../fact-error.ts';
import { plainText } from '../plain-text.ts';
import { childrenOf, type DerNode, objectIdOf, octetsOf, readDer } from './der.ts';
import { readName } from './distinguished-name.ts';

/** What a certificate says of itself; the rest of a `Certificate` depends on where it was found. */
export type CertificateContents = Omit<
  Certificate,
  'path' | 'index' | 'sourceKind' | 'embeddedAt' | 'role' | 'inUse' | 'renewalHint'
>;

/** A certificate that was read, and how many alternative names were left out because there are more than 100 of a kind. */
export interface ReadCertificate {
  contents: CertificateContents;
  namesLeftOut: number;
}

const MAX_NAMES = 100;
const CURVE_BITS: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp256k1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp224r1: 224,
};

/**
 * Reads one X.509 certificate in DER (RFC 5280). Anything after it, such as OpenSSL's trust settings, is ignored.
 * @param now the time that `expired` and `expiresInSeconds` refer to
 * @throws {FactError} `parse_error`, which quotes nothing of the content
 */
export function readCertificate(der: Buffer, now: Date): ReadCertificate {
  const outer = readDer(der);
  const certificate = parse(outer.raw);
  const [body] = childrenOf(outer);
  const fields = body === undefined ? [] : childrenOf(body);
  // The version is left out of the encoding when it is 1 (RFC 5280 §4.1).
  const [, , issuerNode, , subjectNode] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (issuerNode === undefined || subjectNode === undefined) throw unreadable();
  const subject = readName(subjectNode);
  const names = readAlternativeNames(fields);
  const notBefore = certificate.validFromDate;
  const notAfter = certificate.validToDate;
  if (!isWritable(notBefore) || !isWritable(notAfter)) throw unreadable();
  const key = publicKeyOf(certificate);
  return {
    namesLeftOut: Math.max(0, names.dns.length - MAX_NAMES) + Math.max(0, names.ip.length - MAX_NAMES),
    contents: {
      subject: subject.text,
      commonName: subject.commonName,
      organizations: subject.organizations,
      issuer: readName(issuerNode).text,
      serialNumber: certificate.serialNumber.slice(0, 80),
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
      ...validityAt(notBefore, notAfter, now),
      isCa: certificate.ca,
      selfSigned: issuerNode.raw.equals(subjectNode.raw) && isSignedBy(certificate, key),
      ...describeKey(key),
      dnsNames: names.dns.slice(0, MAX_NAMES),
      ipAddresses: names.ip.slice(0, MAX_NAMES),
      fingerprintSha256: certificate.fingerprint256.replaceAll(':', ''),
    },
  };
}

/** What a certificate's dates mean at a moment. */
export function validityAt(
  notBefore: Date,
  notAfter: Date,
  now: Date,
): Pick<Certificate, 'expiresInSeconds' | 'expired' | 'notYetValid'> {
  return {
    expiresInSeconds: Math.floor((notAfter.getTime() - now.getTime()) / 1000),
    expired: now > notAfter,
    notYetValid: now < notBefore,
  };
}

/** Whether RFC 3339 can write it: four digits are all it has for a year. Damaged bytes decode to any date there is. */
function isWritable(date: Date): boolean {
  return !Number.isNaN(date.getTime()) && /^\d{4}-/.test(date.toISOString());
}

function parse(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw unreadable();
  }
}

/** Null for an algorithm that this OpenSSL does not know; the certificate's dates are worth having all the same. */
function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey;
  } catch {
    return null;
  }
}

function isSignedBy(certificate: X509Certificate, key: KeyObject | null): boolean {
  try {
    return key !== null && certificate.verify(key);
  } catch {
    return false;
  }
}

function describeKey(key: KeyObject | null): Pick<Certificate, 'keyAlgorithm' | 'keyBits' | 'curve'> {
  const details = key?.asymmetricKeyDetails;
  const curve = details?.namedCurve ?? null;
  return {
    keyAlgorithm: key?.asymmetricKeyType ?? 'unknown',
    keyBits: details?.modulusLength ?? (curve === null ? null : (CURVE_BITS[curve] ?? null)),
    curve,
  };
}

/** The names of the subjectAltName extension (RFC 5280 §4.2.1.6), read from DER since Node's own text form quotes and mixes them. */
function readAlternativeNames(fields: readonly DerNode[]): { dns: string[]; ip: string[] } {
  const found: { dns: string[]; ip: string[] } = { dns: [], ip: [] };
  const [list] = fields.filter((field) => field.tag === 0xa3).flatMap(childrenOf);
  for (const extension of list === undefined ? [] : childrenOf(list)) {
    const parts = childrenOf(extension);
    const value = parts.at(-1);
    if (objectIdOf(parts[0]) !== '2.5.29.17' || value === undefined) continue;
    for (const name of childrenOf(readDer(octetsOf(value)))) {
      if (name.tag === 0x82) found.dns.push(plainText(name.content.toString('latin1'), 253));
      if (name.tag === 0x87) found.ip.push(...addressOf(name.content));
    }
  }
  return found;
}

function addressOf(bytes: Buffer): string[] {
  if (bytes.length === 4) return [bytes.join('.')];
  if (bytes.length !== 16) return [];
  const groups = bytes.toString('hex').match(/.{4}/g)?.join(':');
  // The URL parser writes IPv6 in its canonical short form (RFC 5952).
  return [new URL(`http://[${groups}]/`).hostname.slice(1, -1)];
}

function unreadable(): FactError {
  return new FactError('parse_error', 'not an X.509 certificate');
}
