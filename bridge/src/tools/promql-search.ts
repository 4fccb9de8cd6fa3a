import * as z from 'zod';
import type { Answer } from '../answer.ts';
import { invalidArgument } from '../errors.ts';
import { refuseBlanketSelectors } from '../promql/blanket-guard.ts';
import { outline, selectorText } from '../promql/expression-outline.ts';
import { searchLabels } from '../promql/search-labels.ts';
import { searchMetrics } from '../promql/search-metrics.ts';
import { searchOverview } from '../promql/search-overview.ts';
import type { SearchAnswer, SearchRequest, SearchScope } from '../promql/search-request.ts';
import { searchValues } from '../promql/search-values.ts';
import { configured, defineTool } from '../tool.ts';

const input = z.strictObject({
  text: z.string().optional().describe('Words in name or help, or part of a value of label'),
  match: z.string().optional().describe('Selector, like up or kube_pod_info{namespace="a"}'),
  label: z.string().optional().describe('Show values of this label'),
});
type Arguments = z.infer<typeof input>;

/** `promql.search`: what there is to query. */
export const promqlSearch = defineTool({
  name: 'promql.search',
  title: 'Metrics and labels',
  description:
    'Finds what PromQL can ask for. Without arguments: groups of metrics and scrape jobs. With text: metrics, their type, ' +
    'labels and help. With match: labels of these series. With label: its values and how many series have each.',
  input,
  paged: true,
  async run(args, { upstreams, signal, now }): Promise<Answer> {
    const prometheus = configured(upstreams.prometheus, 'Prometheus', 'TELEMCP_PROMETHEUS_URL');
    const found = await search(args, { prometheus, signal, time: now.getTime() / 1000 });
    return { ...found, source: prometheus.name, asOf: now };
  },
});

async function search(args: Arguments, request: SearchRequest): Promise<SearchAnswer> {
  const [text, match, label] = [args.text, args.match, args.label].map(unlessEmpty);
  const within = match === undefined ? null : scopeOf(match);
  if (label !== undefined) return await searchValues({ label, text, within }, request);
  if (text !== undefined) return await searchMetrics(text, within, request);
  if (within !== null) return await searchLabels(within, request);
  return await searchOverview(request);
}

/** Models fill in what they leave out with empty strings. */
function unlessEmpty(text: string | undefined): string | undefined {
  return text?.trim() === '' ? undefined : text?.trim();
}

function scopeOf(match: string): SearchScope {
  const outlined = outline(match);
  refuseBlanketSelectors(outlined);
  const { only, text } = outlined;
  if (only !== null && only.window === null)
    return { text, match: only.shift === '' ? text : selectorText(only), selector: only };
  const hint = 'For example node_load1, or {job="node"}; promql.query evaluates expressions.';
  throw invalidArgument('match', 'is not one selector', hint);
}
