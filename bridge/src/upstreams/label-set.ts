import * as z from 'zod';
import type { Labels } from './prometheus-result.ts';

/** Labels or annotations as servers of Prometheus's kind send them; some write null for none. */
export const LabelSet = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels): Labels => labels ?? {});

/** Where a label set belongs in an order that is the same for the same labels, whatever order they came in. */
export function labelOrder(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
