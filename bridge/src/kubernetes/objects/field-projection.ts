import type { Cell, Table } from '../../answer.ts';
import { compareText } from '../../compare-text.ts';
import { showCount } from '../../format.ts';
import type { JsonObject } from '../json.ts';
import { parseFieldPaths } from './field-path.ts';
import { oneObjectTables } from './one-object-tables.ts';
import { inOneCell, type PickedRow, pickFields } from './picked-row.ts';

/** What `fields` asks for. */
export interface FieldProjection {
  /** The paths as they were written, without `$`, braces and `.items[*]`: `spec.containers[*].image`. */
  readonly columns: readonly string[];
  /** The redacted values of one object. Small and pure: meant to be kept for each of many objects. */
  pick(object: JsonObject): PickedRow;
}

/**
 * Reads `fields`: paths separated by commas, each dotted, kubectl's JSONPath or RFC 9535.
 * @throws {ToolError} `invalid_argument` that names `fields`, the position and an example
 */
export function parseFields(fields: string): FieldProjection {
  const paths = parseFieldPaths(fields);
  // The same few sentences for thousands of objects.
  const sentences = new Map<string, string>();
  const keep = (sentence: string): string => {
    const known = sentences.get(sentence);
    if (known === undefined) sentences.set(sentence, sentence);
    return known ?? sentence;
  };
  return { columns: paths.map(({ text }) => text), pick: (object) => pickFields(paths, object, keep) };
}

/** The values picked of an object, and which object. */
export interface PickedObject {
  namespace: string | null;
  name: string;
  picked: PickedRow;
}

export interface ProjectionOptions {
  /** What the objects are called, for example `pods`. */
  noun: string;
  /** Rows to show at most. */
  limit?: number | undefined;
}

/** A combination of values, with the objects that have it. */
interface Group {
  tuple: readonly Cell[];
  count: number;
  /** The first of them by namespace and name. */
  example: PickedObject;
}

/**
 * The picked values of a list: the same ones once, with the number of objects that have them, most frequent first; where hardly
 * any come twice, one row per object by namespace and name. One object is shown as its values alone. `summary` is one line
 * with totals, and what there is instead of a field that no object has.
 */
export function projectionTable(
  projection: FieldProjection,
  objects: readonly PickedObject[],
  options: ProjectionOptions,
): { tables: Table[]; summary: string } {
  const sorted = [...objects].sort(
    (a, b) => compareText(a.namespace ?? '', b.namespace ?? '') || compareText(a.name, b.name),
  );
  const columns = columnNames(projection.columns);
  const absent = showAbsent(projection, sorted);
  const [only] = sorted;
  const total = `${showCount(sorted.length)} ${options.noun}`;
  const say = (finding: string) => [total, finding, ...absent].filter((part) => part !== '').join(', ');
  if (only === undefined) return { tables: [], summary: `no ${options.noun}` };
  if (sorted.length === 1)
    return {
      tables: oneObjectTables(columns, only.picked),
      summary: absent.length === 0 ? 'found' : absent.join(', '),
    };
  const groups = groupsOf(sorted);
  const names = columns.join(' and ');
  if (absent.length === columns.length) return { tables: [], summary: say('') };
  if (groups.length * MOSTLY_DIFFERENT > sorted.length)
    return { tables: [eachObject(columns, sorted, options)], summary: say('') };
  const several = sorted.some(({ picked }) => picked.tuples.length > 1)
    ? '; an object with several counts for each'
    : '';
  const finding = `${showCount(groups.length)} different ${columns.length === 1 ? 'values' : 'combinations'} of ${names}${several}`;
  return { tables: [folded(columns, groups, options)], summary: say(finding) };
}

/** From one group to this many objects on, folding costs more than it saves: two objects each. */
const MOSTLY_DIFFERENT = 2;

function groupsOf(objects: readonly PickedObject[]): Group[] {
  const groups = new Map<string, Group>();
  for (const object of objects) {
    for (const tuple of object.picked.tuples) {
      const key = JSON.stringify(tuple);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { tuple, count: 1, example: object });
      else group.count += 1;
    }
  }
  const keyed = [...groups].sort(([a, left], [b, right]) => right.count - left.count || compareText(a, b));
  return keyed.map(([, group]) => group);
}

