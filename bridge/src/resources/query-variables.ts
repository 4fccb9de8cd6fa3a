/** A `$name` of a query, and where it stands. */
interface VariableUse {
  name: string;
  /** From 1, in the query's own text. */
  line: number;
  /** `duration` for one right behind a `[`, as in `[$range]`. */
  place: 'string' | 'duration' | 'elsewhere';
}

/** What of a query is not code: a filled-in value is safe in double quotes only, where it can be escaped. */
interface Piece {
  kind: 'code' | 'string' | 'raw' | 'comment' | 'unclosed';
  text: string;
  line: number;
}

/** PromQL and LogQL share these: strings of three quotes, and comments to the end of the line. */
const PIECES =
  /(?<string>"(?:[^"\\\n]|\\.)*")|(?<raw>'(?:[^'\\\n]|\\.)*'|`[^`]*`)|(?<comment>#[^\n]*)|(?<unclosed>["'`])|[^"'`#]+/g;
const NAME = /(\[\s*)?\$([a-z][a-z_]*)/g;

/** The variables that a query uses, in their order. `$` in raw strings is the query's own, as in templates of `line_format`. */
export function variablesOf(query: string): VariableUse[] {
  return piecesOf(query).flatMap(({ kind, text, line }) =>
    kind === 'code' || kind === 'string'
      ? [...text.matchAll(NAME)].map(
          ({ 1: bracket, 2: name = '', index }): VariableUse => ({
            name,
            line: line + newlines(text.slice(0, index)),
            place: kind === 'string' ? 'string' : bracket === undefined ? 'elsewhere' : 'duration',
          }),
        )
      : [],
  );
}

/** The line, from 1, of a quote that nothing closes; null when all are closed. */
export function unclosedQuote(query: string): number | null {
  return piecesOf(query).find(({ kind }) => kind === 'unclosed')?.line ?? null;
}

/** True when a query has nothing but comments and white space. */
export function isBlankQuery(query: string): boolean {
  return piecesOf(query).every(({ kind, text }) => kind === 'comment' || text.trim() === '');
}

/** The query with the values in place of its variables, escaped for the strings they stand in. */
export function fillVariables(query: string, values: ReadonlyMap<string, string>): string {
  return piecesOf(query)
    .map(({ kind, text }) => {
      if (kind !== 'code' && kind !== 'string') return text;
      return text.replace(NAME, (whole, bracket: string | undefined, name: string) => {
        const value = values.get(name);
        if (value === undefined) return whole;
        return `${bracket ?? ''}${kind === 'string' ? value.replace(/["\\]/g, '\\$&') : value}`;
      });
    })
    .join('');
}

function piecesOf(query: string): Piece[] {
  const pieces: Piece[] = [];
  let line = 1;
  for (const { 0: text, groups = {} } of query.matchAll(PIECES)) {
    const { string, raw, comment, unclosed } = groups;
    const kind = string ? 'string' : raw ? 'raw' : comment ? 'comment' : unclosed ? 'unclosed' : 'code';
    pieces.push({ kind, text, line });
    line += newlines(text);
  }
  return pieces;
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
