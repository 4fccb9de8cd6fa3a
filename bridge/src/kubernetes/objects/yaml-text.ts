import { isList, isObject, type Json, type JsonObject } from '../json.ts';

/**
 * An object or a list as YAML 1.2 of few tokens: what fits on a line is written on one, `{type: Ready, status: "True"}`, texts of
 * several lines as block literals. Written here since a document of the YAML library takes milliseconds, and this is on the
 * path of every single object.
 */
export function yamlText(value: JsonObject | readonly Json[]): string {
  if (isEmpty(value)) return isList(value) ? '[]' : '{}';
  return (isObject(value) ? blockObject(value, '', 0) : blockList(value, '')).join('\n');
}

/** Characters of a collection on one line, at most. */
const LONGEST_LINE = 200;
/** The object itself and its parts stay as blocks, for a reader to find them. */
const OUTER_LEVELS = 1;

function blockObject(object: JsonObject, indent: string, level: number): string[] {
  return entriesOf(object).flatMap(([key, value]) => field(`${indent}${scalar(key, true)}:`, value, indent, level));
}

/** The lines of a value behind its key. */
function field(key: string, value: Json, indent: string, level: number): string[] {
  if (typeof value === 'string') return [`${key} ${literal(value, indent) ?? scalar(value, false)}`];
  if (!isList(value) && !isObject(value)) return [`${key} ${String(value)}`];
  const line = isEmpty(value) || level >= OUTER_LEVELS || isList(value) ? onOneLine(value) : null;
  if (line !== null) return [`${key} ${line}`];
  return [
    key,
    ...(isList(value) ? blockList(value, indent) : isObject(value) ? blockObject(value, `${indent}  `, level + 1) : []),
  ];
}

function blockList(list: readonly Json[], indent: string): string[] {
  return list.flatMap((item): string[] => {
    if (typeof item === 'string') return [`${indent}- ${literal(item, indent) ?? scalar(item, false)}`];
    if (!isList(item) && !isObject(item)) return [`${indent}- ${String(item)}`];
    const line = onOneLine(item);
    if (line !== null) return [`${indent}- ${line}`];
    const inside = isList(item)
      ? blockList(item, `${indent}  `)
      : isObject(item)
        ? blockObject(item, `${indent}  `, 2)
        : [];
    const [first = '', ...rest] = inside;
    return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
  });
}

/** A collection on one line, null where it is too long or holds a text of several lines. */
function onOneLine(value: Json): string | null {
  if (JSON.stringify(value).length > 2 * LONGEST_LINE) return null;
  const line = flow(value);
  return line.length > LONGEST_LINE || line.includes('\\n') ? null : line;
}

function flow(value: Json): string {
  if (typeof value === 'string') return scalar(value, true);
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  if (isObject(value))
    return `{${entriesOf(value)
      .map(([key, each]) => `${scalar(key, true)}: ${flow(each)}`)
      .join(', ')}}`;
  return String(value);
}

function entriesOf(object: JsonObject): (readonly [string, Json])[] {
  return Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
}

function isEmpty(value: Json): boolean {
  return isList(value) ? value.length === 0 : isObject(value) && entriesOf(value).length === 0;
}

/** A text of several lines as a block literal, null for one that must be quoted. */
function literal(text: string, indent: string): string | null {
  if (!/\n[\s\S]/.test(text) || !PRINTABLE_LINES.test(text) || /^[ \n]|\n\n$/.test(text)) return null;
  const lines = text.split('\n');
  const chomp = lines.at(-1) === '' ? '' : '-';
  const shown = chomp === '' ? lines.slice(0, -1) : lines;
  return [`|${chomp}`, ...shown.map((line) => (line === '' ? '' : `${indent}  ${line}`))].join('\n');
}

const PRINTABLE_LINES = /^[\n -~]*$/;

/** A text as a plain scalar where it can only be read as that text, else in JSON's quotes, which are YAML's too. */
function scalar(text: string, inFlow: boolean): string {
  const isPlain = PLAIN.test(text) && !INDICATED.test(text) && !TYPED.test(text) && !(inFlow && /[,[\]{}]/.test(text));
  return isPlain ? text : quoted(text);
}

// JSON leaves these as they are, YAML takes them for ends of lines or for nothing.
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const PLAIN = /^(?! )[ -~]+(?<! )$/;
/** What begins with an indicator of YAML 1.2 (5.3), or holds what would end a plain scalar (7.3.3). */
const INDICATED = /^[?:,[\]{}#&*!|>'"%@`]|^-(?: |$)|^(?:---|\.\.\.)|: |:$| #/;
/** What YAML 1.2 or 1.1 would read as a number, a truth, a time of day or nothing. */
const TYPED =
  /^(?:true|false|yes|no|on|off|y|n|null|~|<<|=|[-+]?(?:0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|[\d_]+(?::[\d_]+)+(?:\.[\d_]*)?|(?:[\d_]+\.?[\d_]*|\.[\d_]+)(?:e[-+]?\d+)?|\.inf)|\.nan)$/i;
