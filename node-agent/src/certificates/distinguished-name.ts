import { plainText } from '../plain-text.ts';
import { childrenOf, type DerNode, objectIdOf } from './der.ts';

/** The subject or issuer of a certificate. */
export interface DistinguishedName {
  /** On one line, most specific first, as RFC 4514 writes it: `CN=kubernetes-admin,O=system:masters`. */
  text: string;
  /** The most specific common name; null without one. */
  commonName: string | null;
  organizations: string[];
}

const MAX_TEXT = 512;
const MAX_VALUE = 256;
const MAX_ORGANIZATIONS = 20;

/** RFC 4514 §3, RFC 4519 and, for the mail address, RFC 2985. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.42': 'GN',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/**
 * Reads a Name (RFC 5280 §4.1.2.4). Values are cleaned of control and terminal characters.
 * @throws {FactError} `parse_error`
 */
export function readName(node: DerNode): DistinguishedName {
  const relative: string[] = [];
  const commonNames: string[] = [];
  const organizations: string[] = [];
  for (const set of childrenOf(node)) {
    const parts: string[] = [];
    for (const attribute of childrenOf(set)) {
      const [type, value] = childrenOf(attribute);
      const id = objectIdOf(type);
      const known = value === undefined ? '' : textOf(value);
      const text = plainText(known ?? `#${value?.raw.subarray(0, MAX_VALUE).toString('hex')}`, MAX_VALUE);
      const name = SHORT_NAMES[id] ?? id;
      if (name === 'CN') commonNames.push(text);
      if (name === 'O') organizations.push(text);
      parts.push(`${name}=${known === null ? text : escaped(text)}`);
    }
    relative.push(parts.join('+'));
  }
  return {
    text: plainText(relative.toReversed().join(','), MAX_TEXT),
    commonName: commonNames.at(-1) || null,
    organizations: organizations.slice(0, MAX_ORGANIZATIONS),
  };
}

/** The characters of a DirectoryString or IA5String; null for anything else, which RFC 4514 writes in hexadecimal. */
function textOf(node: DerNode): string | null {
  switch (node.tag) {
    case 0x0c:
      return node.content.toString('utf8');
    case 0x12:
    case 0x13:
    case 0x14:
    case 0x16:
      return node.content.toString('latin1');
    case 0x1e:
      return new TextDecoder('utf-16be').decode(node.content);
    default:
      return null;
  }
}

function escaped(text: string): string {
  return text.replace(/[\\",+<>;]/g, '\\$&').replace(/^#/, '\\#');
}
