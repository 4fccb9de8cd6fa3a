import type { Cell } from '../../answer.ts';
import { countOf, listNames } from '../../brief-text.ts';
import { isList, isObject, type Json, type JsonObject } from '../json.ts';
import type { FieldPath } from './field-path.ts';
import { type FieldGap, type FieldMatch, walkPath } from './field-walk.ts';

/** What was found in one object. */
export interface PickedRow {
  /**
   * A value for each path, null where there is none. More than one of them where paths lead to the elements of one list, such
   * as the containers of a pod; each differs from the others. At least one.
   */
  readonly tuples: readonly (readonly Cell[])[];
  /** For each path that leads to nothing: how far it went and what is there, `spec has containers, nodeName`. */
  readonly gaps: readonly (string | null)[] | null;
}

/** What is at the ends of paths in an object, redacted. `keep` is given every sentence on a gap, and may give back an equal one. */
export function pickFields(
  paths: readonly FieldPath[],
  object: JsonObject,
  keep: (sentence: string) => string,
): PickedRow {
  const found = paths.map((path) => walkPath(path, object));
  const hasGap = found.some(({ matches }) => matches.length === 0);
  return {
    tuples: tuplesOf(found.map(({ matches }) => matches)),
    gaps: hasGap ? found.map(({ gap }) => (gap === null ? null : keep(showGap(gap)))) : null,
  };
}

const KEYS_SHOWN = 15;

function showGap({ value, path }: FieldGap): string {
  const where = path === '' ? 'the object' : path;
  if (isList(value)) return `${where} has ${countOf(value.length, 'element')}`;
  if (!isObject(value)) return `${where} is ${value === null ? 'null' : `a ${typeof value}`}`;
  const keys = Object.keys(value);
  return `${where} has ${keys.length === 0 ? 'nothing in it' : listNames(keys, KEYS_SHOWN)}`;
}

/**
 * Values side by side. Paths through the elements of the same list give a tuple for each element; where they walk different
 * lists nothing says which elements belong together, and each path's values share a cell.
 */
function tuplesOf(found: readonly FieldMatch[][]): Cell[][] {
  const branches = new Set(found.filter((matches) => matches.length > 1).map((matches) => matches[0]?.branch ?? ''));
  const [branch] = branches;
  if (branch === undefined || branches.size > 1 || branch === '') return [found.map(joined)];
  const elements = new Set(
    found.flatMap((matches) => (branchOf(matches) === branch ? matches.map((match) => match.element) : [])),
  );
  const tuples = new Map<string, Cell[]>();
  for (const element of elements) {
    const tuple = found.map((matches) =>
      branchOf(matches) === branch ? joined(matches.filter((match) => match.element === element)) : joined(matches),
    );
    tuples.set(JSON.stringify(tuple), tuple);
  }
  return [...tuples.values()];
}

function branchOf(matches: readonly FieldMatch[]): string | undefined {
  return matches[0]?.branch;
}

function joined(matches: readonly FieldMatch[]): Cell {
  const [first] = matches;
  if (first === undefined) return null;
  return matches.length === 1
    ? showValue(first.value)
    : matches.map(({ value }) => String(showValue(value) ?? 'null')).join(',');
}

/** A value as a cell: lists as `a,b`, fields as `app=db,limits.cpu=1`, all else as JSON. */
function showValue(value: Json): Cell {
  if (typeof value !== 'object' || value === null) return value;
  const parts = isObject(value) ? flattened(value, '') : value.every(isPlain) ? value.map(String) : null;
  return parts === null || parts.length === 0 ? JSON.stringify(value) : parts.join(',');
}

/** The fields of an object and those below as `path=value`, null where a value would not be clear as that. */
function flattened(object: JsonObject, above: string): string[] | null {
  const shown: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const below = isObject(value)
      ? flattened(value, `${above}${key}.`)
      : isPlain(value)
        ? [`${above}${key}=${value}`]
        : null;
    if (below === null || below.length === 0) return null;
    shown.push(...below);
  }
  return shown;
}

function isPlain(value: Json): boolean {
  return typeof value === 'string'
    ? /^[^\s,={}"]+$/.test(value)
    : typeof value === 'number' || typeof value === 'boolean';
}

/** All values of one path in one cell; once where they are the same. */
export function inOneCell({ tuples }: PickedRow, index: number): Cell {
  const values = tuples.map((tuple) => tuple[index] ?? null);
  const [first] = values;
  return values.length === 1 || new Set(values).size === 1
    ? (first ?? null)
    : values.map((value) => value ?? '-').join(',');
}
