import type { Table } from '../../answer.ts';
import { documentTable } from '../../document-table.ts';
import type { Json, JsonObject } from '../json.ts';
import { redactObject } from './redact-object.ts';
import { trimObject } from './trim-object.ts';
import { yamlText } from './yaml-text.ts';

/**
 * One object whole, as lines of YAML or of JSON: redacted, without bookkeeping, defaults and copies, its status ahead of its
 * spec since that holds the finding. What was left out is said in a last comment, in JSON under `leftOut`.
 */
export function objectDocument(object: JsonObject, { output }: { output: 'yaml' | 'json' }): Table {
  // Redacted first: what a trimmed field says of its neighbour, such as the name of a variable, is still there.
  const { object: trimmed, leftOut } = trimObject(redactObject(object));
  const shown = inOrder(trimmed);
  if (output === 'json') return documentTable(compactJson(leftOut.length === 0 ? shown : { ...shown, leftOut }));
  const note = leftOut.length === 0 ? '' : `\n# left out: ${leftOut.join(', ')}; fields=<path> shows one`;
  return documentTable(yamlText(shown) + note);
}

const FIRST = ['apiVersion', 'kind', 'metadata', 'status', 'spec'];

function inOrder(object: JsonObject): JsonObject {
  const first = FIRST.flatMap((key) => (object[key] === undefined ? [] : [[key, object[key]] as const]));
  return Object.fromEntries([...first, ...Object.entries(object).filter(([key]) => !FIRST.includes(key))]);
}

/** One line for each field of the object and of its spec and status: a long object is cut between them. */
function compactJson(object: JsonObject): string {
  const lines = Object.entries(object).map(
    ([key, value]) => `${JSON.stringify(key)}:${compactValue(key, value ?? null)}`,
  );
  return `{${lines.join(',\n')}}`;
}

function compactValue(key: string, value: Json): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !SPLIT.has(key))
    return JSON.stringify(value);
  const lines = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`);
  return `{${lines.join(',\n')}}`;
}

const SPLIT: ReadonlySet<string> = new Set(['spec', 'status', 'data']);
