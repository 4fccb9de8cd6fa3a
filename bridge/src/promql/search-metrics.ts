import type { NextCall, Table } from '../answer.ts';
import { briefText, countOf } from '../brief-text.ts';
import type { MetricMetadata } from '../upstreams/prometheus-status.ts';
import { aside } from './aside.ts';
import { selectorText } from './expression-outline.ts';
import { labelWords } from './label-words.ts';
import { MARK, marked } from './marked-questions.ts';
import { type MetricFamily, rankMetrics, toFamilies, wordsOf } from './metric-ranking.ts';
import {
  FIGURES_MS,
  oneOf,
  type SearchAnswer,
  type SearchRequest,
  type SearchScope,
  searchedTime,
} from './search-request.ts';

const SHOWN = 12;
/** Metrics that series are counted of; those behind them are seldom looked at. */
const COUNTED = 36;
const HELP_CHARACTERS = 70;

/**
 * The metrics that some words may be about, best first, with type, series, labels and help; only those of a selector where
 * there is one.
 * @throws {ToolError}
 */
export async function searchMetrics(
  text: string,
  within: SearchScope | null,
  request: SearchRequest,
): Promise<SearchAnswer> {
  const { prometheus, signal } = request;
  const match = within === null ? {} : { match: within.match };
  const [names, metadata] = await Promise.all([
    prometheus.labelValues('__name__', { ...match, ...searchedTime(request) }, signal),
    aside(FIGURES_MS, signal, (patience) => prometheus.metadata({}, patience)),
  ]);
  const about = (name: string) => metadataOf(name, metadata);
  const helpOf = (name: string) => about(name)?.help ?? '';
  const families = toFamilies(names);
  const byName = rankMetrics(text, families, { helpOf });
  const named = byName.by === 'some' ? byName.found.flatMap((family) => family.names) : [];
  const { found, by } =
    named.length === 0
      ? byName
      : rankMetrics(text, families, { helpOf, hasLabel: await labelWords(wordsOf(text), named, within, request) });
  const figures = found.length === 0 ? NO_FIGURES : await readFigures(found.slice(0, COUNTED), within, request);
  const title = `metrics about ${JSON.stringify(text)}${within === null ? '' : ` in ${within.match}`}`;
  const [best] = found;
  return {
    title,
    summary: `${summaryOf(found.length, by)}, of ${names.length}`,
    tables: found.length === 0 ? [] : [metricTable(found, about, figures)],
    notes: [
      ...(found.length > 0 && (metadata?.size ?? 0) === 0
        ? ['type and help are not known: this server keeps none.']
        : []),
      ...(figures === null ? ['series and labels are not known: counting them took too long.'] : []),
      ...(figures !== null && found.length > COUNTED
        ? [`series and labels are looked up for the first ${COUNTED}.`]
        : []),
    ],
    next: best === undefined ? [{ tool: 'promql.search', arguments: {} }] : nextCalls(best, about),
  };
}

function summaryOf(count: number, by: 'all' | 'some' | 'near'): string {
  if (count === 0) return 'no metric has these words, in name or help';
  const found = countOf(count, 'metric');
  if (by === 'all') return found;
  return by === 'some'
    ? `no metric has all these words; ${found} with half of them`
    : `no metric has these words; ${found} spelled alike`;
}

/** Exporters describe a histogram or summary once, and some a counter without its ending. */
function metadataOf(
  name: string,
  metadata: ReadonlyMap<string, readonly MetricMetadata[]> | null,
): MetricMetadata | null {
  return (metadata?.get(name) ?? metadata?.get(name.replace(/_(?:bucket|count|sum|total)$/, '')))?.[0] ?? null;
}

interface Figures {
  series: number;
  /** Of one of its series. */
  labels: readonly string[];
}

const NO_FIGURES: ReadonlyMap<string, Figures> = new Map();

/** Number of series and names of labels by metric; null where they could not be had in time. */
async function readFigures(
  families: readonly MetricFamily[],
  within: SearchScope | null,
  { prometheus, signal, time }: SearchRequest,
): Promise<ReadonlyMap<string, Figures> | null> {
  const pattern = oneOf(families.flatMap(({ names }) => names));
  const named = { label: '__name__', operator: '=~', value: '', text: `__name__=~${pattern}` } as const;
  const matchers = within === null ? [] : within.selector.matchers;
  // The metric of a selector is left out: the pattern has it already.
  const selector = selectorText({
    metric: null,
    matchers: [named, ...matchers],
    window: null,
    shift: '',
    start: 0,
    end: 0,
  });
  const one = marked(`topk by (__name__) (1, ${selector})`, 'labels');
  const answer = await aside(FIGURES_MS, signal, (patience) =>
    prometheus.query(`count by (__name__) (${selector}) or ${one}`, { time }, patience),
  );
  if (answer === null) return null;
  const figures = new Map<string, Figures>();
  for (const { labels, value } of answer.result.type === 'vector' ? answer.result.samples : []) {
    const { __name__: name = '', [MARK]: asked, ...others } = labels;
    const known = figures.get(name) ?? { series: 0, labels: [] };
    figures.set(
      name,
      asked === undefined ? { ...known, series: value ?? 0 } : { ...known, labels: Object.keys(others) },
    );
  }
  return figures;
}

function metricTable(
  found: readonly MetricFamily[],
  about: (name: string) => MetricMetadata | null,
  figures: ReadonlyMap<string, Figures> | null,
): Table {
  const labelsOf = ({ names }: MetricFamily) => [...new Set(names.flatMap((name) => figures?.get(name)?.labels ?? []))];
  const known = found
    .slice(0, COUNTED)
    .map(labelsOf)
    .filter((labels) => labels.length > 0);
  const everywhere =
    known.length < 2 ? [] : (known[0] ?? []).filter((label) => known.every((labels) => labels.includes(label)));
  const rows = found.map((family, index) => {
    const [first = ''] = family.names;
    const metadata = about(first);
    const labels = labelsOf(family)
      .filter((label) => !everywhere.includes(label))
      .sort();
    const series = family.names.reduce((sum, name) => sum + (figures?.get(name)?.series ?? 0), 0);
    const help = metadata === null || metadata.help === '' ? null : briefText(metadata.help, HELP_CHARACTERS);
    const counted = figures !== null && index < COUNTED;
    return [
      family.shown,
      metadata?.type ?? null,
      ...(figures === null ? [] : [counted ? series : null, labels.length === 0 ? null : labels.join(',')]),
      help,
    ];
  });
  return {
    ...(everywhere.length === 0 ? {} : { common: { labels: everywhere.toSorted().join(',') } }),
    columns: ['metric', 'type', ...(figures === null ? [] : ['series', 'labels']), 'help'],
    rows,
    limit: SHOWN,
    order: 'best first',
  };
}

/** A first query of what was found, and its labels. */
function nextCalls(best: MetricFamily, about: (name: string) => MetricMetadata | null): NextCall[] {
  const [name = ''] = best.names;
  const type = about(name)?.type;
  const expr =
    best.names.length > 1
      ? `histogram_quantile(0.95, sum by (le) (rate(${name}[5m])))`
      : type === 'counter' || name.endsWith('_total')
        ? `topk(10, rate(${name}[5m]))`
        : `topk(10, ${name})`;
  return [
    { tool: 'promql.query', arguments: { expr } },
    { tool: 'promql.search', arguments: { match: name } },
  ];
}
