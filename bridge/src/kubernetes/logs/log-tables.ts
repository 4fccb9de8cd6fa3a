import type { Cell, Table } from '../../answer.ts';
import { listNames } from '../../brief-text.ts';
import type { Folded, LineKind } from '../../logs/fold-lines.ts';
import { showEntry, showSample, showTime } from '../../logs/show-entry.ts';
import { type AlikeLogs, groupAlike } from './alike-logs.ts';
import type { LogContainer } from './log-containers.ts';
import type { LogReading } from './pod-logs.ts';

const KINDS_SHOWN = 30;

/** Names containers by what tells them apart: the container in one pod, the pod where each has one container, else both. */
export function containerLabels(containers: readonly LogContainer[]): (container: LogContainer) => string {
  const pods = new Set(containers.map((each) => each.pod));
  const isOneEach = pods.size === containers.length;
  return ({ pod, name }) => (pods.size === 1 ? name : isOneEach ? pod : `${pod}/${name}`);
}

/**
 * A table of lines for each log that has any, or one for logs that are alike. `lines` are shown, shared fairly. The rest of a
 * single log comes by cursor; of several, `cut` is the first that has more, to be asked for by its name.
 */
export function lineTables(
  readings: readonly LogReading[],
  lines: number,
  { now, labelOf, isSearch }: { now: Date; labelOf: (container: LogContainer) => string; isSearch: boolean },
): { tables: Table[]; cut: LogContainer | null } {
  const groups = groupAlike(readings.filter((reading) => reading.newest.length > 0));
  const shares = fairShares(
    groups.map(({ reading }) => reading.newest.length),
    lines,
  );
  const tables = groups.map((group, index): Table => {
    const { newest, kept } = group.reading;
    const shown = newest.toReversed().map((entry) => showEntry(entry, now).toReversed());
    const all = shown.flatMap((entry) => entry.map((line) => [line]));
    const limit = shown.slice(0, shares[index]).reduce((sum, entry) => sum + entry.length, 0);
    return {
      ...(readings.length === 1 ? {} : { name: nameOf(group, labelOf) }),
      columns: ['line'],
      rows: groups.length === 1 ? all : all.slice(0, limit),
      verbatim: true,
      reversed: true,
      order: 'newest',
      // Of the end of a log nobody counts what came before.
      total: all.length + (isSearch ? kept - newest.length : 0),
      limit,
    };
  });
  const first = tables.findIndex(({ total = 0, rows }) => total > rows.length);
  return { tables, cut: groups.length === 1 ? null : (groups[first]?.reading.container ?? null) };
}

const ALIKE_NAMED = 5;

function nameOf({ reading, others }: AlikeLogs, labelOf: (container: LogContainer) => string): string {
  const { container } = reading;
  const restarts = container.restarts === 0 ? '' : `, restarted ${container.restarts} times`;
  const alike = others.map((other) => labelOf(other.container));
  const same = alike.length === 0 ? '' : `; alike but for ids and times: ${listNames(alike, ALIKE_NAMED)}`;
  return `${labelOf(container)}${restarts}${same}`;
}

/** How many each of `counts` may have of `total`: as many as the others where it has so many, so that nobody is shouted down. */
export function fairShares(counts: readonly number[], total: number): number[] {
  const shares = counts.map(() => 0);
  let left = total;
  let open = counts.map((_, index) => index).filter((index) => (counts[index] ?? 0) > 0);
  while (left > 0 && open.length > 0) {
    const each = Math.max(1, Math.floor(left / open.length));
    for (const index of open) {
      const more = Math.min(each, left, (counts[index] ?? 0) - (shares[index] ?? 0));
      shares[index] = (shares[index] ?? 0) + more;
      left -= more;
    }
    open = open.filter((index) => (shares[index] ?? 0) < (counts[index] ?? 0));
  }
  return shares;
}

/** One row for each kind of message. `sources` are all logs that were read: where it is one, nobody needs to be told which. */
export function kindTable({ kinds }: Folded, sources: readonly string[], now: Date): Table {
  const hasSources = sources.length > 1;
  const prefix = commonPrefix(sources);
  return {
    ...(hasSources && prefix !== '' ? { common: { in: `${prefix}*` } } : {}),
    columns: ['count', 'level', 'first', 'last', ...(hasSources ? ['in'] : []), 'sample'],
    rows: kinds.map((kind): Cell[] => [
      kind.count,
      kind.level,
      kind.first === null ? null : showTime(kind.first, now),
      kind.last === null ? null : showTime(kind.last, now),
      ...(hasSources ? [showSources(kind, sources.length, prefix)] : []),
      showSample(kind.sample),
    ]),
    order: 'errors first',
    limit: KINDS_SHOWN,
  };
}

/** What the names of generated pods begin with, up to a dash; empty where that is not worth a word. */
function commonPrefix(names: readonly string[]): string {
  const [first = '', ...rest] = names;
  let length = first.length;
  for (const each of rest) while (!each.startsWith(first.slice(0, length))) length -= 1;
  const prefix = first.slice(0, first.slice(0, length).lastIndexOf('-') + 1);
  return prefix.length < SHORT_PREFIX ? '' : prefix;
}

const SHORT_PREFIX = 8;

/** The log, `all`, or how many: `3 pods/proxy` where it is the same container in each. */
function showSources({ sources }: LineKind, all: number, prefix: string): string {
  const [first = '', ...rest] = sources;
  if (rest.length === 0) return first.slice(prefix.length);
  if (sources.size === all) return 'all';
  const container = first.slice(first.indexOf('/'));
  const isSame = first.includes('/') && rest.every((each) => each.endsWith(container));
  return isSame ? `${sources.size} pods${container}` : `${sources.size} of ${all}`;
}
