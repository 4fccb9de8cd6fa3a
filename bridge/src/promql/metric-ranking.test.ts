import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankMetrics, toFamilies } from './metric-ranking.ts';

const NAMES = [
  'container_cpu_usage_seconds_total',
  'container_memory_rss',
  'container_memory_working_set_bytes',
  'http_request_duration_seconds_bucket',
  'http_request_duration_seconds_count',
  'http_request_duration_seconds_sum',
  'kube_pod_container_status_restarts_total',
  'kube_pod_info',
  'node_cpu_seconds_total',
  'node_memory_MemAvailable_bytes',
  'node_memory_MemFree_bytes',
  'process_cpu_seconds_total',
  'scrape_samples_scraped',
  'up',
];
const HELP: Readonly<Record<string, string>> = {
  kube_pod_info: 'Information about pod.',
  node_memory_MemAvailable_bytes: 'Memory information field MemAvailable_bytes.',
  node_cpu_seconds_total: 'Seconds the CPUs spent in each mode.',
};

function search(text: string) {
  const { found, by } = rankMetrics(text, toFamilies(NAMES), { helpOf: (name) => HELP[name] ?? '' });
  return { by, names: found.map(({ shown }) => shown) };
}

describe('metrics', () => {
  it('of a classic histogram are one', () => {
    const families = toFamilies(NAMES);
    expect(families).toHaveLength(NAMES.length - 2);
    expect(families).toContainEqual({
      shown: 'http_request_duration_seconds_{bucket,count,sum}',
      names: NAMES.filter((name) => name.startsWith('http_')),
    });
  });

  it('that only look like parts of one stay apart', () => {
    const names = ['a_bucket', 'a_count', 'b_sum', 'c_count', 'c_sum'];
    expect(toFamilies(names).map(({ shown }) => shown)).toEqual(names);
  });
});

it('a word that is a label of a metric is about it, where no metric has all words otherwise', () => {
  const pods = new Set(['container_memory_rss', 'container_memory_working_set_bytes']);
  const hasLabel = (name: string, word: string) => word === 'pod' && pods.has(name);
  const { found, by } = rankMetrics('pod memory', toFamilies(NAMES), { helpOf: () => '', hasLabel });
  expect(by).toBe('all');
  expect(found.map(({ shown }) => shown)).toEqual([...pods]);
});

describe('the metrics that words are about', () => {
  it.each<[string, string]>([
    ['up', 'up'],
    ['node_memory_MemFree_bytes', 'node_memory_MemFree_bytes'],
    ['pod restart', 'kube_pod_container_status_restarts_total'],
    ['pods restarts', 'kube_pod_container_status_restarts_total'],
    ['CPU container', 'container_cpu_usage_seconds_total'],
    ['http duration', 'http_request_duration_seconds_{bucket,count,sum}'],
    ['http_request_duration_seconds_count', 'http_request_duration_seconds_{bucket,count,sum}'],
    ['memavailable', 'node_memory_MemAvailable_bytes'],
    ['cpu mode', 'node_cpu_seconds_total'],
  ])('%s: %s first', (text, first) => {
    expect(search(text)).toMatchObject({ by: 'all', names: expect.arrayContaining([first]) });
    expect(search(text).names[0]).toBe(first);
  });

  it('are those that have all words, and no others', () => {
    expect(search('memory bytes').names).toEqual([
      'node_memory_MemFree_bytes',
      'node_memory_MemAvailable_bytes',
      'container_memory_working_set_bytes',
    ]);
  });

  it('are those with half of the words where none has all', () => {
    const { by, names } = search('memory pressure');
    expect(by).toBe('some');
    expect(names).toHaveLength(4);
  });

  it('are those spelled alike where none has any', () => {
    expect(search('nodeload')).toEqual({ by: 'near', names: [] });
    expect(search('upp')).toEqual({ by: 'near', names: ['up'] });
    expect(search('blackbox')).toEqual({ by: 'near', names: [] });
    expect(search('!!!')).toEqual({ by: 'near', names: [] });
  });

  it('contain every metric asked for by its own name, first', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}(?:_[a-z]{1,6}){0,3}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), fc.nat(), (names, at) => {
        const wanted = names[at % names.length] ?? '';
        expect(rankMetrics(wanted, toFamilies(names), { helpOf: () => '' }).found[0]?.names).toContain(wanted);
      }),
    );
  });
});
