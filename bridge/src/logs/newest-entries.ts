import { detachedText } from './detached-text.ts';
import { keptLines, type LogEntry } from './log-entry.ts';

export interface NewestEntries {
  add(entry: LogEntry): void;
  /** What is left. */
  oldestFirst(): LogEntry[];
}

/** Keeps the last `most` entries, and of those no more than `maxCharacters` of text, but always the last one. */
export function createNewestEntries(most: number, maxCharacters: number): NewestEntries {
  const entries: LogEntry[] = [];
  let start = 0;
  let characters = 0;
  return {
    add: ({ time, lines, more }) => {
      const kept = keptLines(lines);
      entries.push({ time: time === null ? null : detachedText(time), lines: kept, more });
      characters += lengthOf(kept);
      while (entries.length - start > 1 && (entries.length - start > most || characters > maxCharacters)) {
        characters -= lengthOf(entries[start]?.lines ?? []);
        start += 1;
      }
      // Taking one off the front of an array costs its length; a thousand at a time costs as much.
      if (start > 1000) {
        entries.splice(0, start);
        start = 0;
      }
    },
    oldestFirst: () => entries.slice(start),
  };
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}
