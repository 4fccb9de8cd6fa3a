import { describe, expect, it } from 'vitest';
import { type Asked, askTool, structuredLimit, tokensOfTool } from '../../test/ask-tool.ts';
import { type Canned, type CannedPrometheus, cannedPrometheus } from '../../test/canned-prometheus.ts';
import { ToolError } from '../errors.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import type { SeriesStatistics } from '../upstreams/prometheus-status.ts';
import { promqlSearch } from './promql-search.ts';

/** A Prometheus with `answers` to expressions, and its lists of names; a Mimir or Thanos unless it is given more. */
function fake(answers: Readonly<Record<string, Canned>>, lists: Partial<Prometheus> = {}): CannedPrometheus {
  return {
    ...cannedPrometheus(answers),
    labelValues: async () => [],
    labels: async () => [],
    metadata: async () => null,
    seriesStatistics: async () => null,
    ...lists,
  };
}

const search = (prometheus: Prometheus, args: Record<string, unknown> = {}, from?: number): Promise<Asked> =>
  askTool(promqlSearch, args, null, {
    upstreams: { prometheus },
    ...(from === undefined ? {} : { from: { table: 0, row: from } }),
  });

const statistics = (series: number): SeriesStatistics => ({
  series,
  labelPairs: null,
  byMetric: [],
  byLabelPair: [],
  byLabelValues: [],
});
const late = new ToolError('timeout', 'too slow');

describe('the tool', () => {
  it('is cheap to list, and its description passes every gateway', () => {
    expect(tokensOfTool(promqlSearch)).toBeLessThanOrEqual(200);
    expect(promqlSearch.description).not.toMatch(/[|;<>$]|&&/);
  });

  it.each([
    [{ match: 'sum(up)' }, 'invalid_argument'],
    [{ match: 'up[5m]' }, 'invalid_argument'],
    [{ match: 'a or b' }, 'invalid_argument'],
    [{ match: '{}' }, 'too_large'],
    [{ match: '{__name__=~".+"}', label: 'job' }, 'too_large'],
  ])('with %j is refused before anything is asked', async (args, code) => {
    const prometheus = fake({});
    await expect(search(prometheus, args)).rejects.toMatchObject({ code });
    expect(prometheus.asked).toEqual([]);
  });
});

