import type { Table } from '../answer.ts';
import { countOf } from '../brief-text.ts';
import { nearestNames } from '../nearest-names.ts';
import { aside } from './aside.ts';
import { FIGURES_MS, type SearchAnswer, type SearchRequest, type SearchScope, searchedTime } from './search-request.ts';
import { shownLabel } from './secret-labels.ts';

const SHOWN = 40;
const NEAREST = 5;
/** In a database of more series than these, those of all metrics are not counted for a label. */
const MOST_SERIES = 300_000;

interface Value {
  value: string;
  /** Series that have it now; null where they were not counted. */
  series: number | null;
}

/**
 * The values of a label, those with most series first; only of the series that a selector takes where there is one, and only
 * those that contain `text` where that is given.
 * @throws {ToolError}
 */
export async function searchValues(
  asked: { label: string; text: string | undefined; within: SearchScope | null },
  request: SearchRequest,
): Promise<SearchAnswer> {
  const { label, text, within } = asked;
  const { values, without, notes } = await readValues(label, within, request);
  const wanted = text?.toLowerCase();
  const found = wanted === undefined ? values : values.filter(({ value }) => value.toLowerCase().includes(wanted));
  const title = `${label}${within === null ? '' : ` of ${within.text}`}`;
  const filtered = text === undefined ? '' : ` with ${JSON.stringify(text)}, of ${values.length}`;
  return {
    title,
    summary: `${countOf(found.length, 'value')}${filtered}${without === 0 ? '' : `; ${without} series without the label`}`,
    tables:
      found.length === 0 ? [] : [valueTable(found.map((each) => ({ ...each, value: shownLabel(label, each.value) })))],
    notes: [...notes, ...(values.length === 0 ? await explainNoValues(label, within, request) : [])],
    next: [],
  };
}

function valueTable(found: readonly Value[]): Table {
  const counts = new Set(found.map(({ series }) => series));
  const [everywhere = null] = counts;
  const table = { columns: ['value'], rows: found.map(({ value }) => [value]), limit: SHOWN, order: 'by name' };
  if (counts.size > 1)
    return {
      ...table,
      columns: ['value', 'series'],
      rows: found.map(({ value, series }) => [value, series]),
      order: 'most series first',
    };
  return everywhere === null ? table : { ...table, common: { series: everywhere } };
}

interface ReadValues {
  values: readonly Value[];
  /** Series without the label. */
  without: number;
  notes: string[];
}

async function readValues(label: string, within: SearchScope | null, request: SearchRequest): Promise<ReadValues> {
  const { prometheus, signal, time } = request;
  const name = /^[a-zA-Z_]\w*$/.test(label) ? label : JSON.stringify(label);
  const selector = within === null ? await selectorOfLabel(name, request) : within.text;
  const answer =
    selector === null
      ? null
      : await aside(FIGURES_MS, signal, (patience) =>
          prometheus.query(`count by (${name}) (${selector})`, { time }, patience),
        );
  if (answer !== null && answer.result.type === 'vector') {
    const counts = answer.result.samples.map(({ labels, value }) => ({
      value: labels[label] ?? '',
      series: value ?? 0,
    }));
    const values = counts
      .filter(({ value }) => value !== '')
      .sort((a, b) => b.series - a.series || (a.value < b.value ? -1 : 1));
    return { values, without: counts.find(({ value }) => value === '')?.series ?? 0, notes: [] };
  }
  const of = within === null ? {} : { match: within.match };
  const values = await prometheus.labelValues(label, { ...of, ...searchedTime(request) }, signal);
  const why = selector === null ? 'series are counted only with match, here' : 'counting series took too long';
  return {
    values: values.toSorted().map((value) => ({ value, series: null })),
    without: 0,
    notes: values.length === 0 ? [] : [`${why}; values are those of the last day.`],
  };
}

/** All series that have the label, where the database is small enough to count them; null where it is not, or is not known. */
async function selectorOfLabel(name: string, { prometheus, signal }: SearchRequest): Promise<string | null> {
  const statistics = await aside(FIGURES_MS, signal, (patience) => prometheus.seriesStatistics({ limit: 1 }, patience));
  return statistics === null || statistics.series > MOST_SERIES ? null : `{${name}!=""}`;
}

async function explainNoValues(label: string, within: SearchScope | null, request: SearchRequest): Promise<string[]> {
  const { prometheus, signal } = request;
  const of = within === null ? {} : { match: within.match };
  const labels = await prometheus.labels({ ...of, ...searchedTime(request) }, signal);
  if (labels.length === 0) return [within === null ? 'there are no series.' : `no series matches ${within.match}.`];
  if (labels.includes(label)) return [`${label} has values, but on no series now.`];
  const near = nearestNames(label, labels, NEAREST);
  const some =
    near.length > 0 ? `near it: ${near.join(', ')}` : `some there are: ${labels.slice(0, NEAREST).join(', ')}`;
  return [`no label ${label} among ${labels.length}; ${some}.`];
}
