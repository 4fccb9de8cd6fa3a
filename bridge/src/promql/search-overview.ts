import type { Table } from '../answer.ts';
import { countOf } from '../brief-text.ts';
import type { SeriesStatistics } from '../upstreams/prometheus-status.ts';
import { aside } from './aside.ts';
import { MARK, marked } from './marked-questions.ts';
import { FIGURES_MS, type SearchAnswer, type SearchRequest, searchedTime } from './search-request.ts';

const SHOWN_GROUPS = 40;
const SHOWN_JOBS = 20;
const SHOWN_METRICS = 5;

/**
 * What there is to query: metrics by the first word of their names, who is scraped, and the metrics with most series.
 * @throws {ToolError}
 */
export async function searchOverview(request: SearchRequest): Promise<SearchAnswer> {
  const { prometheus, signal } = request;
  const [names, jobs, statistics] = await Promise.all([
    prometheus.labelValues('__name__', searchedTime(request), signal),
    aside(FIGURES_MS, signal, (patience) => readJobs({ ...request, signal: patience })),
    aside(FIGURES_MS, signal, (patience) => prometheus.seriesStatistics({ limit: SHOWN_METRICS }, patience)),
  ]);
  const groups = groupNames(names);
  const found = [
    `${countOf(names.length, 'metric')} in ${countOf(groups.length, 'group')} by first word`,
    ...(statistics === null ? [] : [`${statistics.series} series`]),
    ...(jobs === null ? [] : [countOf(jobs.length, 'job')]),
  ];
  const tables: Table[] = [
    { name: 'metrics', columns: ['word', 'metrics'], rows: groups, limit: SHOWN_GROUPS, order: 'most first' },
    ...(jobs === null || jobs.length === 0 ? [] : [jobTable(jobs)]),
    ...(statistics === null || statistics.byMetric.length === 0 ? [] : [largestTable(statistics)]),
  ];
  const first = groups.find(([word]) => !OWN_WORDS.has(word));
  return {
    title: 'what can be queried',
    summary: found.join(', '),
    tables: names.length === 0 ? tables.slice(1) : tables,
    notes: [
      ...(jobs === null ? ['scrape jobs are not known: Prometheus did not tell in time.'] : []),
      ...(jobs?.length === 0 ? ['nothing is scraped here: there is no series up.'] : []),
      ...(statistics === null ? ['how many series there are is not known: this server does not tell.'] : []),
    ],
    next: first === undefined ? [] : [{ tool: 'promql.search', arguments: { text: first[0] } }],
  };
}

/** What every scrape and every exporter brings along; nobody asks for these first. */
const OWN_WORDS = new Set(['scrape', 'up', 'go', 'process', 'promhttp', 'prometheus', 'python']);

/** First words of names, the most frequent first. `job:metric:rate5m` of a recording rule begins with `job`. */
function groupNames(names: readonly string[]): [string, number][] {
  const groups = new Map<string, number>();
  for (const name of names) {
    const word = /^_*[^_:]+/.exec(name)?.[0] ?? name;
    groups.set(word, (groups.get(word) ?? 0) + 1);
  }
  return [...groups].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
}

interface Job {
  job: string;
  targets: number;
  down: number;
  /** Samples of one scrape, which is about as many series; null where it is not known. */
  samples: number | null;
}

async function readJobs({ prometheus, signal, time }: SearchRequest): Promise<Job[]> {
  const questions = { targets: 'count by (job) (up)', down: 'count by (job) (up == 0)', samples: SAMPLES };
  const expr = Object.entries(questions)
    .map(([mark, question]) => marked(question, mark))
    .join(' or ');
  const { result } = await prometheus.query(expr, { time }, signal);
  const found = new Map<string, Map<string, number>>();
  for (const { labels, value } of result.type === 'vector' ? result.samples : []) {
    const job = found.get(labels.job ?? '') ?? new Map<string, number>();
    found.set(labels.job ?? '', job.set(labels[MARK] ?? '', value ?? 0));
  }
  return [...found]
    .map(([job, figures]) => ({
      job,
      targets: figures.get('targets') ?? 0,
      down: figures.get('down') ?? 0,
      samples: figures.get('samples') ?? null,
    }))
    .filter(({ targets }) => targets > 0)
    .sort((a, b) => b.down - a.down || (b.samples ?? 0) - (a.samples ?? 0) || (a.job < b.job ? -1 : 1));
}

const SAMPLES = 'sum by (job) (scrape_samples_post_metric_relabeling)';

function jobTable(jobs: readonly Job[]): Table {
  return {
    name: 'jobs',
    columns: ['job', 'targets', 'down', 'samples'],
    rows: jobs.map(({ job, targets, down, samples }) => [job, targets, down, samples]),
    limit: SHOWN_JOBS,
    order: 'most targets down first, then most samples per scrape',
  };
}

function largestTable({ byMetric }: SeriesStatistics): Table {
  return {
    name: 'most series',
    columns: ['metric', 'series'],
    rows: byMetric
      .toSorted((a, b) => b.series - a.series || (a.name < b.name ? -1 : 1))
      .slice(0, SHOWN_METRICS)
      .map(({ name, series }) => [name, series]),
  };
}
