import * as z from 'zod';
import { FactError } from '../fact-error.ts';
import { plainText } from '../plain-text.ts';
import { fromBase64 } from './pem.ts';

/** The parts of a kubeconfig that concern certificates. Client keys are never decoded. */
export interface Kubeconfig {
  /** PEM text held in the file, one entry per `*-data` field; it may hold several certificates. */
  embedded: { embeddedAt: string; pem: Buffer }[];
  /** Certificates in files of their own; a relative path starts at the kubeconfig's directory. */
  references: { embeddedAt: string; path: string }[];
  broken: { embeddedAt: string; detail: string }[];
}

/** The fields `certificate-authority`, `client-certificate` and their `-data` forms, and where each one sits. */
const SECTIONS = [
  { list: 'clusters', item: 'cluster', field: 'certificate-authority' },
  { list: 'users', item: 'user', field: 'client-certificate' },
] as const;

/** The parser may take seconds per megabyte of hostile text, and nothing else runs meanwhile. */
const MAX_BYTES = 256 * 1024;
const Text = z.string().min(1).optional().catch(undefined);
const Entries = z.array(z.unknown()).catch([]);
const Entry = z.object({
  name: z.coerce.string().catch(''),
  // Unknown fields are dropped here: `client-key-data` and `token` go no further.
  cluster: z.object({ 'certificate-authority': Text, 'certificate-authority-data': Text }).optional().catch(undefined),
  user: z.object({ 'client-certificate': Text, 'client-certificate-data': Text }).optional().catch(undefined),
});

/** Whether text is meant as a kubeconfig, in YAML or JSON, also when it is damaged. */
export function looksLikeKubeconfig(text: string): boolean {
  return /(?:^|[\s{,])["']?(?:kind["']?\s*:\s*["']?Config\b|(?:certificate-authority|client-certificate)(?:-data)?["']?\s*:)/.test(
    text,
  );
}

/**
 * Reads a kubeconfig (kind Config, v1), in YAML or JSON.
 * @throws {FactError} `parse_error` when it is not valid YAML, `too_large` above 256 KiB; neither quotes the text
 */
export async function parseKubeconfig(text: string): Promise<Kubeconfig> {
  if (text.length > MAX_BYTES) throw new FactError('too_large', `a kubeconfig of more than ${MAX_BYTES} bytes`);
  const document = z.object({ clusters: Entries, users: Entries }).safeParse(await parseYaml(text));
  if (!document.success) throw new FactError('parse_error', 'not a kubeconfig');
  const found: Kubeconfig = { embedded: [], references: [], broken: [] };
  for (const { list, item, field } of SECTIONS) {
    for (const [position, value] of document.data[list].entries()) {
      const entry = Entry.safeParse(value).data;
      if (entry === undefined) {
        found.broken.push({ embeddedAt: `${list}[${position}]`, detail: 'not a mapping' });
        continue;
      }
      const at = `${list}[${plainText(entry.name, 100) || position}].${field}`;
      const section: Record<string, string | undefined> = entry[item] ?? {};
      const data = section[`${field}-data`];
      const path = section[field];
      // Inline data wins over a file, as in client-go.
      if (data !== undefined) {
        const pem = fromBase64(data.replace(/\s+/g, ''));
        if (pem === null) found.broken.push({ embeddedAt: `${at}-data`, detail: 'not valid base64' });
        else found.embedded.push({ embeddedAt: `${at}-data`, pem });
      } else if (path !== undefined) found.references.push({ embeddedAt: at, path });
    }
  }
  return found;
}

/** The parser's own messages quote the line at fault, which may hold a key or a token: only its number is passed on. */
async function parseYaml(text: string): Promise<unknown> {
  // Loaded by the first kubeconfig: most hosts have none. Its names are not importable one by one from the bundle.
  const { parse, YAMLParseError } = (await import('yaml')).default;
  try {
    // Looking for repeated keys takes quadratic time; aliases could multiply the text.
    return parse(text, { logLevel: 'error', uniqueKeys: false, maxAliasCount: 50 });
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    throw new FactError('parse_error', `not valid YAML${line === undefined ? '' : `, line ${line}`}`);
  }
}