describe('what there is', () => {
  const jobs: Canned = [
    [{ job: 'node', telemcp_asked: 'targets' }, 100],
    [{ job: 'node', telemcp_asked: 'samples' }, 90_000],
    [{ job: 'api', telemcp_asked: 'targets' }, 3],
    [{ job: 'api', telemcp_asked: 'down' }, 2],
    [{ telemcp_asked: 'samples' }, 7],
  ];
  const names = [
    ...Array.from({ length: 60 }, (_, index) => `w${index % 50}_metric_${index}`),
    ...['go_a', 'go_b', 'go_c', 'job:a:rate5m', 'up'],
  ];

  it('is told by first words and by jobs, those with trouble first', async () => {
    const { text, tokens, answer } = await search(fake({ 'by (job)': jobs }, { labelValues: async () => names }));
    expect(text).toContain('65 metrics in 53 groups by first word, 2 jobs');
    expect(text).toContain('metrics (shown 40 of 53):\nword metrics\ngo 3\nw0 2\nw1 2\n');
    expect(text).toContain('jobs:\njob targets down samples\napi 3 2 -\nnode 100 0 90000');
    // What every program brings along is not what somebody looks for first.
    expect(text).toContain('next: promql_search(text="w0")');
    expect(answer.notes).toEqual(['how many series there are is not known: this server does not tell.']);
    expect(tokens).toBeLessThanOrEqual(800);
  });

  it('goes on where it was cut', async () => {
    const prometheus = fake({ 'by (job)': jobs }, { labelValues: async () => names });
    expect((await search(prometheus)).text).toMatch(/next: promql_search\(cursor="40\./);
    expect((await search(prometheus, {}, 40)).text).toContain('metrics (rows 41 to 53 of 53):');
  });

  it('is told as far as it is known', async () => {
    const { text } = await search(fake({ 'by (job)': late }, { labelValues: async () => ['up'] }));
    expect(text).toContain('1 metric in 1 group');
    expect(text).toContain('scrape jobs are not known');
    expect((await search(fake({}))).text).toContain('nothing is scraped here');
    const refused = { labelValues: () => Promise.reject(new ToolError('denied', 'no tenant')) };
    await expect(search(fake({}, refused))).rejects.toMatchObject({ code: 'denied' });
  });

  it('has the metrics with most series in the same order however the server sends them', async () => {
    const byMetric = ['b', 'a', 'c'].map((name) => ({ name, series: 5 }));
    const seriesStatistics = async () => ({ ...statistics(15), byMetric });
    const { text } = await search(fake({ 'by (job)': jobs }, { labelValues: async () => names, seriesStatistics }));
    expect(text).toContain('15 series');
    expect(text).toContain('most series:\nmetric series\na 5\nb 5\nc 5');
  });
});

describe('metrics by words', () => {
  const labels = { instance: 'a', job: 'b' };
  const figures: Canned = [
    [{ __name__: 'node_memory_free_bytes' }, 12],
    [{ __name__: 'node_memory_free_bytes', ...labels, telemcp_asked: 'labels' }, 1],
    [{ __name__: 'node_memory_numa_bytes' }, 96],
    [{ __name__: 'node_memory_numa_bytes', ...labels, node: '0', telemcp_asked: 'labels' }, 1],
  ];
  const labelValues = async () => ['node_memory_numa_bytes', 'node_memory_free_bytes', 'up'];

  it('have type, series, labels and help, what all share said once', async () => {
    const help = `Free memory of the host${', which is not used by anything'.repeat(9)}`;
    const metadata = async () => new Map([['node_memory_free_bytes', [{ type: 'gauge', help, unit: '' }]]]);
    const { text } = await search(fake({ __name__: figures }, { labelValues, metadata }), { text: 'memory' });
    expect(text.split('\n').slice(1, 5)).toEqual([
      'all: labels=instance,job',
      'metric type series labels help',
      expect.stringMatching(/^node_memory_free_bytes gauge 12 - Free memory of the host.{20,60}…$/),
      'node_memory_numa_bytes - 96 node -',
    ]);
  });

  it('are told without what the server does not keep or cannot count in time', async () => {
    const { text } = await search(fake({ __name__: late }, { labelValues }), { text: 'memory' });
    expect(text).toContain('\nmetric type help\nnode_memory_free_bytes - -\n');
    expect(text).toContain('type and help are not known: this server keeps none');
    expect(text).toContain('series and labels are not known');
  });

  it('are looked for within a selector only, where there is one', async () => {
    const asked: unknown[] = [];
    const prometheus = fake(
      { __name__: figures },
      {
        labelValues: async (_, of) => {
          asked.push(of.match);
          return ['node_memory_free_bytes'];
        },
      },
    );
    await search(prometheus, { text: 'memory', match: '{job="node"}' });
    expect(asked).toEqual(['{job="node"}']);
    expect(prometheus.asked.at(-1)).toContain('{__name__=~"node_memory_free_bytes",job="node"}');
  });

  it('of names that are no identifiers are found by these names', async () => {
    const prometheus = fake({}, { labelValues: async () => ['http.server(x)'] });
    await search(prometheus, { text: 'http' });
    expect(prometheus.asked[0]).toContain(String.raw`{__name__=~"http\\.server\\(x\\)"}`);
  });

  it('are counted for the first pages only, and those cost little', async () => {
    const many = Array.from({ length: 400 }, (_, index) => `apiserver_request_thing_${index}_seconds_total`);
    const prometheus = fake({}, { labelValues: async () => many });
    const first = await search(prometheus, { text: 'apiserver' });
    expect(first.text).toContain('shown 12 of 400, best first');
    expect(first.text).toContain('for the first 36');
    expect(first.tokens).toBeLessThanOrEqual(800);
    expect(first.structuredTokens).toBeLessThanOrEqual(structuredLimit(first));
    expect(prometheus.asked[0]?.match(/apiserver_request/g)).toHaveLength(72);
    const { text } = await search(prometheus, { text: 'apiserver' }, 36);
    // Not counted is not none.
    expect(text).toMatch(/\napiserver_request_thing_\d+_seconds_total - - - -\n/);
  });

  it('that are none are said to be none', async () => {
    const { text } = await search(fake({}, { labelValues }), { text: 'blackbox', match: '', label: '' });
    expect(text).toContain('no metric has these words, in name or help, of 3\nnext: promql_search()');
  });
});

describe('the labels of a selector', () => {
  it('are read from few series: what differs, its values, and what some lack', async () => {
    const series = Array.from({ length: 6 }, (_, index) => ({
      ...{ __name__: 'm', job: 'a', pod: `p${index}`, zone: `z${index % 2}` },
      ...(index === 0 ? { team: 'x' } : {}),
    }));
    const prometheus = fake({ 'count(m)': [[{ telemcp_asked: 'all' }, 6]], m: series.map((labels) => [labels, 1]) });
    const { text } = await search(prometheus, { match: 'm' });
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^m · .* · 6 series, 5 labels$/),
      'all: __name__=m job=a',
      'label values lacking examples',
      'team 1 5 x',
      'zone 2 0 z0, z1',
      'pod 6 0 p0, p1, p2, p3, p4, …',
      'next: promql_search(match="m", label="pod")',
    ]);
  });

  it('are counted only where there are many', async () => {
    const answers: Record<string, Canned> = {
      'count(count by': [
        [{ telemcp_asked: '0' }, 40_000],
        [{ telemcp_asked: '1' }, 3],
      ],
      'count(m': [[{ telemcp_asked: 'all' }, 40_000]],
    };
    const prometheus = fake(answers, { labels: async () => ['pod', 'zone', 'gone'].toSorted().toReversed() });
    const { text } = await search(prometheus, { match: 'm{a="b"} offset 5m' });
    expect(prometheus.asked.at(-1)).toContain('count(count by (gone) (m{a="b"} offset 5m))');
    expect(text).toContain('40000 series, 2 labels');
    expect(text).toContain('label values\npod 3\ngone 40000');
  });

  it('of no series are explained', async () => {
    const { text } = await search(fake({}, { labelValues: async () => ['node_load1', 'up'] }), { match: 'node_laod1' });
    expect(text).toContain('no series\nnote: no metric node_laod1 among 2; near it: node_load1.');
  });
});

