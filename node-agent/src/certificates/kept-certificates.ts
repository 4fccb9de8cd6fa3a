import { hash } from 'node:crypto';
import { type ReadCertificate, readCertificate, validityAt } from './x509.ts';

/** Certificates kept, some 2 kB each: more than a node has, and not all of what a scan may come to. */
const MAX_KEPT = 512;

/** As `readCertificate`. */
export type DecodeCertificate = (der: Buffer, now: Date) => ReadCertificate;

/**
 * Decodes what it has not decoded lately, which takes a hundred times longer than to know it again: certificates stay for
 * months, and distributions put the same authorities behind every one they issue. A certificate is known by the hash of its
 * bytes, which are read anew each time, so nothing that changes is missed. What it says of the time is worked out anew.
 */
export function createKeptCertificates(decode: DecodeCertificate = readCertificate): DecodeCertificate {
  // In the order they were last asked for.
  const kept = new Map<string, ReadCertificate>();
  return (der, now) => {
    const key = hash('sha256', der, 'base64');
    const known = kept.get(key);
    const read = known ?? decode(der, now);
    kept.delete(key);
    kept.set(key, read);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break;
      kept.delete(oldest);
    }
    if (known === undefined) return read;
    const { notBefore, notAfter } = read.contents;
    return { ...read, contents: { ...read.contents, ...validityAt(new Date(notBefore), new Date(notAfter), now) } };
  };
}
