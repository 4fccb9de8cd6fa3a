import type { Cell, Table } from '../answer.ts';
import type { Folded, LineKind } from '../logs/fold-lines.ts';
import { showEntry, showSample, showTime } from '../logs/show-entry.ts';
import type { StreamEntry } from './stream-entries.ts';
import type { StreamNames } from './stream-labels.ts';

const KINDS_SHOWN = 20;

/** A message and the stream that it is of, by its place among the streams. */
export interface PlacedEntry {
  entry: StreamEntry;
  stream: number;
}

/** The first `most` messages in the order given whose lines have no more than `characters` together, but always one. */
export function chooseEntries(
  ordered: readonly PlacedEntry[],
  { most, characters, asOf }: { most: number; characters: number; asOf: Date },
): { placed: PlacedEntry; lines: string[] }[] {
  const chosen: { placed: PlacedEntry; lines: string[] }[] = [];
  let left = characters;
  for (const placed of ordered.slice(0, most)) {
    const lines = showEntry(placed.entry, asOf);
    left -= lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (left < 0 && chosen.length > 0) break;
    chosen.push({ placed, lines });
  }
  return chosen;
}

/** A table of lines for each stream, in the order in which streams are met, their lines in the order given. */
export function lineTables(
  chosen: readonly { placed: PlacedEntry; lines: string[] }[],
  { names }: StreamNames,
): Table[] {
  const groups = Map.groupBy(chosen, ({ placed }) => placed.stream);
  return [...groups].map(([stream, entries]): Table => {
    const name = names[stream] ?? '';
    return {
      ...(name === '' ? {} : { name }),
      columns: ['line'],
      rows: entries.flatMap(({ lines }) => lines.map((line) => [line])),
      verbatim: true,
      order: 'in this order',
    };
  });
}

/** One row for each kind of message: how many, since when, until when, in which streams, and the first of them. */
export function kindTable({ kinds }: Folded, streams: number, asOf: Date): Table {
  const hasLevel = kinds.some(({ level }) => level !== null);
  return {
    columns: ['count', ...(hasLevel ? ['level'] : []), 'first', 'last', ...(streams > 1 ? ['in'] : []), 'sample'],
    rows: kinds.map((kind): Cell[] => [
      kind.count,
      ...(hasLevel ? [kind.level] : []),
      kind.first === null ? null : showTime(kind.first, asOf),
      kind.last === null ? null : showTime(kind.last, asOf),
      ...(streams > 1 ? [showSources(kind, streams)] : []),
      showSample(kind.sample),
    ]),
    order: 'errors first',
    limit: KINDS_SHOWN,
  };
}

function showSources({ sources }: LineKind, streams: number): string {
  const [first = '', ...others] = sources;
  if (others.length === 0) return first;
  return sources.size === streams ? 'all' : `${sources.size}/${streams}`;
}