describe('the values of a label', () => {
  const counts: Canned = [
    [{}, 9],
    [{ pod: 'b' }, 2],
    [{ pod: 'a' }, 2],
    [{ pod: 'c' }, 7],
  ];

  it('of a selector come with their series, the most first', async () => {
    const { text } = await search(fake({ 'count by (pod) (m)': counts }), { match: 'm', label: 'pod' });
    expect(text).toContain('pod of m · ');
    expect(text).toContain('3 values; 9 series without the label\nvalue series\nc 7\na 2\nb 2');
  });

  it('are filtered by their text', async () => {
    const { text } = await search(fake({ 'count by (pod) (m)': counts }), { match: 'm', label: 'pod', text: 'C' });
    expect(text).toContain('1 value with "C", of 3');
    expect(text).toContain('all: series=7\nvalue\nc');
  });

  it.each([
    ['is small enough', async () => statistics(1000), 'value series\nc 7\na 2\nb 2'],
    ['is too large', async () => statistics(5_000_000), 'value\na\nb'],
    ['does not say how large it is', async () => null, 'value\na\nb'],
  ])('of everything are counted where the database %s', async (_, seriesStatistics, rows) => {
    const lists = { seriesStatistics, labelValues: async () => ['b', 'a'] };
    const prometheus = fake({ '{pod!=""}': counts.slice(1) }, lists);
    const { text } = await search(prometheus, { label: 'pod' });
    expect(text).toContain(rows);
    expect(text.includes('series are counted only with match, here')).toBe(!rows.includes('series'));
  });

  it('are told without series where counting takes too long', async () => {
    const { text } = await search(fake({ count: late }, { labelValues: async () => ['b', 'a'] }), {
      match: 'm',
      label: 'pod',
    });
    expect(text).toContain(
      '2 values\nvalue\na\nb\nnote: counting series took too long; values are those of the last day.',
    );
  });

  it('that do not exist lead to labels that do', async () => {
    const labels = async () => ['__name__', 'instance', 'job', 'pod'];
    expect((await search(fake({}, { labels }), { match: 'm', label: 'pods' })).text).toContain(
      'no label pods among 4; near it: pod.',
    );
    expect((await search(fake({}, { labels }), { match: 'm', label: 'pod' })).text).toContain(
      'pod has values, but on no series now.',
    );
    expect((await search(fake({}), { match: 'm', label: 'pod' })).text).toContain('no series matches m.');
  });

  it('of a label that is no identifier are asked for in quotes', async () => {
    const prometheus = fake({});
    await search(prometheus, { match: 'm', label: 'http.route' });
    expect(prometheus.asked[0]).toBe('count by ("http.route") (m)');
  });
});

describe('words that are labels', () => {
  const names = ['container_memory_rss', 'kube_pod_info', 'node_memory_Slab_bytes'];
  const lists = { labelValues: async () => names };

  it('are asked for where no metric has all of them in its name', async () => {
    const prometheus = fake({ 'pod!=""': [[{ __name__: 'container_memory_rss' }, 7]] }, lists);
    const { text } = await search(prometheus, { text: 'memory pods' });
    expect(text).toContain('· 1 metric, of 3');
    expect(text).toContain('container_memory_rss');
    expect(text).not.toContain('kube_pod_info');
  });

  it('that cannot be looked up leave what the names say', async () => {
    const { text } = await search(fake({ 'pod!=""': late }, lists), { text: 'pod memory' });
    expect(text).toContain('no metric has all these words; 3 metrics with half of them');
  });
});
