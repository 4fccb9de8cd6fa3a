/** A certificate or revocation list found in PEM text. */
export interface PemBlock {
  kind: 'certificate' | 'revocation_list';
  /** Position among the certificates of the text, broken ones counted, from 0; for a revocation list among those. */
  index: number;
  der: Buffer;
}

/** What PEM text holds. Private keys are in none of these. */
export interface PemContents {
  blocks: PemBlock[];
  /** Why certificates or revocation lists could not be read; no content is quoted. */
  broken: string[];
  /** Whether there were complete blocks of other kinds, such as keys and parameters. */
  hasOthers: boolean;
}

const KINDS: Readonly<Record<string, PemBlock['kind']>> = {
  CERTIFICATE: 'certificate',
  'X509 CERTIFICATE': 'certificate',
  'TRUSTED CERTIFICATE': 'certificate',
  'X509 CRL': 'revocation_list',
};
const NAMES = { certificate: 'certificate', revocation_list: 'revocation list' } as const;

/** Whether bytes hold a line that starts a PEM block (RFC 7468). */
export function looksLikePem(bytes: Buffer): boolean {
  return bytes.includes('-----BEGIN ') || bytes.includes('-----END ');
}

/**
 * Splits PEM text (RFC 7468; lines may end in CRLF, text may stand between blocks) and keeps certificates and revocation
 * lists only: the body of any other block, a private key above all, is passed over without being decoded. Never throws.
 */
export function splitPem(bytes: Buffer): PemContents {
  const contents: PemContents = { blocks: [], broken: [], hasOthers: false };
  const counted = { certificate: 0, revocation_list: 0 };
  let open: { label: string; body: string[] } | null = null;

  const close = (problem: string | null) => {
    const kind = open === null ? undefined : KINDS[open.label];
    if (open === null || kind === undefined) {
      contents.hasOthers ||= open !== null && problem === null;
      open = null;
      return;
    }
    const index = counted[kind];
    counted[kind] += 1;
    const body = open.body.join('');
    open = null;
    const der = problem === null ? fromBase64(body) : null;
    if (der !== null) contents.blocks.push({ kind, index, der });
    else contents.broken.push(`${NAMES[kind]} ${index}: ${problem ?? 'not valid base64'}`);
  };

  for (const line of bytes.toString('latin1').split(/\r\n|\n|\r/)) {
    const boundary = /^-----(BEGIN|END) ([A-Z0-9 ]{1,60})-----\s*$/.exec(line);
    const label = boundary?.[2] ?? '';
    if (boundary === null) {
      if (open !== null && KINDS[open.label] !== undefined) open.body.push(line.trim());
    } else if (boundary[1] === 'BEGIN') {
      close('cut off before its end');
      open = { label, body: [] };
    } else if (open !== null) {
      close(open.label === label ? null : 'its end line is of another kind');
    } else if (KINDS[label] !== undefined) {
      contents.broken.push(`${NAMES[KINDS[label]]} ${counted[KINDS[label]]}: its begin line is missing or damaged`);
      counted[KINDS[label]] += 1;
    }
  }
  close('cut off before its end');
  return contents;
}

/** The bytes of strict base64 (RFC 4648 §4) without white space; null for anything else, where Node would skip what it cannot read. */
export function fromBase64(text: string): Buffer | null {
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  return Buffer.from(text, 'base64');
}
