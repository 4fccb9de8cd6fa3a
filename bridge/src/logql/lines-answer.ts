import { setImmediate as breathe } from 'node:timers/promises';
import type { NextCall } from '../answer.ts';
import { countOf, listNames } from '../brief-text.ts';
import { showBytes } from '../format-bytes.ts';
import { createFolder, type Folded } from '../logs/fold-lines.ts';
import { aside } from '../promql/aside.ts';
import type { ResultAnswer } from '../promql/present-result.ts';
import type { Loki, LokiWindow } from '../upstreams/loki.ts';
import type { Direction, LokiStatistics } from '../upstreams/loki-result.ts';
import { chooseEntries, kindTable, lineTables, type PlacedEntry } from './line-tables.ts';
import { dateOf, showNanoseconds } from './nanoseconds.ts';
import { estimateBytes } from './query-cost.ts';
import type { QueryOutline } from './query-outline.ts';
import type { LinesRead } from './read-lines.ts';
import { AT_ONCE, entriesOf } from './stream-entries.ts';
import { nameStreams, type StreamNames } from './stream-labels.ts';

/** What was asked. */
export interface LinesAsked {
  query: QueryOutline;
  window: LokiWindow;
  direction: Direction;
  /** Messages shown. */
  limit: number;
  /** Undefined: kinds where there are more messages than are shown. */
  fold: boolean | undefined;
  /** Arguments of the call, for those that go on from it. */
  again: Readonly<Record<string, string | number | boolean>>;
  statistics: LokiStatistics | null;
  warnings: readonly string[];
}

/** Of the text that an answer may have, well below what most bridges allow, since what is cut here can be gone on from. */
const CHARACTERS = 16_000;
/** So much text is shown as it is, however alike its lines are. */
const FEW_CHARACTERS = 1500;
/** Messages for each kind from which on lines are alike. */
const ALIKE = 3;
/** Lines are counted where that reads no more than this, bytes. */
const COUNTED_BYTES = 1024 ** 3;
const COUNT_MS = 3000;
const METADATA_NAMED = 8;
/** Metadata that is shown by other means, or that Loki adds to every line. */
const NO_NEWS = new Set(['detected_level', 'service_name', 'level']);

/** The lines that were read, by stream, or what kinds of messages they are. */
export async function presentLines(
  read: LinesRead,
  asked: LinesAsked,
  loki: Loki,
  signal: AbortSignal,
): Promise<ResultAnswer> {
  const { direction, limit, window, query } = asked;
  const asOf = dateOf(window.end);
  const fixed = (query.selectors[0]?.matchers ?? [])
    .filter(({ operator }) => operator === '=')
    .map(({ label }) => label);
  const names = nameStreams(read.streams, new Set(fixed));
  const ordered = await inOrder(read, direction);
  const folded = await foldWhereDue(ordered, names, asked);
  const total = read.rest === null ? read.lines : await countLines(asked, loki, signal);
  const notes = [...metadataNotes(read), ...asked.warnings.map((words) => `Loki warns: ${words}`)];
  const found = `${countOf(read.lines, 'line')}${joined(read, ordered)}`;
  const of = `${countOf(read.streams.length, 'stream')}${names.common === '' ? '' : `, all ${names.common}`}`;
  const order = direction === 'backward' ? 'newest' : 'oldest';
  const part = read.rest === null ? '' : total === null ? ', there are more' : ` of ${total}`;
  const cost = showCost(asked.statistics);
  if (folded !== null) {
    const least = folded.unlisted === 0 ? [] : [`${folded.unlisted} messages of rare kinds are not listed.`];
    return {
      summary: `${part === '' ? '' : `${order} `}${found}${part} in ${of}: ${countOf(folded.kinds.length, 'kind')}, errors first${cost}`,
      tables: [kindTable(folded, read.streams.length, asOf)],
      notes: [...notes, ...least],
      next: [{ tool: 'loki.query', arguments: { ...asked.again, fold: false } }, ...goOn(asked, read.rest)],
    };
  }
  const chosen = chooseEntries(ordered, { most: limit, characters: CHARACTERS, asOf });
  const isCut = chosen.length < ordered.length;
  const shown = isCut ? `, ${order} ${chosen.length} shown` : '';
  const rest = isCut ? restOf(ordered, chosen.length, direction) : read.rest;
  const crowded = rest === null ? null : crowdedMoment(ordered, chosen.length, rest, asked);
  return {
    summary: `${part === '' ? '' : `${order} `}${found}${part} in ${of}${shown}${cost}`,
    tables: lineTables(chosen, names),
    notes: crowded === null ? notes : [...notes, crowded.note],
    next: [...(crowded?.next ?? []), ...goOn(asked, rest)],
  };
}

/** Kinds, where the caller wants them, or did not say and they are the shorter answer: too many messages, or long ones that are alike. */
async function foldWhereDue(
  ordered: readonly PlacedEntry[],
  { brief }: StreamNames,
  { fold, limit }: LinesAsked,
): Promise<Folded | null> {
  const characters = ordered.reduce(
    (sum, { entry }) => sum + entry.lines.reduce((size, line) => size + line.length, 0),
    0,
  );
  if (fold === false || (fold === undefined && ordered.length <= limit && characters <= FEW_CHARACTERS)) return null;
  const folder = createFolder();
  for (const [index, { entry, stream }] of ordered.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await breathe();
    folder.add(entry, brief[stream] ?? '', entry.level);
  }
  const folded = folder.folded();
  return fold === true || ordered.length > limit || folded.kinds.length * ALIKE <= ordered.length ? folded : null;
}

