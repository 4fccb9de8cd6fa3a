import * as z from 'zod';
import type { Answer } from '../answer.ts';
import { invalidArgument, ToolError } from '../errors.ts';
import { showDuration } from '../format.ts';
import { refuseBlanketSelectors } from '../promql/blanket-guard.ts';
import { emptyHints } from '../promql/empty-hints.ts';
import { outline } from '../promql/expression-outline.ts';
import { presentResult } from '../promql/present-result.ts';
import { parseTime, planRange } from '../promql/range-plan.ts';
import { redact } from '../redact.ts';
import { configured, defineTool } from '../tool.ts';

const MAX_TITLE = 120;
const MAX_REMARKS = 5;

export const promqlQuery = defineTool({
  name: 'promql.query',
  title: 'PromQL query',
  description:
    'Evaluates PromQL at one moment or over a range, highest series first, with totals. A range gives last, min, max, avg and trend per series, and the values themselves only with points.',
  paged: false,
  input: z.strictObject({
    expr: z.string().min(1).describe('PromQL'),
    range: z.string().optional().describe('Time span to look back over, like 1h or 7d'),
    time: z.string().optional().describe('Moment, or end of range: RFC 3339, unix seconds or like -10m'),
    step: z.string().optional().describe('Of a range, like 1m; left out, it is chosen to fit'),
    limit: z.int().min(1).max(1000).default(20).describe('Series shown'),
    points: z.int().min(1).max(60).optional().describe('Values shown per series of a range'),
  }),
  async run({ expr, range, time, step, limit, points }, { upstreams, signal, now }): Promise<Answer> {
    const prometheus = configured(upstreams.prometheus, 'Prometheus', 'TELEMCP_PROMETHEUS_URL');
    const outlined = outline(expr);
    refuseBlanketSelectors(outlined);
    const asOf = time === undefined ? now : parseTime(time, now);
    if (range === undefined && step !== undefined)
      throw invalidArgument('step', 'goes with range only', 'Give range as well, for example range="1h".');
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
    const { result, warnings, infos } = await withWayOut(outlined.text, () =>
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
    return {
      ...shown,
      title: titleOf(outlined.text),
      source: prometheus.name,
      asOf,
      window:
        plan === null
          ? 'instant'
          : `range ${showDuration(plan.end - plan.start, 5)}, step ${showDuration(plan.step, 5)}`,
      notes: [
        ...(ahead > 60 ? [`time lies ${showDuration(ahead)} in the future.`] : []),
        ...shown.notes,
        ...warnings.slice(0, MAX_REMARKS).map((words) => `Prometheus warns: ${words}`),
        ...infos.slice(0, MAX_REMARKS).map((words) => `Prometheus remarks: ${words}`),
        ...(empty ? await emptyHints(outlined, seconds, prometheus, signal) : []),
      ],
    };
  },
});

/** An answer with more bytes than are read comes with a query that has fewer. */
async function withWayOut<T>(expr: string, evaluate: () => Promise<T>): Promise<T> {
  try {
    return await evaluate();
  } catch (error) {
    // Work that is too much for Prometheus itself would not become less by this.
    if (!(error instanceof ToolError) || error.code !== 'too_large' || !/ bytes$/.test(error.message)) throw error;
    throw new ToolError(error.code, error.message, {
      upstream: error.upstream,
      hint: `${error.hint ?? ''} This gives the highest only: topk(20, ${expr})`.trim(),
      cause: error,
    });
  }
}

/** Redacted before it is cut: half a secret would no longer look like one. */
function titleOf(expr: string): string {
  const safe = redact(expr);
  return safe.length > MAX_TITLE ? `${safe.slice(0, MAX_TITLE)}…` : safe;
}
