import type { Cell } from '../answer.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';
import { shownLabel } from './secret-labels.ts';

/** How the labels of a set of series are laid out in a table. */
export interface LabelLayout {
  /** Labels that all series have with the same value. */
  common: Readonly<Record<string, string>>;
  /** A column per label that varies; empty when they go into one cell at the end of the row. */
  columns: readonly string[];
  /** The cells of `columns`. */
  cells(labels: Labels): Cell[];
  /** The one cell `a=1, b=2` at the end of the row; null when there are columns, or nothing varies. */
  last: ((labels: Labels) => string) | null;
}

/** So many labels always get columns of their own. */
const FEW = 4;
/** More than these never do. */
const MANY = 10;

/**
 * Labels common to `all` series are said once. The others become columns where that costs less than repeating their names in
 * every row: when they are few, or most of `shown` have most of them.
 */
export function layOutLabels(all: readonly Labels[], shown: readonly Labels[]): LabelLayout {
  const common = commonLabels(all);
  const varying = [...new Set(shown.flatMap((labels) => Object.keys(labels)))]
    .filter((name) => !(name in common))
    .sort();
  const filled = shown.reduce((sum, labels) => sum + varying.filter((name) => name in labels).length, 0);
  const dense = varying.length <= MANY && filled >= (shown.length * varying.length * 2) / 3;
  const asColumns = varying.length <= FEW || dense;
  return {
    common,
    columns: asColumns ? varying : [],
    cells: (labels) => (asColumns ? varying.map((name) => cellOf(name, labels[name])) : []),
    last: asColumns ? null : (labels) => pairs(labels, varying),
  };
}

function commonLabels(all: readonly Labels[]): Record<string, string> {
  const [first, ...others] = all;
  const common = new Map(Object.entries(first ?? {}));
  for (const labels of others) {
    if (common.size === 0) break;
    for (const [name, value] of common) if (labels[name] !== value) common.delete(name);
  }
  return Object.fromEntries(
    [...common].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, shownLabel(name, value)]),
  );
}

function cellOf(name: string, value: string | undefined): Cell {
  return value === undefined ? null : shownLabel(name, value);
}

function pairs(labels: Labels, names: readonly string[]): string {
  return names
    .flatMap((name) => {
      const value = labels[name];
      if (value === undefined) return [];
      const shown = shownLabel(name, value);
      return [`${name}=${/[\s,="]/.test(shown) ? JSON.stringify(shown) : shown}`];
    })
    .join(', ');
}

/** A label that divides series into groups. */
export interface Grouping {
  label: string;
  groups: number;
}

/**
 * The varying label that divides the series into the most groups a reader can still take in, at most `most` and fewer than there
 * are series. Where there is none, the one with the fewest groups, if a group then has more than one series on average; else null.
 */
export function bestGrouping(all: readonly Labels[], most: number): Grouping | null {
  const values = new Map<string, Set<string>>();
  for (const labels of all) {
    for (const [label, value] of Object.entries(labels)) {
      const seen = values.get(label);
      if (seen === undefined) values.set(label, new Set([value]));
      else seen.add(value);
    }
  }
  const groupings = [...values]
    .map(([label, seen]): Grouping => ({ label, groups: seen.size }))
    .filter(({ label, groups }) => groups >= 2 && groups < all.length && label !== 'le' && label !== '__name__')
    .sort((a, b) => a.groups - b.groups || (a.label < b.label ? 1 : -1));
  const readable = groupings.findLast(({ groups }) => groups <= most);
  return readable ?? groupings.find(({ groups }) => groups <= all.length / 2) ?? null;
}
