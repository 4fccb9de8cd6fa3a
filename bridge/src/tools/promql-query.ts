import * as z from 'zod';
import type { Answer } from '../answer.ts';
import type { RangeChart, RangeChartRequest } from '../charts/range-chart.ts';
import { invalidArgument, ToolError } from '../errors.ts';
import { showDuration } from '../format.ts';
import { parseTime } from '../moment.ts';
import { refuseBlanketSelectors } from '../promql/blanket-guard.ts';
import { guardCost } from '../promql/cost-guard.ts';
import { emptyHints } from '../promql/empty-hints.ts';
import { withPlace } from '../promql/error-place.ts';
import { type ExpressionOutline, outline } from '../promql/expression-outline.ts';
import { highestOf } from '../promql/next-queries.ts';
import { presentResult } from '../promql/present-result.ts';
import { planRange } from '../promql/range-plan.ts';
import { redact } from '../redact.ts';
import { configured, defineTool } from '../tool.ts';
import type { QueryResult } from '../upstreams/prometheus-result.ts';

/** Series shown unless told otherwise: a row of a range has more figures. */
const ROWS = 20;
const RANGE_ROWS = 15;
const MAX_TITLE = 120;
const MAX_REMARKS = 5;
/** What happened this long ago targets still tell of themselves. */
const NOW_SECONDS = 60;

export const promqlQuery = defineTool({
  name: 'promql.query',
  title: 'PromQL query',
  description:
    'Evaluates PromQL at a moment or over a range, highest first. A range gives last, min, max, avg and trend of each series.',
  paged: false,
  input: z.strictObject({
    expr: z.string().min(1).describe('PromQL'),
    range: z.string().optional().describe('Look back, like 1h'),
    time: z.string().optional().describe('Moment or end of range, like -10m or RFC 3339'),
    step: z.string().optional().describe('Default fits'),
    limit: z.int().min(1).max(1000).optional().describe('Series shown, default 20, in a range 15'),
    points: z.int().min(1).max(60).optional().describe('Values of each series to show'),
    chart: z.boolean().optional().describe('Also draw a range as an image'),
  }),
  async run({ expr, range, time, step, limit: rows, points, chart }, { upstreams, signal, now }): Promise<Answer> {
    const limit = rows ?? (range === undefined ? ROWS : RANGE_ROWS);
    const prometheus = configured(upstreams.prometheus, 'Prometheus', 'TELEMCP_PROMETHEUS_URL');
    const outlined = outline(expr);
    refuseBlanketSelectors(outlined);
    const asOf = time === undefined ? now : parseTime(time, now);
    if (range === undefined && step !== undefined)
      throw invalidArgument('step', 'goes with range only', 'Give range as well, for example range="1h".');
    if (range === undefined && chart === true)
      throw invalidArgument('chart', 'needs a range to draw', 'Give range as well, for example range="1h".');
    const plan =
      range === undefined
        ? null
        : planRange({
            range,
            end: asOf,
            ...(step === undefined ? {} : { step }),
            ...(points === undefined ? {} : { points }),
          });
    const seconds = asOf.getTime() / 1000;
    const ahead = seconds - now.getTime() / 1000;
    const unknownCost = await guardCost(outlined, { plan, time: seconds }, prometheus, signal);
    const { result, warnings, infos } = await withWayOut(outlined, () =>
      plan === null ? prometheus.query(expr, { time: seconds }, signal) : prometheus.queryRange(expr, plan, signal),
    );
    const again = {
      ...(range === undefined ? {} : { range }),
      ...(time === undefined ? {} : { time }),
      ...(step === undefined ? {} : { step }),
    };
    const shown = presentResult(result, { outline: outlined, plan, limit, points: points ?? 0, again });
    const empty =
      result.type === 'vector' ? result.samples.length === 0 : result.type === 'matrix' && result.series.length === 0;
    const window =
      plan === null ? 'instant' : `range ${showDuration(plan.end - plan.start, 5)}, step ${showDuration(plan.step, 5)}`;
    const drawn =
      chart === true && plan !== null ? await draw(result, { outline: outlined, plan, window, limit }) : null;
    return {
      ...shown,
      title: titleOf(outlined.text),
      source: prometheus.name,
      asOf,
      window,
      ...(drawn?.kind === 'chart' ? { picture: drawn.picture } : {}),
      notes: [
        ...(ahead > 60 ? [`time lies ${showDuration(ahead)} in the future.`] : []),
        ...unknownCost,
        ...shown.notes,
        ...(drawn?.kind === 'none' ? [drawn.reason] : []),
        ...warnings.slice(0, MAX_REMARKS).map((words) => `Prometheus warns: ${words}`),
        ...infos.slice(0, MAX_REMARKS).map((words) => `Prometheus remarks: ${words}`),
        ...(empty
          ? await emptyHints(outlined, { time: seconds, isNow: Math.abs(ahead) < NOW_SECONDS }, prometheus, signal)
          : []),
      ],
    };
  },
});

/** What draws is loaded with the first chart that is asked for. */
async function draw(result: QueryResult, request: RangeChartRequest): Promise<RangeChart> {
  const { rangeChart } = await import('../charts/range-chart.ts');
  return rangeChart(result, request);
}

/** An answer with more bytes than are read comes with a query that has fewer, a syntax error with the place it is about. */
async function withWayOut<T>({ source, text }: ExpressionOutline, evaluate: () => Promise<T>): Promise<T> {
  try {
    return await evaluate();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    if (error.code === 'bad_query') throw withPlace(error, source);
    // Work that is too much for Prometheus itself would not become less by this.
    if (error.code !== 'too_large' || !/ bytes$/.test(error.message)) throw error;
    throw new ToolError(error.code, error.message, {
      upstream: error.upstream,
      hint: `${error.hint ?? ''} This gives the highest only: ${highestOf(text)}`.trim(),
      cause: error,
    });
  }
}

/** Redacted before it is cut: half a secret would no longer look like one. */
function titleOf(expr: string): string {
  const safe = redact(expr);
  return safe.length > MAX_TITLE ? `${safe.slice(0, MAX_TITLE)}…` : safe;
}
