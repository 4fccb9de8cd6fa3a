import { listNames } from '../brief-text.ts';
import { ToolError } from '../errors.ts';
import { showDuration } from '../format.ts';
import { showBytes } from '../format-bytes.ts';
import { aside } from '../promql/aside.ts';
import { selectorText } from '../promql/expression-outline.ts';
import type { Loki, LokiVolume, LokiWindow } from '../upstreams/loki.ts';
import { secondsToNanoseconds } from './nanoseconds.ts';
import { exactly, type QueryOutline, withMatchers } from './query-outline.ts';
import { lengthOf, showLength } from './query-window.ts';

/** A query that would read more is refused, bytes. */
export const MOST_BYTES = 10 * 1024 ** 3;
const PATIENCE_MS = 2000;
/** A narrower query is to stay well below the limit, since logs do not come evenly. */
const SHARE = 0.8;
const VALUES_NAMED = 5;

/** Labels that tell applications apart, in the order in which they are tried. */
const NARROWING = [
  'namespace',
  'app',
  'service_name',
  'unit',
  'job',
  'container',
  'node',
  'nodename',
  'hostname',
  'pod',
];

/**
 * What a query would read by the index, bytes; null where the index cannot tell. Lines that only the ingesters have yet are not
 * counted, so it is the least.
 */
export async function estimateBytes(
  query: QueryOutline,
  window: LokiWindow,
  loki: Loki,
  signal: AbortSignal,
): Promise<number | null> {
  const texts = [...new Set(query.selectors.map((selector) => selectorText(selector)))];
  const span = withLookback(query, window);
  const sizes = await aside(PATIENCE_MS, signal, (within) =>
    Promise.all(texts.map((text) => loki.indexStats(text, span, within))),
  );
  if (sizes === null) return null;
  return sizes.reduce<number | null>((sum, each) => (sum === null || each === null ? null : sum + each.bytes), 0);
}

/** The window with what stretches and offsets of the query read before it. */
export function withLookback({ lookback }: QueryOutline, { start, end }: LokiWindow): LokiWindow {
  return { start: start - secondsToNanoseconds(lookback), end };
}

/** The refusal of a query that would read `bytes`, with narrower ones that do not. */
export async function tooLarge(
  query: QueryOutline,
  window: LokiWindow,
  bytes: number,
  loki: Loki,
  signal: AbortSignal,
): Promise<ToolError> {
  const ways = [await shorter(query, window, bytes, loki, signal), await fewer(query, window, loki, signal)];
  return new ToolError(
    'too_large',
    `the query would read about ${showBytes(bytes)} in ${showLength(withLookback(query, window))}; ${showBytes(MOST_BYTES)} are the most`,
    {
      upstream: loki.name,
      hint: ways.flatMap((way) => way ?? []).join(' ') || 'Put more labels into the braces, or ask for a shorter time.',
    },
  );
}

/** The same for a time that it can be asked for. Looked up, since a busy hour may have as much as the rest of the week. */
async function shorter(
  query: QueryOutline,
  window: LokiWindow,
  bytes: number,
  loki: Loki,
  signal: AbortSignal,
): Promise<string | null> {
  let size = bytes;
  let seconds = lengthOf(window);
  for (let round = 0; round < 3; round += 1) {
    seconds = roundDown((seconds * SHARE * MOST_BYTES) / size);
    // What the stretches read does not become less by it.
    if (seconds < 60) return null;
    const found = await estimateBytes(
      query,
      { ...window, start: window.end - secondsToNanoseconds(seconds) },
      loki,
      signal,
    );
    if (found === null) return null;
    if (found <= MOST_BYTES) return `since="${showDuration(seconds)}" runs, with about ${showBytes(found)}.`;
    size = found;
  }
  return null;
}

const ROUND = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

function roundDown(seconds: number): number {
  return ROUND.findLast((each) => each <= seconds) ?? 0;
}

/** The same for one value of the label that divides it best. */
async function fewer(query: QueryOutline, window: LokiWindow, loki: Loki, signal: AbortSignal): Promise<string | null> {
  const [selector, ...others] = query.selectors;
  if (selector === undefined || others.length > 0) return null;
  const fixed = new Set(selector.matchers.filter(({ operator }) => operator === '=').map(({ label }) => label));
  const match = selectorText(selector);
  const span = withLookback(query, window);
  const tried = await aside(PATIENCE_MS, signal, async (within) => {
    const known = new Set(await loki.labels({ ...span, match }, within));
    const labels = NARROWING.filter((label) => known.has(label) && !fixed.has(label)).slice(0, 4);
    return Promise.all(
      labels.map(async (label) => ({
        label,
        volumes: (await loki.indexVolume(match, { ...span, targetLabels: [label], limit: 50 }, within)) ?? [],
      })),
    );
  });
  const ways = (tried ?? []).flatMap(({ label, volumes }) => {
    const named = volumes.flatMap((volume) => valueWith(volume, label));
    const fits = named.find(({ bytes }) => bytes <= MOST_BYTES * SHARE);
    return named.length < 2 || fits === undefined ? [] : [{ label, named, fits }];
  });
  const best = ways.toSorted((a, b) => b.fits.bytes - a.fits.bytes)[0];
  if (best === undefined) return null;
  const { label, named, fits } = best;
  const sizes = listNames(
    named.map(({ value, bytes }) => `${value} ${showBytes(bytes)}`),
    VALUES_NAMED,
  );
  return `By ${label}: ${sizes}. This runs: ${withMatchers(query, 0, exactly(label, fits.value))}`;
}

function valueWith({ labels, bytes }: LokiVolume, label: string): { value: string; bytes: number }[] {
  const value = labels[label] ?? '';
  return value === '' ? [] : [{ value, bytes }];
}
