import { countOf } from '../../brief-text.ts';
import type { Folded } from '../../logs/fold-lines.ts';
import type { LogReading } from './pod-logs.ts';

interface Shown {
  lines: number;
  isSearch: boolean;
  /** Null when lines are shown. */
  kinds: Folded | null;
  /** Logs that could not be read at all. */
  failed: number;
}

/** How much was read, how much of it is wanted, and how it is shown, in one line. */
export function logSummary(readings: readonly LogReading[], { lines, isSearch, kinds, failed }: Shown): string {
  const sum = (count: (reading: LogReading) => number) => readings.reduce((total, each) => total + count(each), 0);
  const read = sum((each) => each.lines);
  const entries = sum((each) => each.entries);
  const kept = sum((each) => each.kept);
  const excluded = sum((each) => each.excluded);
  if (readings.length === 0) return 'no log to read';
  const isWhole = failed === 0 && readings.every((each) => each.stopped === null && each.problem === null);
  if (read === 0 && !isWhole) return 'no line could be read';
  if (read === 0) return isSearch ? 'no lines in this window' : 'the log is empty';
  const noun = entries === read ? 'line' : 'message';
  if (!isSearch) {
    const hasOlder = readings.some((each) => each.lines > lines);
    const held = sum((each) => each.newest.length);
    if (hasOlder) return `last ${countOf(held, noun)} read, older ones exist`;
    return `${countOf(held, noun)}, ${isWhole ? 'all there are' : 'not all there are'}`;
  }
  const joined = noun === 'line' ? '' : ` in ${entries} messages`;
  const out = excluded === 0 ? '' : `, ${excluded} excluded`;
  const found = kept === entries ? '' : `, ${kept === 0 ? 'none' : kept} ${kept === 1 ? 'matches' : 'match'}`;
  const how = kinds === null ? '' : `: ${countOf(kinds.kinds.length, 'kind')} of ${noun}s, errors first`;
  return `${countOf(read, 'line')}${joined} read${out}${found}${how}`;
}
