import { cleanText } from '../clean-text.ts';
import { parseDuration } from '../moment.ts';
import { isBlankQuery, unclosedQuote, variablesOf } from './query-variables.ts';

/** A file as it was read. */
export interface QueryFile {
  /** Its name in its directory, for example `pod-restarts.promql`. */
  file: string;
  text: string;
}

/** A query that is kept in a file, under the name of the file. */
export interface SavedQuery extends QueryFile {
  language: 'promql' | 'logql';
  title: string;
  description: string;
  /** Of its values, for example `bytes`; null where it has none or gives lines. */
  unit: string | null;
  /** The span it looks at unless told, for example `1h`; null for one moment, and for logs what the tool takes. */
  range: string | null;
  /** The values its variables have unless told, in the order of the file. */
  variables: ReadonlyMap<string, string>;
  /** Without the header, with its variables. */
  query: string;
}

/** The most that a file may hold: a query is one argument of a tool. */
export const MAX_QUERY_BYTES = 16_384;

const FILE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(?<language>promql|logql)$/;
const HEADER = /^#\s*(?<key>[a-z]+):\s*(?<value>.*?)\s*$/;
const LIMITS = { title: 80, description: 300, unit: 40, range: 20, variables: 500 } as const;
const KEYS = Object.keys(LIMITS);
const VARIABLE = /^(?<name>[a-z][a-z_]{0,30})=(?<preset>\S+)$/;
const MAX_VALUE = 200;
/** What would hide from a reader of the file. */
const INVISIBLE = /[^\P{Cc}\t\n\r]|\p{Cf}/u;

/**
 * Reads a saved query: lines `# title:`, `# description:`, `# unit:`, `# range:` and `# variables:`, then the query. Only the
 * first two must be there. Variables are `name=preset`, apart by spaces, and stand in the query as `$name` inside double
 * quotes; `[$range]` is the span. Of a file that is wrong it gives every mistake with its line.
 */
export function parseSavedQuery({ file, text }: QueryFile): SavedQuery | { problems: string[] } {
  const problems: string[] = [];
  const wrong = (line: number, problem: string) => problems.push(`${file}:${line}: ${problem}`);
  const language = languageOf(file);
  if (language === null)
    return { problems: [`${file}: the name must be of a-z, 0-9 and -, and end in .promql or .logql`] };
  const lines = text.replace(/\r\n/g, '\n').split('\n');
  const hidden = lines.findIndex((line) => INVISIBLE.test(line));
  if (hidden >= 0) return { problems: [`${file}:${hidden + 1}: an invisible character`] };

  const end = lines.findIndex((line) => !/^\s*(?:#|$)/.test(line));
  const start = end < 0 ? lines.length : end;
  const header = readHeader(lines.slice(0, start), wrong);
  const query = lines.slice(start).join('\n').trim();
  for (const key of ['title', 'description'] as const) if (!header.has(key)) wrong(1, `no line "# ${key}: …"`);
  const range = header.get('range');
  if (range !== undefined && parseDuration(range.value) === null)
    wrong(range.line, `${JSON.stringify(range.value)} is no time span; write it like 1h or 7d`);
  const variables = readVariables(header.get('variables'), wrong);
  if (isBlankQuery(query)) wrong(lines.length, 'no query after the header');
  checkVariables(query, { variables, hasRange: range !== undefined }, (line, problem) => wrong(start + line, problem));
  const used = new Set(variablesOf(query).map(({ name }) => name));
  for (const name of variables.keys())
    if (!used.has(name)) wrong(header.get('variables')?.line ?? 1, `variable ${name} is not in the query`);
  if (problems.length > 0) return { problems };
  return {
    file,
    text,
    language,
    title: header.get('title')?.value ?? '',
    description: header.get('description')?.value ?? '',
    unit: header.get('unit')?.value ?? null,
    range: range?.value ?? null,
    variables,
    query,
  };
}

/** The language that a file's name says; null for a name that no saved query may have. */
export function languageOf(file: string): 'promql' | 'logql' | null {
  const language = FILE_NAME.exec(file)?.groups?.language;
  return language === 'promql' || language === 'logql' ? language : null;
}

/** Why a text cannot be the value of a variable; null when it can. */
export function valueProblem(value: string): string | null {
  if (value.length > MAX_VALUE) return `is ${value.length} characters long; ${MAX_VALUE} are the most`;
  return /[\p{Cc}\p{Cf}]/u.test(value) ? 'has an invisible character' : null;
}

interface HeaderLine {
  value: string;
  line: number;
}
type Wrong = (line: number, problem: string) => void;

function readHeader(lines: readonly string[], wrong: Wrong): Map<string, HeaderLine> {
  const header = new Map<string, HeaderLine>();
  for (const [index, text] of lines.entries()) {
    const { key = '', value: written = '' } = HEADER.exec(text)?.groups ?? {};
    const line = index + 1;
    const value = cleanText(written);
    const limit = Object.entries(LIMITS).find(([known]) => known === key)?.[1];
    if (key === '') continue;
    if (limit === undefined) wrong(line, `no header ${JSON.stringify(key)}; there are ${KEYS.join(', ')}`);
    else if (header.has(key)) wrong(line, `a second ${key}; the first is in line ${header.get(key)?.line}`);
    else if (value === '') wrong(line, `${key} is empty`);
    else if (value.length > limit) wrong(line, `${key} is ${value.length} characters long; ${limit} are the most`);
    // One that is wrong is not missing as well.
    if (limit !== undefined && !header.has(key)) header.set(key, { value, line });
  }
  return header;
}

function readVariables(header: HeaderLine | undefined, wrong: Wrong): Map<string, string> {
  const variables = new Map<string, string>();
  if (header === undefined) return variables;
  for (const written of header.value.split(' ')) {
    const { name = '', preset = '' } = VARIABLE.exec(written)?.groups ?? {};
    const problem = valueProblem(preset);
    if (name === '') wrong(header.line, `${JSON.stringify(written)} is no variable; write it like namespace=.*`);
    else if (name === 'range') wrong(header.line, 'range is no variable; its preset is the line "# range: …"');
    else if (variables.has(name)) wrong(header.line, `variable ${name} twice`);
    else if (problem !== null) wrong(header.line, `the preset of ${name} ${problem}`);
    if (name !== '' && name !== 'range') variables.set(name, preset);
  }
  return variables;
}

function checkVariables(
  query: string,
  { variables, hasRange }: { variables: ReadonlyMap<string, string>; hasRange: boolean },
  wrong: Wrong,
): void {
  const open = unclosedQuote(query);
  if (open !== null) wrong(open, 'a quote that nothing closes');
  for (const { name, line, place } of variablesOf(query)) {
    if (name === 'range') {
      if (place !== 'duration') wrong(line, '$range must stand in brackets: [$range]');
      else if (!hasRange) wrong(line, '[$range] needs a line "# range: …"');
    } else if (!variables.has(name)) wrong(line, `$${name} is not among "# variables: …"`);
    else if (place !== 'string') wrong(line, `$${name} must stand in double quotes`);
  }
}
