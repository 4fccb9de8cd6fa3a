import { compareText } from '../compare-text.ts';
import { detachedText } from './detached-text.ts';
import { headlineOf } from './entry-headline.ts';
import { templateOf } from './line-template.ts';
import { keptLines, type LogEntry } from './log-entry.ts';
import { gravity, type Level } from './log-level.ts';
import { levelOf } from './log-record.ts';

/** Entries that say the same but for numbers, ids and times. */
export interface LineKind {
  template: string;
  level: Level | null;
  count: number;
  /** RFC 3339; null where no time is known. */
  first: string | null;
  last: string | null;
  /** The first of them. */
  sample: LogEntry;
  /** Where they came from, such as pods, in the order in which they came. */
  sources: ReadonlySet<string>;
}

export interface Folded {
  /** Errors and warnings first, of each the newest first. */
  kinds: LineKind[];
  entries: number;
  /** Entries of kinds that had to make room for others. Above 0 the counts of kinds are the least they can be. */
  unlisted: number;
}

export interface Folder {
  /** `level` is for a message that names none itself. */
  add(entry: LogEntry, source: string, level?: Level | null): void;
  folded(): Folded;
}

const MAX_KINDS = 1000;

/** Counts entries by what they say, in a bounded number of kinds: when there are too many, the least grave, rare and old go. */
export function createFolder(maxKinds = MAX_KINDS): Folder {
  const kinds = new Map<string, OpenKind>();
  let entries = 0;
  let unlisted = 0;
  return {
    add: (entry, source, level = null) => {
      entries += 1;
      const headline = headlineOf(entry);
      const template = templateOf(headline);
      const known = kinds.get(template);
      if (known !== undefined) {
        known.count += 1;
        widen(known, entry.time);
        known.sources.add(source);
        return;
      }
      kinds.set(detachedText(template), openKind(entry, { headline, source, level }));
      if (kinds.size > maxKinds) unlisted += dropLeast(kinds, Math.ceil(maxKinds / 4));
    },
    folded: () => ({
      kinds: [...kinds].map(([template, kind]) => ({ template, ...kind })).sort(byUrgency),
      entries,
      unlisted,
    }),
  };
}

type OpenKind = Omit<LineKind, 'template' | 'sources'> & { sources: Set<string> };

function openKind(
  { time, lines, more }: LogEntry,
  { headline, source, level }: { headline: string; source: string; level: Level | null },
): OpenKind {
  const at = time === null ? null : detachedText(time);
  return {
    level: levelOf(lines[0] ?? '') ?? levelOf(headline) ?? level,
    count: 1,
    first: at,
    last: at,
    sample: { time: at, lines: keptLines(lines), more },
    sources: new Set([source]),
  };
}

/** Containers are read side by side, so entries do not come in the order of time. */
function widen(kind: OpenKind, time: string | null): void {
  if (time === null) return;
  if (kind.first === null || time < kind.first) kind.first = detachedText(time);
  if (kind.last === null || time > kind.last) kind.last = detachedText(time);
}

function dropLeast(kinds: Map<string, OpenKind>, count: number): number {
  const least = [...kinds]
    .sort(
      ([, a], [, b]) =>
        gravity(b.level) - gravity(a.level) || a.count - b.count || compareText(a.last ?? '', b.last ?? ''),
    )
    .slice(0, count);
  for (const [template] of least) kinds.delete(template);
  return least.reduce((sum, [, kind]) => sum + kind.count, 0);
}

function byUrgency(a: LineKind, b: LineKind): number {
  return (
    urgency(a.level) - urgency(b.level) ||
    compareText(b.last ?? '', a.last ?? '') ||
    b.count - a.count ||
    compareText(a.template, b.template)
  );
}

/** Beyond warnings the level says little of what matters. */
function urgency(level: Level | null): number {
  return Math.min(gravity(level), gravity(null));
}
