import { nearestNames } from '../nearest-names.ts';

/** A metric, or the three of a classic histogram as one. */
export interface MetricFamily {
  /** `node_load1`; of a histogram with its parts, `http_request_duration_seconds_{bucket,count,sum}`. */
  shown: string;
  /** The names of its series. */
  names: readonly string[];
}

/** What was found for some words. */
export interface Ranking {
  found: readonly MetricFamily[];
  /** `all` words are in the name or help of each or name a label of it, `some` are, or the names are `near` in spelling. */
  by: 'all' | 'some' | 'near';
}

const MAX_NEAR = 10;

/** The words of a search, each once. */
export function wordsOf(text: string): string[] {
  const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return [...new Set(words.filter((word) => word !== ''))];
}

/** Names are singular here and plural there: the word without an `s` at its end. */
export function singular(word: string): string {
  return word.length > 3 ? word.replace(/s$/, '') : word;
}

/** What is known of a metric besides its name. */
export interface KnownOfMetrics {
  helpOf(name: string): string;
  /** Whether the word is the name of a label of it, as far as that was looked up. */
  hasLabel?(name: string, word: string): boolean;
}

/**
 * The metrics that `text` may be about, best first: named so, with all its words in the name, with the others in the help or as
 * a label. Only where there is none of these, those with half of the words, and then those spelled alike.
 */
export function rankMetrics(
  text: string,
  families: readonly MetricFamily[],
  { helpOf, hasLabel = () => false }: KnownOfMetrics,
): Ranking {
  const wanted = text.trim().toLowerCase();
  const words = wordsOf(text);
  const judged = families.map((family) => {
    const [first = ''] = family.names;
    const asked = { wanted, words, isLabel: (word: string) => hasLabel(first, word) };
    return judge(family, asked, helpOf(first));
  });
  const all = judged.filter(({ missing }) => missing === 0);
  if (all.length > 0 && words.length > 0) return { found: sorted(all), by: 'all' };
  const some = judged.filter(({ missing }) => missing <= words.length / 2);
  if (some.length > 0 && words.length > 0) return { found: sorted(some), by: 'some' };
  const byName = new Map(families.flatMap((family) => family.names.map((name) => [name, family] as const)));
  const near = nearestNames(wanted, [...byName.keys()], MAX_NEAR).flatMap((name) => byName.get(name) ?? []);
  return { found: [...new Set(near)], by: 'near' };
}

/** Metrics by name, `_bucket`, `_count` and `_sum` of a histogram together. */
export function toFamilies(names: readonly string[]): MetricFamily[] {
  const known = new Set(names);
  const parts = (base: string) => ['bucket', 'count', 'sum'].map((part) => `${base}_${part}`);
  const isHistogram = (base: string) => parts(base).every((name) => known.has(name));
  return [...known].sort().flatMap((name): MetricFamily[] => {
    const [, base = '', part = ''] = /^(.+)_(bucket|count|sum)$/.exec(name) ?? [];
    if (base === '' || !isHistogram(base)) return [{ shown: name, names: [name] }];
    return part === 'bucket' ? [{ shown: `${base}_{bucket,count,sum}`, names: parts(base) }] : [];
  });
}

interface Judged {
  family: MetricFamily;
  /** Words that are neither in name nor help, nor a label. */
  missing: number;
  /** How good the match is: smaller is better. */
  tier: number;
  length: number;
}

function judge(
  family: MetricFamily,
  { wanted, words, isLabel }: { wanted: string; words: readonly string[]; isLabel(word: string): boolean },
  help: string,
): Judged {
  const name = family.shown.toLowerCase();
  const parts = new Set(name.split(/[^\p{L}\p{N}]+/u));
  const about = help.toLowerCase();
  let whole = 0;
  let inside = 0;
  let explained = 0;
  for (const word of words) {
    const stem = singular(word);
    if ([word, stem, `${stem}s`].some((form) => parts.has(form))) whole += 1;
    else if (name.includes(stem) || isLabel(word)) inside += 1;
    else if (about.includes(stem)) explained += 1;
  }
  const missing = words.length - whole - inside - explained;
  const isNamed = family.names.some((each) => each.toLowerCase() === wanted) || name === wanted;
  // A word that only the help has says little of what the metric is.
  const tier = isNamed ? 0 : 1 + missing * 9 + explained * 3 + inside;
  return { family, missing: isNamed ? 0 : missing, tier, length: name.length };
}

function sorted(judged: readonly Judged[]): MetricFamily[] {
  return judged
    .toSorted((a, b) => a.tier - b.tier || a.length - b.length || (a.family.shown < b.family.shown ? -1 : 1))
    .map(({ family }) => family);
}
