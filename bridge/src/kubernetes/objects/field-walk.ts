import { isList, isObject, type Json, type JsonObject } from '../json.ts';
import type { FieldPath, FieldStep, FieldTest } from './field-path.ts';
import { isSecretContent, redactedMember, redactedPart } from './redact-object.ts';

/** A value at the end of a path, without credentials. */
export interface FieldMatch {
  value: Json;
  /** The path up to the last step that leads to several values, with `[*]` where a list is walked; empty where none does. */
  branch: string;
  /** Which element of each such list, for example `0` or `1.0`: matches with the same branch and element belong together. */
  element: string;
}

/** Where a path ended that leads to nothing: how many steps it went, what is there, and the path to that. */
export interface FieldGap {
  depth: number;
  value: Json;
  path: string;
}

interface Place {
  /** Names from the root to here. */
  above: readonly string[];
  branch: string;
  element: string;
}

/**
 * What is at the end of a path in an object, in the order of the object. A name asked of a list is asked of each of its
 * elements. Every value is redacted where it stands, and filters see no more than that.
 */
export function walkPath(path: FieldPath, root: JsonObject): { matches: FieldMatch[]; gap: FieldGap | null } {
  const matches: FieldMatch[] = [];
  let gap: FieldGap | null = null;

  function walk(depth: number, value: Json, place: Place): void {
    const current = path.steps[depth];
    if (current === undefined) {
      matches.push({ value: safe(value, place), branch: place.branch, element: place.element });
      return;
    }
    const { step } = current;
    if (isList(value)) walkList(depth, step, value, place);
    if (!isObject(value)) {
      if (!isList(value)) noteGap(depth, value);
      return;
    }
    if (step.kind === 'deep') walkDeep(depth, step.name, value, place);
    if (step.kind === 'all') {
      for (const key of Object.keys(value)) walkInto(depth, value, key, branchOff(place, current.text, key));
      return;
    }
    if (step.kind === 'name' && !walkInto(depth, value, step.name, place)) noteGap(depth, value);
  }
  function noteGap(depth: number, value: Json): void {
    if (gap === null || depth > gap.depth) gap = { depth, value, path: path.steps[depth - 1]?.text ?? '' };
  }
  function walkInto(depth: number, value: JsonObject, key: string, place: Place): boolean {
    const child = memberOf(root, place.above, value, key, depth === path.steps.length - 1);
    if (child === undefined) return false;
    walk(depth + 1, child, { ...place, above: [...place.above, key] });
    return true;
  }
  function walkList(depth: number, step: FieldStep, list: readonly Json[], place: Place): void {
    const isImplied = step.kind === 'name' || step.kind === 'deep';
    const before = path.steps[depth - 1]?.text ?? '';
    const text = isImplied || step.kind === 'all' ? `${before}[*]` : (path.steps[depth]?.text ?? '');
    const indexes = chosen(step, list, root, place.above);
    if (indexes.length === 0) noteGap(depth, list);
    for (const index of indexes) {
      const item = list[index];
      if (item === undefined || (isImplied && !isObject(item) && !isList(item))) continue;
      const inside = step.kind === 'index' ? place : branchOff(place, text, String(index));
      walk(isImplied ? depth : depth + 1, item, inside);
    }
  }
  function walkDeep(depth: number, name: string, value: Json, place: Place): void {
    if (isList(value)) {
      for (const [index, item] of value.entries())
        walkDeep(depth, name, item, { ...place, element: `${place.element}.${index}` });
    } else if (isObject(value)) {
      const text = path.steps[depth]?.text ?? '';
      for (const [key, child] of Object.entries(value)) {
        const inside = branchOff(place, text, key);
        if (key === name) walkInto(depth, value, key, inside);
        const below = isSecretContent(value, key) ? redactedMember(root, place.above, value, key) : child;
        if (below !== undefined) walkDeep(depth, name, below, { ...inside, above: [...place.above, key] });
      }
    }
  }
  /** Names lead to redacted values; what was chosen from a list of objects is not yet. */
  function safe(value: Json, place: Place): Json {
    return path.steps.at(-1)?.step.kind !== 'name' && isObject(value) ? redactedPart(root, place.above, value) : value;
  }

  walk(0, root, { above: [], branch: '', element: '' });
  return { matches, gap: matches.length === 0 ? gap : null };
}

function branchOff(place: Place, branch: string, element: string): Place {
  return { ...place, branch, element: place.element === '' ? element : `${place.element}.${element}` };
}

/** A field: redacted unless it only leads further on, to objects whose fields will be. */
function memberOf(
  root: JsonObject,
  above: readonly string[],
  parent: JsonObject,
  key: string,
  isLast: boolean,
): Json | undefined {
  const value = Object.hasOwn(parent, key) ? parent[key] : undefined;
  if (value === undefined) return undefined;
  const leadsOn =
    !isLast && !isSecretContent(parent, key) && (isObject(value) || (isList(value) && value.every(isObject)));
  return leadsOn ? value : redactedMember(root, above, parent, key);
}

/** The indexes that a step chooses of a list. */
function chosen(step: FieldStep, list: readonly Json[], root: JsonObject, above: readonly string[]): number[] {
  const all = [...list.keys()];
  if (step.kind === 'index') return all.slice(step.index).slice(0, 1);
  if (step.kind === 'slice') return all.slice(step.from ?? 0, step.to);
  if (step.kind === 'filter') return all.filter((index) => holds(step.test, list[index] ?? null, root, above));
  return all;
}

function holds(test: FieldTest, item: Json, root: JsonObject, above: readonly string[]): boolean {
  switch (test.kind) {
    case 'and':
      return test.tests.every((each) => holds(each, item, root, above));
    case 'or':
      return test.tests.some((each) => holds(each, item, root, above));
    case 'not':
      return !holds(test.test, item, root, above);
    case 'exists':
      return valueBelow(test.steps, item, root, above) !== undefined;
    case 'compare':
      return compares(valueBelow(test.steps, item, root, above), test.operator, test.literal);
  }
}

/** The first value at relative steps. */
function valueBelow(
  steps: readonly FieldStep[],
  item: Json,
  root: JsonObject,
  above: readonly string[],
): Json | undefined {
  let found: Json | undefined = item;
  let names = above;
  for (const step of steps) {
    if (isObject(found) && step.kind === 'name') {
      found = memberOf(root, names, found, step.name, step === steps.at(-1));
      names = [...names, step.name];
    } else if (isList(found)) found = found[chosen(step, found, root, names)[0] ?? -1];
    else return undefined;
  }
  return found;
}

function compares(value: Json | undefined, operator: string, literal: string | number | boolean | null): boolean {
  if (operator === '==') return value === literal;
  if (operator === '!=') return value !== literal;
  const [left, right] =
    typeof value === 'number' && typeof literal === 'number' ? [value, literal] : [String(value), String(literal)];
  if (typeof value !== typeof literal || value === null || value === undefined) return false;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}
