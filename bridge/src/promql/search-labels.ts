import type { Table } from '../answer.ts';
import { countOf } from '../brief-text.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';
import { emptyHints } from './empty-hints.ts';
import { outline } from './expression-outline.ts';
import { askMarked, marked } from './marked-questions.ts';
import { type SearchAnswer, type SearchRequest, type SearchScope, searchedTime } from './search-request.ts';
import { shownLabel } from './secret-labels.ts';

/** Up to so many series are read one by one; of more only the values are counted. */
const FEW_SERIES = 2000;
const MAX_LABELS = 40;
const EXAMPLES = 5;
/** Examples that are longer than this together are fewer. */
const EXAMPLE_CHARACTERS = 60;

/**
 * The labels of the series that a selector takes now, with the number of their values.
 * @throws {ToolError}
 */
export async function searchLabels(scope: SearchScope, request: SearchRequest): Promise<SearchAnswer> {
  const { prometheus, signal, time } = request;
  const { text } = scope;
  const series = (await askMarked(prometheus, [marked(`count(${text})`, 'all')], time, signal)).get('all') ?? 0;
  if (series === 0) {
    const notes = await emptyHints(outline(text), { time, isNow: true }, prometheus, signal);
    return { title: text, summary: 'no series', tables: [], notes, next: [] };
  }
  const found = series <= FEW_SERIES ? await readLabels(text, request) : await countLabels(scope, series, request);
  const widest = found.columns.findLast(({ values }) => values <= MOST_GROUPS) ?? found.columns[0];
  return {
    title: text,
    summary: `${series} series, ${countOf(found.columns.length + Object.keys(found.common).length, 'label')}`,
    tables: [labelTable(found)],
    notes: found.notes,
    next:
      widest === undefined || widest.label === '__name__'
        ? []
        : [{ tool: 'promql.search', arguments: { match: text, label: widest.label } }],
  };
}

/** More values than these are more than somebody looks at. */
const MOST_GROUPS = 100;

interface LabelColumn {
  label: string;
  values: number;
  /** The values with most series; null where they were not read. */
  examples: readonly string[] | null;
  /** Series without the label; null where they were not counted. */
  without: number | null;
}

interface FoundLabels {
  common: Labels;
  /** Those that divide the series the least first. */
  columns: readonly LabelColumn[];
  notes: string[];
}

async function readLabels(text: string, { prometheus, signal, time }: SearchRequest): Promise<FoundLabels> {
  const { result } = await prometheus.query(text, { time }, signal);
  const sets = result.type === 'vector' ? result.samples.map(({ labels }) => labels) : [];
  const counts = new Map<string, Map<string, number>>();
  for (const labels of sets) {
    for (const [label, value] of Object.entries(labels)) {
      const values = counts.get(label) ?? new Map<string, number>();
      counts.set(label, values.set(value, (values.get(value) ?? 0) + 1));
    }
  }
  const columns = [...counts].map(([label, values]): LabelColumn => {
    const ranked = [...values].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
    const having = ranked.reduce((sum, [, count]) => sum + count, 0);
    const examples = ranked.slice(0, EXAMPLES).map(([value]) => shownLabel(label, value));
    return { label, values: values.size, examples, without: sets.length - having };
  });
  const isCommon = ({ values, without }: LabelColumn) => values === 1 && without === 0;
  const common = columns
    .filter(isCommon)
    .sort(byLabel)
    .map(({ label, examples }) => [label, examples?.[0] ?? '']);
  return {
    common: Object.fromEntries(common),
    columns: columns.filter((column) => !isCommon(column)).sort(byValues),
    notes: [],
  };
}

async function countLabels({ text, match }: SearchScope, series: number, request: SearchRequest): Promise<FoundLabels> {
  const { prometheus, signal, time } = request;
  const labels = (await prometheus.labels({ match, ...searchedTime(request) }, signal)).toSorted();
  const asked = labels.slice(0, MAX_LABELS);
  const questions = asked.map((label, index) =>
    marked(`count(count by (${/^\w+$/.test(label) ? label : JSON.stringify(label)}) (${text}))`, `${index}`),
  );
  const counts = await askMarked(prometheus, questions, time, signal);
  const columns = asked.flatMap((label, index): LabelColumn[] => {
    const values = counts.get(`${index}`);
    return values === undefined ? [] : [{ label, values, examples: null, without: null }];
  });
  return {
    common: {},
    columns: columns.sort(byValues),
    notes: [
      `values are counted only, since there are more than ${FEW_SERIES} series (${series}); label shows those of one.`,
      ...(labels.length > asked.length ? [`${labels.length - asked.length} more labels are not counted.`] : []),
    ],
  };
}

function byLabel(a: LabelColumn, b: LabelColumn): number {
  return a.label < b.label ? -1 : 1;
}

function byValues(a: LabelColumn, b: LabelColumn): number {
  return a.values - b.values || byLabel(a, b);
}

function labelTable({ common, columns }: FoundLabels): Table {
  const some = columns.some(({ without }) => without !== null && without > 0);
  const examples = columns.some((column) => column.examples !== null);
  return {
    ...(Object.keys(common).length === 0 ? {} : { common }),
    columns: ['label', 'values', ...(some ? ['lacking'] : []), ...(examples ? ['examples'] : [])],
    rows: columns.map((column) => [
      column.label,
      column.values,
      ...(some ? [column.without] : []),
      ...(examples ? [showExamples(column)] : []),
    ]),
    order: 'fewest values first',
  };
}

function showExamples({ values, examples }: LabelColumn): string | null {
  if (examples === null) return null;
  let length = 0;
  const fitting = examples.filter((value, index) => {
    length += value.length;
    return index === 0 || length <= EXAMPLE_CHARACTERS;
  });
  return `${fitting.join(', ')}${values > fitting.length ? ', …' : ''}`;
}
