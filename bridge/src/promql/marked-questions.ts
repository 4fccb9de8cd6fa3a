import type { Prometheus } from '../upstreams/prometheus.ts';
import { type Selector, selectorText } from './expression-outline.ts';

/** The label that marks the series of one question, so that several fit into one query. */
export const MARK = 'telemcp_asked';

/** The number of series of a selector, as one of several questions. */
export function counted(selector: Selector, mark: string): string {
  return marked(`count(${selectorText(selector)}${selector.shift})`, mark);
}

/** An expression as one of several questions, which are joined by ` or `. */
export function marked(expr: string, mark: string): string {
  return `label_replace(${expr}, "${MARK}", "${mark}", "", "")`;
}

/**
 * Asks several marked questions at once; what has no series has no entry in the answer.
 * @throws {ToolError} whatever Prometheus refuses
 */
export async function askMarked(
  prometheus: Prometheus,
  questions: readonly string[],
  time: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  if (questions.length === 0) return new Map();
  const { result } = await prometheus.query(questions.join(' or '), { time }, signal);
  if (result.type !== 'vector') return new Map();
  return new Map(result.samples.map(({ labels, value }) => [labels[MARK] ?? '', value ?? 0]));
}
