import { headlineOf } from '../../logs/entry-headline.ts';
import { templateOf } from '../../logs/line-template.ts';
import type { LogReading } from './pod-logs.ts';

/** Logs that say the same but for numbers, ids and times, such as those of replicas that crash for one reason. */
export interface AlikeLogs {
  /** The one to show. */
  reading: LogReading;
  others: readonly LogReading[];
}

/** Puts logs with a like end together, in the order of the first of each. Of repeated messages it does not matter how many. */
export function groupAlike(readings: readonly LogReading[]): AlikeLogs[] {
  const groups = Map.groupBy(readings, outlineOf);
  return [...groups.values()].flatMap(([reading, ...others]) => (reading === undefined ? [] : [{ reading, others }]));
}

function outlineOf({ newest }: LogReading): string {
  const templates = newest.map((entry) => templateOf(headlineOf(entry)));
  return templates.filter((template, index) => template !== templates[index - 1]).join('\n');
}
