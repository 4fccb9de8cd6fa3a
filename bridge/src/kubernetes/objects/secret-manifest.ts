import { secretMarker } from '../../redact.ts';

/**
 * A text with the content of every Secret that is written out in it as YAML hidden: manifests are kept in ConfigMaps, charts
 * and annotations. A document that has `kind: Secret` has all below a `data:` or `stringData:` beside it hidden, in whatever
 * form it is written there.
 */
export function hideSecretManifests(text: string): string {
  if (!KIND.test(text)) return text;
  return text.split(DOCUMENT_END).map(hideInDocument).join('');
}

const KIND = /^[ \t]*(?:- )?["']?kind["']?:[ \t]*["']?Secret["']?[ \t]*(?:#.*)?$/m;
/** Documents with their `---`, which begins the next. */
const DOCUMENT_END = /^(?=---)/m;
const KEY = /^([ \t]*)((?:- )*)(["']?[\w.-]{1,64}["']?:)[ \t]*(.*)$/;

function hideInDocument(document: string): string {
  const lines = document.split('\n');
  const columns = new Set(lines.flatMap((line) => (KIND.test(line) ? [columnOf(line)] : [])));
  let hiding: number | null = null;
  return lines
    .map((line) => {
      const column = columnOf(line);
      // A list may stand in the column of its key.
      if (hiding !== null && (line.trim() === '' || column > hiding)) return hiddenLine(line);
      hiding = null;
      const [, indent = '', dashes = '', key = '', rest = ''] = KEY.exec(line) ?? [];
      if (!/^["']?(?:data|stringData)["']?:$/.test(key) || !columns.has(column)) return line;
      hiding = column;
      return rest === '' || rest.startsWith('#') ? line : `${indent}${dashes}${key} ${secretMarker(rest)}`;
    })
    .join('\n');
}

/** The column of a line's key; the dash of a list is a part of the indent. */
function columnOf(line: string): number {
  return /^[ \t]*(?:- )*/.exec(line)?.[0].length ?? 0;
}

/** Names of what a Secret keeps are told, the lines of values are not. */
function hiddenLine(line: string): string {
  const [, indent = '', dashes = '', key, rest = ''] = KEY.exec(line) ?? [];
  if (key === undefined) return line.trim() === '' ? line : `${/^\s*/.exec(line)?.[0] ?? ''}${secretMarker(line.trim())}`;
  return rest === '' ? line : `${indent}${dashes}${key} ${secretMarker(rest)}`;
}
