import { ToolError } from '../src/errors.ts';
import { createPrometheus, type Prometheus } from '../src/upstreams/prometheus.ts';
import type { Labels } from '../src/upstreams/prometheus-result.ts';

/** What an expression comes to: samples by their labels, or a failure. */
export type Canned = readonly (readonly [Labels, number])[] | ToolError;

/** A Prometheus with ready answers, and what it was asked. */
export interface CannedPrometheus extends Prometheus {
  asked: string[];
}

/**
 * A Prometheus that answers an instant query by the first pattern in it, and with no series where there is none. For what a
 * real one cannot be made to say in a test; whether expressions are right only a real one knows.
 */
export function cannedPrometheus(answers: Readonly<Record<string, Canned>>): CannedPrometheus {
  const asked: string[] = [];
  // Whatever else is asked of it finds nobody at that address.
  const nobody = createPrometheus({ url: new URL('http://127.0.0.1:9') });
  return {
    ...nobody,
    asked,
    query: async (expr, { time = 0 }) => {
      asked.push(expr);
      const [, canned = []] = Object.entries(answers).find(([part]) => expr.includes(part)) ?? [];
      if (canned instanceof ToolError) throw canned;
      const samples = canned.map(([labels, value]) => ({ labels, time, value, histogram: null }));
      return { result: { type: 'vector', samples }, warnings: [], infos: [] };
    },
  };
}
