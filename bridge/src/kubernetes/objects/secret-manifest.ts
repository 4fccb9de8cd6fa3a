import { secretMarker } from '../../redact.ts';

/**
 * A text with the content of every Secret that is written out in it as YAML hidden: manifests are kept in ConfigMaps, charts
 * and annotations. Of a document that says `kind: Secret`, all values below the `data:` or `stringData:` beside it are.
 */
export function hideSecretManifests(text: string): string {
  if (!KIND.test(text)) return text;
  return text.split(DOCUMENT_START).map(hideInDocument).join('');
}

const KIND = /^[ \t]*(?:- )*["']?kind["']?:[ \t]*["']?Secret["']?[ \t]*(?:#.*)?\r?$/m;
const DOCUMENT_START = /^(?=---)/m;
const PARTS = /^(?:- )*["']?(?:data|stringData)["']?:/;
const KEY = /^(["']?[\w.-]{1,253}["']?:)[ \t]*(.*)$/;
/** What leads to a value that stands on the next lines. */
const OPENING = /^(?:[|>][-+\d]*)?[ \t]*(?:#.*)?\r?$/;

function hideInDocument(document: string): string {
  const lines = document.split('\n');
  const columns = new Set(lines.flatMap((line) => (KIND.test(line) ? [columnOf(line)] : [])));
  // Of the part that is being hidden, and of the keys in it.
  let part: number | null = null;
  let keys: number | null = null;
  return lines
    .map((line) => {
      const column = columnOf(line);
      const text = line.trim();
      if (part !== null && (text === '' || text.startsWith('#') || column > part)) {
        if (text === '') return line;
        keys ??= text.startsWith('#') ? null : column;
        return hiddenLine(line, column === keys);
      }
      part = PARTS.test(text) && columns.has(column) ? column : null;
      keys = null;
      return part === null ? line : hiddenLine(line, true);
    })
    .join('\n');
}

/** The column of what a line says; the dash of a list is a part of the indent. */
function columnOf(line: string): number {
  return /^[ \t]*(?:- )*/.exec(line)?.[0].length ?? 0;
}

/** Names of what a Secret keeps are told, and nothing else of it. */
function hiddenLine(line: string, isKey: boolean): string {
  const column = columnOf(line);
  const text = line.slice(column);
  const [, key, value = ''] = (isKey ? KEY.exec(text) : null) ?? [];
  if (key === undefined) return line.slice(0, column) + secretMarker(text);
  return OPENING.test(value) ? line : `${line.slice(0, column)}${key} ${secretMarker(value)}`;
}
