import { compactNumber } from '../format.ts';
import type { QueryResult } from '../upstreams/prometheus-result.ts';

/** How many series a result has, between which values: `12 series, values 0 to 3.5, 1 of them NaN`. */
export function summarizeResult(result: QueryResult): string {
  if (result.type === 'scalar') return `scalar ${compactNumber(result.value)}`;
  if (result.type === 'string') return `string ${JSON.stringify(result.value)}`;
  const series =
    result.type === 'vector'
      ? result.samples.map(({ value }) => (value === null ? [] : [value]))
      : result.series.map(({ values }) => values);
  if (series.length === 0) return 'no series';
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let counted = 0;
  for (const values of series) {
    for (const value of values) {
      if (Number.isNaN(value)) continue;
      counted += 1;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const nan = series.filter((values) => values.length > 0 && values.every(Number.isNaN)).length;
  const span =
    counted === 0 || (series.length === 1 && result.type === 'vector')
      ? ''
      : low === high
        ? `, ${counted === 1 ? 'value' : 'all values'} ${compactNumber(low)}`
        : `, values ${compactNumber(low)} to ${compactNumber(high)}`;
  return `${series.length} series${span}${nan === 0 || series.length === 1 ? '' : `, ${nan} of them NaN`}`;
}

/** What to know of a range whose outermost function chooses series; null for another. PromQL and LogQL have these in common. */
export function choiceNote(outermost: string | null): string | null {
  return outermost === 'topk' || outermost === 'bottomk'
    ? `${outermost} chooses anew at every step, so there can be more series than it names.`
    : null;
}