function folded(columns: readonly string[], groups: readonly Group[], { noun, limit }: ProjectionOptions): Table {
  const most = groups[0]?.count ?? 0;
  const isRare = ({ count }: Group) => count <= RARE && count * RARE_RATIO <= most;
  const rare = groups.length <= MOST_WITH_EXAMPLES ? groups.filter(isRare) : [];
  const factored = withoutCommon(
    columns,
    groups.map(({ tuple }) => tuple),
  );
  return {
    ...(factored.common === undefined ? {} : { common: factored.common }),
    columns: [noun, ...factored.columns, ...(rare.length > 0 ? ['example'] : [])],
    rows: groups.map((group, index) => [
      group.count,
      ...(factored.rows[index] ?? []),
      ...(rare.length > 0 ? [rare.includes(group) ? nameOf(group.example) : null] : []),
    ]),
    order: 'most frequent first',
    ...(limit === undefined ? {} : { limit }),
  };
}

/** What few objects have while many have something else, is worth a name. */
const RARE = 2;
const RARE_RATIO = 10;
/** In a long table some values are always rare. */
const MOST_WITH_EXAMPLES = 20;

function eachObject(columns: readonly string[], objects: readonly PickedObject[], { limit }: ProjectionOptions): Table {
  const rows = objects.map(({ namespace, name, picked }) => [
    namespace,
    name,
    ...columns.map((_, index) => inOneCell(picked, index)),
  ]);
  return {
    ...withoutCommon(['namespace', 'name', ...columns], rows),
    order: 'by name',
    ...(limit === undefined ? {} : { limit }),
  };
}

/** Says once what is the same in all rows, and what all values of a column begin with, such as the registry of images. */
function withoutCommon(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): { common?: Record<string, Cell>; columns: string[]; rows: Cell[][] } {
  const same = columns.map((_, index) => rows.every((row) => row[index] === rows[0]?.[index]));
  // A table without columns would show nothing.
  const isLeftOut = (index: number) => same[index] === true && rows.length > 1 && same.includes(false);
  const prefixes = columns.map((_, index) => commonPrefix(rows.map((row) => row[index] ?? null)));
  const said = columns.flatMap((column, index): [string, Cell][] => {
    const value = rows[0]?.[index] ?? null;
    if (isLeftOut(index)) return value === null ? [] : [[column, value]];
    const prefix = prefixes[index] ?? '';
    return prefix === '' ? [] : [[`${column}_prefix`, prefix]];
  });
  const cut = (cell: Cell, index: number) =>
    typeof cell === 'string' ? cell.slice(prefixes[index]?.length ?? 0) : cell;
  return {
    ...(said.length === 0 ? {} : { common: Object.fromEntries(said) }),
    columns: columns.filter((_, index) => !isLeftOut(index)),
    rows: rows.map((row) => row.map(cut).filter((_, index) => !isLeftOut(index))),
  };
}

function commonPrefix(cells: readonly Cell[]): string {
  const texts = cells.filter((cell) => cell !== null);
  const [first] = texts;
  if (texts.length < 3 || typeof first !== 'string') return '';
  let shared = first;
  for (const text of texts) {
    // A cell that holds several values repeats the prefix in its middle.
    if (typeof text !== 'string' || text.includes(',')) return '';
    while (!text.startsWith(shared)) shared = shared.slice(0, -1);
  }
  const prefix = shared.slice(0, shared.lastIndexOf('/') + 1);
  return prefix.length >= SHORTEST_PREFIX && texts.every((text) => text !== prefix) ? prefix : '';
}

const SHORTEST_PREFIX = 5;

/** Fields that no object has, each with the most frequent reason. */
function showAbsent({ columns: paths }: FieldProjection, objects: readonly PickedObject[]): string[] {
  return paths.flatMap((path, index) => {
    const reasons = new Map<string, number>();
    for (const { picked } of objects) {
      if (picked.tuples.some((tuple) => tuple[index] !== null)) return [];
      const reason = picked.gaps?.[index];
      if (reason !== null && reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    const [likeliest] = [...reasons].sort(([a, left], [b, right]) => right - left || compareText(a, b));
    return [`nothing at ${path}${likeliest === undefined ? '' : `: ${likeliest[0]}`}`];
  });
}

/** Columns of the object itself, where each has a row. */
const OF_OBJECTS: ReadonlySet<string> = new Set(['namespace', 'name']);

/** The last name of each path, or the whole path where that is not clear. */
function columnNames(paths: readonly string[]): string[] {
  const short = paths.map((path) => {
    const name = /(?:^|[.\]])((?:[^.[\]\\\s]|\\.)+)$/.exec(path)?.[1] ?? /\[["']([^"'\]\s]+)["']\]$/.exec(path)?.[1];
    return (name ?? path.replace(/\s/g, '')).replace(/\\(.)/g, '$1');
  });
  return short.map((name, index) =>
    OF_OBJECTS.has(name) || short.some((other, place) => place !== index && other === name)
      ? (paths[index] ?? name).replace(/\s/g, '')
      : name,
  );
}

function nameOf({ namespace, name }: PickedObject): string {
  return namespace === null ? name : `${namespace}/${name}`;
}
