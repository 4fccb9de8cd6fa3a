import type { RevocationList } from '@telemcp/shared/facts/certificates';
import { FactError } from '../fact-error.ts';
import { childrenOf, readDer, timeOf } from './der.ts';
import { readName } from './distinguished-name.ts';

/**
 * Reads a certificate revocation list in DER (RFC 5280 §5.1). The revoked certificates are not looked at.
 * @param now a list is stale when its next update was due before
 * @throws {FactError} `parse_error`
 */
export function readRevocationList(der: Buffer, now: Date): Omit<RevocationList, 'path'> {
  const [body] = childrenOf(readDer(der));
  const fields = body === undefined ? [] : childrenOf(body);
  const [algorithm, issuer, thisUpdate, nextUpdate] = fields[0]?.tag === 0x02 ? fields.slice(1) : fields;
  const issued = timeOf(thisUpdate);
  if (algorithm?.tag !== 0x30 || issuer?.tag !== 0x30 || issued === null) {
    throw new FactError('parse_error', 'not an X.509 revocation list');
  }
  const due = timeOf(nextUpdate);
  return {
    issuer: readName(issuer).text,
    thisUpdate: issued.toISOString(),
    nextUpdate: due?.toISOString() ?? null,
    stale: due !== null && due < now,
  };
}
