import { plainText } from '../plain-text.ts';

/**
 * The assignments of os-release(5): one `NAME=value` a line, values quoted as a shell would, `#` comments. Later ones win;
 * lines that are something else are passed over.
 */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], plainText(unquote(match[2])));
  }
  return values;
}

function unquote(value: string): string {
  const quote = value[0];
  if (quote === "'" && value.endsWith("'")) return value.slice(1, -1);
  const isQuoted = quote === '"' && value.length > 1 && value.endsWith('"');
  return (isQuoted ? value.slice(1, -1) : value).replace(/\\([\\"'$`])/g, '$1');
}

/** Distributions whose whole system is replaced by a new image; their ids in os-release. */
const IMAGE_BASED_IDS = new Set(['bottlerocket', 'cos', 'flatcar', 'kairos', 'rhcos', 'scos', 'talos', 'ubuntu-core']);

/** Editions of Fedora and its kin that are made of images. */
const IMAGE_BASED_VARIANTS = new Set(['coreos', 'iot', 'kinoite', 'silverblue', 'bootc']);

/** Whether os-release names a system that is updated as an image. */
export function isImageBased(release: ReadonlyMap<string, string>): boolean {
  return IMAGE_BASED_IDS.has(release.get('ID') ?? '') || IMAGE_BASED_VARIANTS.has(release.get('VARIANT_ID') ?? '');
}