function joined({ lines }: LinesRead, entries: readonly PlacedEntry[]): string {
  return entries.length === lines ? '' : ` (${countOf(entries.length, 'message')})`;
}

async function inOrder({ streams }: LinesRead, direction: Direction): Promise<PlacedEntry[]> {
  const sign = direction === 'backward' ? -1 : 1;
  const placed: PlacedEntry[] = [];
  for (const [stream, each] of streams.entries()) {
    const entries = await entriesOf(each, direction);
    for (const entry of direction === 'backward' ? entries.reverse() : entries) placed.push({ entry, stream });
  }
  return placed.sort((a, b) =>
    a.entry.at === b.entry.at ? a.stream - b.stream : a.entry.at < b.entry.at ? -sign : sign,
  );
}

/**
 * Where to go on behind the first `shown` messages: with all of those that are not shown, and without the first that is. What
 * came at the same moment as one of those comes again rather than be missed.
 */
function restOf(ordered: readonly PlacedEntry[], shown: number, direction: Direction): bigint | null {
  const [first] = ordered;
  const last = ordered[shown - 1];
  const next = ordered[shown];
  if (first === undefined || last === undefined || next === undefined) return null;
  if (direction === 'forward') return next.entry.at > first.entry.at ? next.entry.at : last.entry.at + 1n;
  let until = next.entry.until;
  for (const { entry } of ordered.slice(shown)) if (entry.until > until) until = entry.until;
  return [until + 1n, next.entry.at + 1n].find((each) => each <= first.entry.at) ?? last.entry.at;
}

/** Most lines that may be asked for at once. */
const MOST_LINES = 1000;

/**
 * What to say where all lines shown are of one moment and others of it may not be: a window that goes on from there cannot have
 * them. Null where going on has all that is left.
 */
function crowdedMoment(
  ordered: readonly PlacedEntry[],
  shown: number,
  rest: bigint,
  { again, direction, limit }: LinesAsked,
): { note: string; next: NextCall[] } | null {
  const [first, last] = [ordered[0], ordered[shown - 1]];
  if (first === undefined || last === undefined || first.entry.at !== last.entry.at) return null;
  const { at } = first.entry;
  const isLeftOut = direction === 'backward' ? rest <= at : rest > at;
  const isCut = ordered.slice(shown).some(({ entry }) => entry.at === at);
  // As `linesOf` says it of lines that are all of one moment.
  const isUnread = shown === ordered.length && rest === (direction === 'backward' ? at : at + 1n);
  if (!isLeftOut || !(isCut || isUnread)) return null;
  const most = Math.min(MOST_LINES, limit * 10);
  return {
    note: `all lines shown are of one moment; others of ${showNanoseconds(at)} are not in what goes on from here, but with a higher limit.`,
    next: most > limit ? [{ tool: 'loki.query', arguments: { ...again, limit: most } }] : [],
  };
}

function goOn({ again, direction, window }: LinesAsked, rest: bigint | null): NextCall[] {
  if (rest === null) return [];
  const left = direction === 'backward' ? { ...window, end: rest } : { ...window, start: rest };
  if (left.start >= left.end) return [];
  // Both as moments: a span would begin elsewhere the next time.
  const moments = { since: showNanoseconds(left.start), until: showNanoseconds(left.end) };
  return [{ tool: 'loki.query', arguments: { ...again, ...moments } }];
}

/** How many lines the window has, counted by Loki; null where that would cost too much, or cannot be. */
async function countLines({ query, window }: LinesAsked, loki: Loki, signal: AbortSignal): Promise<number | null> {
  return aside(COUNT_MS, signal, async (within) => {
    const bytes = await estimateBytes(query, window, loki, within);
    if (bytes === null || bytes > COUNTED_BYTES) return null;
    // A stretch leaves its beginning out and has its end, the window is the other way round.
    const counted = `sum(count_over_time(${query.text} [${stretchOf(window)}]))`;
    const { result } = await loki.query(counted, { time: window.end - 1n }, within);
    return result.type === 'vector' ? (result.samples[0]?.value ?? null) : null;
  });
}

/** The length of a window as LogQL writes it, exactly. */
function stretchOf({ start, end }: LokiWindow): string {
  const length = end - start;
  if (length % 1_000_000_000n === 0n) return `${length / 1_000_000_000n}s`;
  return length % 1_000_000n === 0n ? `${length / 1_000_000n}ms` : `${length}ns`;
}

/** Structured metadata is asked for by its name; a line of OpenTelemetry has dozens. */
function metadataNotes({ streams }: LinesRead): string[] {
  const names = new Set(
    streams.flatMap(({ entries }) => entries.slice(0, 20).flatMap(({ metadata }) => Object.keys(metadata))),
  );
  const news = [...names].filter((name) => !NO_NEWS.has(name)).sort();
  if (news.length === 0) return [];
  return [`lines also carry ${listNames(news, METADATA_NAMED)}; filter by them behind the braces.`];
}

/** What it took, as the end of a summary. */
export function showCost(statistics: LokiStatistics | null): string {
  if (statistics === null) return '';
  const { bytes, lines, chunks } = statistics;
  return `; scanned ${showBytes(bytes)}, ${countOf(lines, 'line')}, ${countOf(chunks, 'chunk')}`;
}
