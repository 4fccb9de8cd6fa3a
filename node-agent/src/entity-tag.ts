import { createHash } from 'node:crypto';

/** A strong entity tag (RFC 9110 §8.8.3): bodies that differ in one byte have different ones. */
export function entityTagOf(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url')}"`;
}

/**
 * Whether a request's If-None-Match (RFC 9110 §13.1.2) names what would be sent, so that 304 is the answer: `*`, or a list that
 * holds the tag, weak or strong. A header that is no such list is ignored.
 */
export function isAlreadyKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  const header = ifNoneMatch?.trim() ?? '';
  if (header === '*') return true;
  // One element with what parts it from the next; empty elements are allowed (RFC 9110 §5.6.1).
  const element = /[\t ]*(?:(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")[\t ]*)?(?:,|$)/y;
  let isNamed = false;
  while (element.lastIndex < header.length) {
    const match = element.exec(header);
    if (match === null) return false;
    isNamed ||= match[1] === tag;
  }
  return isNamed;
}
