import * as z from 'zod';
import type { Answer } from '../answer.ts';
import { briefText } from '../brief-text.ts';
import { ToolError } from '../errors.ts';
import { emptyHints } from '../logql/empty-hints.ts';
import { presentLines } from '../logql/lines-answer.ts';
import { withMendedQuery } from '../logql/mend-query.ts';
import { dateOf } from '../logql/nanoseconds.ts';
import { type NumbersPlan, planNumbers, presentNumbers, windowOf } from '../logql/numbers-answer.ts';
import { estimateBytes, MOST_BYTES, tooLarge } from '../logql/query-cost.ts';
import { outlineQuery, type QueryOutline } from '../logql/query-outline.ts';
import { parseWindow, showLength } from '../logql/query-window.ts';
import { linesOf, queryLines } from '../logql/read-lines.ts';
import { configured, defineTool } from '../tool.ts';
import type { Loki, LokiAnswer, LokiWindow } from '../upstreams/loki.ts';
import type { QueryResult } from '../upstreams/prometheus-result.ts';

const MAX_TITLE = 120;
const DEFAULT_LIMIT = 20;
/** Lines that are read to be counted by kind; Loki's usual limit. */
const FOLDED_LINES = 5000;

const input = z.strictObject({
  logql: z.string().min(1).describe('LogQL'),
  limit: z.int().min(1).max(1000).default(DEFAULT_LIMIT).describe('Lines or series shown'),
  since: z.string().optional().describe('Span before until, default 1h, or RFC 3339'),
  until: z.string().optional().describe('Same, default now'),
  direction: z.enum(['backward', 'forward']).default('backward'),
  fold: z.boolean().optional().describe('Count lines by kind'),
});
type Arguments = z.infer<typeof input>;

/** `loki.query`: the lines of a log query by stream or by kind, or the numbers of a metric query. */
export const lokiQuery = defineTool({
  name: 'loki.query',
  title: 'LogQL query',
  description:
    'Log lines by stream, many counted by kind, errors first. Metric queries give figures per series. loki.labels has the labels.',
  paged: false,
  input,
  async run(args, { upstreams, signal, now }): Promise<Answer> {
    const loki = configured(upstreams.loki, 'Loki', 'TELEMCP_LOKI_URL');
    const query = outlineQuery(args.logql);
    const named = parseWindow(args, now);
    const numbers = query.type === 'numbers' ? planNumbers(query, named, args.since !== undefined) : null;
    const window = numbers !== null && numbers.plan === null ? { start: named.end, end: named.end } : named;
    const asked = { args, query, window, numbers, loki, signal };
    try {
      await refuseTooLarge(asked);
      return numbers === null ? await askLines(asked) : await askNumbers(asked, numbers);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      throw await withMendedQuery(error, args.logql, window, loki, signal);
    }
  },
});

interface Asked {
  args: Arguments;
  query: QueryOutline;
  /** For a metric query at one moment it is that moment. */
  window: LokiWindow;
  /** Null for lines. */
  numbers: NumbersPlan | null;
  loki: Loki;
  signal: AbortSignal;
}

/** Without a filter Loki stops as soon as it has the lines, however long the window is. */
async function refuseTooLarge({ query, window, loki, signal }: Asked): Promise<void> {
  if (query.type === 'lines' && !query.hasFilter) return;
  const bytes = await estimateBytes(query, window, loki, signal);
  if (bytes !== null && bytes > MOST_BYTES) throw await tooLarge(query, window, bytes, loki, signal);
}

/** What an answer is about, whatever it says. */
type Head = Pick<Answer, 'title' | 'source' | 'asOf' | 'window'>;

async function askLines(asked: Asked): Promise<Answer> {
  const { args, query, window, loki, signal } = asked;
  const { limit, fold, direction } = args;
  // One more than is shown tells whether there are others.
  const wanted = fold === false ? limit + 1 : Math.max(FOLDED_LINES, limit + 1);
  const { answer, most } = await queryLines(loki, args.logql, { ...window, most: wanted, direction }, signal);
  const { result, ...cost } = answer;
  const head: Head = {
    title: briefText(query.text, MAX_TITLE),
    source: loki.name,
    asOf: dateOf(window.end),
    window: `${showLength(window)}, ${direction === 'backward' ? 'newest' : 'oldest'} first, times in UTC`,
  };
  if (result.type !== 'streams') return await withHints(head, result, answer, asked);
  const read = linesOf(result.streams, most, direction);
  const again = repeated(args);
  if (read.lines === 0) {
    const hints = await emptyHints(query, window, again, loki, signal);
    return { ...head, summary: 'no lines', tables: [], ...hints };
  }
  const shown = await presentLines(read, { query, window, direction, limit, fold, again, ...cost }, loki, signal);
  return { ...head, ...shown };
}

async function askNumbers(asked: Asked, { plan, text, asOf }: NumbersPlan): Promise<Answer> {
  const { args, query, window, loki, signal } = asked;
  const answer =
    plan === null
      ? await loki.query(args.logql, { time: window.end }, signal)
      : await loki.queryRange(args.logql, { ...windowOf(plan), step: plan.step }, signal);
  const { result } = answer;
  if (result.type === 'streams') {
    throw new ToolError('bad_response', `${loki.address}: lines where numbers were asked for`, { upstream: loki.name });
  }
  const head: Head = { title: briefText(query.text, MAX_TITLE), source: loki.name, asOf, window: text };
  return await withHints(head, result, answer, asked);
}

async function withHints(head: Head, result: QueryResult, answer: LokiAnswer, asked: Asked): Promise<Answer> {
  const { args, query, window, numbers, loki, signal } = asked;
  const again = repeated(args);
  const shown = presentNumbers(answer, result, { query, plan: numbers?.plan ?? null, limit: args.limit, again });
  const isEmpty = shown.tables.length === 0 && (result.type === 'vector' || result.type === 'matrix');
  if (!isEmpty) return { ...head, ...shown };
  const { notes, next } = await emptyHints(query, window, again, loki, signal);
  return { ...head, ...shown, notes: [...shown.notes, ...notes], next };
}

/** The arguments as a caller would write them again. */
function repeated(args: Arguments): Record<string, string | number | boolean> {
  const { logql, limit, since, until, direction, fold } = args;
  return {
    logql,
    ...(limit === DEFAULT_LIMIT ? {} : { limit }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(direction === 'backward' ? {} : { direction }),
    ...(fold === undefined ? {} : { fold }),
  };
}
