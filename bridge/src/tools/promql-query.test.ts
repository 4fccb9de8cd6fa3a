import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { cannedPrometheus } from '../../test/canned-prometheus.ts';
import { ToolError } from '../errors.ts';
import { type Rendered, renderAnswer } from '../render-answer.ts';
import { inputJsonSchema, parseArguments } from '../tool-arguments.ts';
import type { Prometheus, QueryAnswer } from '../upstreams/prometheus.ts';
import { promqlQuery } from './promql-query.ts';

const now = new Date('2026-03-01T12:00:00Z');
const END = now.getTime() / 1000;

type Asked = { expr: string; time?: number; start?: number; end?: number; step?: number };

/** A Prometheus whose every answer is `answer`; what it was asked is in `asked`. */
function fake(answer: QueryAnswer | ToolError) {
  const asked: Asked[] = [];
  const reply = async (question: Asked) => {
    asked.push(question);
    if (answer instanceof ToolError) throw answer;
    return answer;
  };
  const prometheus: Prometheus = {
    ...cannedPrometheus({}),
    query: (expr, at) => reply({ expr, ...at }),
    queryRange: (expr, { start, end, step }) => reply({ expr, start, end, step }),
    labelValues: async () => [],
  };
  return { prometheus, asked };
}

async function ask(prometheus: Prometheus | null, args: Record<string, unknown>): Promise<Rendered> {
  const answer = await promqlQuery.run(promqlQuery.input.parse(parseArguments(promqlQuery, args)), {
    upstreams: { prometheus, loki: null, alertmanager: null, agents: null, kubernetes: null },
    signal: new AbortController().signal,
    now,
  });
  return renderAnswer(answer, { budget: 24_000, from: null, toolName: (name) => name, continueAt: () => null });
}

const MODES = ['idle', 'user', 'system', 'iowait'];
const labelsOf = (index: number) => ({
  __name__: 'node_cpu_seconds_total',
  instance: `10.0.${Math.floor(index / 4)}.17:9100`,
  job: 'node-exporter',
  cpu: '0',
  mode: MODES[index % 4] ?? '',
});

const vector = (count: number): QueryAnswer => ({
  result: {
    type: 'vector',
    samples: Array.from({ length: count }, (_, index) => ({
      labels: labelsOf(index),
      time: END,
      value: (index * 1234.567) % 977,
      histogram: null,
    })),
  },
  warnings: [],
  infos: [],
});

const matrix = (count: number): QueryAnswer => ({
  result: {
    type: 'matrix',
    series: Array.from({ length: count }, (_, index) => ({
      labels: labelsOf(index),
      times: Array.from({ length: 61 }, (__, step) => END - 3600 + step * 60),
      values: Array.from({ length: 61 }, (__, step) => ((index + 1) * 31.7 * (step + 3)) % 97),
      histograms: [],
    })),
  },
  warnings: [],
  infos: [],
});

describe('a call', () => {
  it('asks about now unless told otherwise', async () => {
    const { prometheus, asked } = fake(vector(1));
    const { text } = await ask(prometheus, { expr: 'up' });
    expect(asked).toEqual([{ expr: 'up', time: END }]);
    expect(text).toContain('up · as of 2026-03-01T12:00:00Z · from prometheus · instant · 1 series');
  });

  it('asks about a range that ends when told, and says which', async () => {
    const { prometheus, asked } = fake(matrix(1));
    const { text } = await ask(prometheus, { expr: 'up', range: '6h', time: '-1h' });
    expect(asked).toEqual([{ expr: 'up', start: END - 7 * 3600, end: END - 3600, step: 600 }]);
    expect(text).toContain('as of 2026-03-01T11:00:00Z · from prometheus · range 6h, step 10m · 1 series');
  });

  it('takes times and steps that are numbers', async () => {
    const { prometheus, asked } = fake(matrix(1));
    await ask(prometheus, { expr: 'up', range: '1h', time: END - 60, step: 30 });
    expect(asked).toMatchObject([{ end: END - 60, step: 30 }]);
  });

  it.each([
    [{}, 'invalid_argument', 'expr'],
    [{ expr: 'up', start: 5 }, 'invalid_argument', 'start'],
    [{ expr: 'up', range: '1h', points: 61 }, 'invalid_argument', 'points'],
    [{ expr: 'up', step: '1m' }, 'invalid_argument', 'step: goes with range'],
    [{ expr: '{job=~".*"}' }, 'too_large', 'every series'],
  ])('with %j is refused before anything is asked', async (args, code, message) => {
    const { prometheus, asked } = fake(vector(1));
    await expect(ask(prometheus, args)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(asked).toEqual([]);
  });

  it('without a Prometheus names the setting that brings one', async () => {
    await expect(ask(null, { expr: 'up' })).rejects.toMatchObject({
      code: 'not_configured',
      hint: expect.stringContaining('TELEMCP_PROMETHEUS_URL'),
    });
  });
});

describe('an answer', () => {
  it('of many series has the highest, their number, and how to narrow it', async () => {
    const { prometheus } = fake(vector(400));
    const { text, structured } = await ask(prometheus, { expr: 'node_cpu_seconds_total', limit: 3 });
    expect(text.split('\n').slice(1)).toEqual([
      'shown 3 of 400, highest first',
      'all: __name__=node_cpu_seconds_total cpu=0 job=node-exporter',
      'instance mode value',
      expect.stringMatching(/^10\.0\.\d+\.17:9100 \w+ 97\d\.\d+$/),
      expect.stringMatching(/^10\.0\.\d+\.17:9100 \w+ 9\d\d\.?\d*$/),
      expect.stringMatching(/^10\.0\.\d+\.17:9100 \w+ 9\d\d\.?\d*$/),
      'next: promql.query(expr="sum by (mode) (node_cpu_seconds_total)")',
      'next: promql.query(expr="topk(3, node_cpu_seconds_total)")',
    ]);
    expect(structured.tables[0]).toMatchObject({ total: 400, shown: 3, truncated: true });
  });

  it('has fewer rows over a range, where each has more figures', async () => {
    const { structured } = await ask(fake(matrix(40)).prometheus, { expr: 'up', range: '1h' });
    expect(structured.tables[0]).toMatchObject({ total: 40, shown: 15 });
  });

  it('that would be too much work is refused before the work is asked for', async () => {
    const canned = cannedPrometheus({ 'count({job="a"})': [[{ telemcp_asked: '0' }, 5_000_000]] });
    await expect(ask(canned, { expr: '{job="a"}' })).rejects.toMatchObject({
      code: 'too_large',
      hint: expect.stringContaining('This runs: topk(20, count by (__name__) ({job="a"}))'),
    });
    expect(canned.asked).toHaveLength(1);
  });

  it('to a broad question says where its cost could not be told', async () => {
    const canned = cannedPrometheus({
      telemcp_asked: new ToolError('timeout', 'too slow'),
      '{job="a"}': [[{ job: 'a', __name__: 'm' }, 1]],
    });
    expect((await ask(canned, { expr: '{job="a"}' })).text).toContain('could not be told beforehand');
  });

  it('that is empty says so, with the window and why', async () => {
    const known = cannedPrometheus({
      'count(up{': [[{ telemcp_asked: 'metric0' }, 3]],
      'count(up)': [[{ telemcp_asked: 'without0' }, 3]],
    });
    const { text } = await ask({ ...known, labelValues: async () => ['a', 'b'] }, { expr: 'up{job="x"}' });
    expect(text.split('\n')).toEqual([
      'up{job="x"} · as of 2026-03-01T12:00:00Z · from prometheus · instant · no series',
      'note: up has 3 series, but none with job="x"; job there: a, b.',
    ]);
  });

  it('passes on what Prometheus remarked, and no more than the first few', async () => {
    const warnings = Array.from({ length: 50 }, (_, index) => `store ${index} is away`);
    const { prometheus } = fake({ ...vector(1), warnings, infos: ['not a counter'] });
    const { text } = await ask(prometheus, { expr: 'up' });
    expect(text.match(/Prometheus warns: store \d+ is away/g)).toHaveLength(5);
    expect(text).toContain('note: Prometheus remarks: not a counter');
  });

  it('says that a time lies in the future', async () => {
    const { prometheus } = fake(vector(1));
    expect((await ask(prometheus, { expr: 'up', time: '+2h' })).text).toContain('time lies 2h in the future');
  });

  it('has a short title, and a secret in the expression is not cut in half', async () => {
    const { prometheus } = fake(vector(1));
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const { text } = await ask(prometheus, { expr: `${' '.repeat(3)}up{a="${'x'.repeat(90)}",b="${secret}"}` });
    expect(text.split(' · ')[0]?.length).toBeLessThanOrEqual(121);
    expect(text).not.toContain('ghp_');
  });

  it('with more bytes than are read comes with a query that has fewer', async () => {
    const failure = new ToolError('too_large', 'http://fake: more than 33554432 bytes', { upstream: 'prometheus' });
    const { prometheus } = fake(failure);
    await expect(ask(prometheus, { expr: 'up # all' })).rejects.toMatchObject({
      code: 'too_large',
      hint: 'This gives the highest only: topk(20, up)',
    });
  });

  it('that is an error keeps the words of Prometheus', async () => {
    const { prometheus } = fake(new ToolError('bad_query', '1:4: parse error: unexpected end of input'));
    await expect(ask(prometheus, { expr: 'up{' })).rejects.toMatchObject({
      code: 'bad_query',
      message: '1:4: parse error: unexpected end of input',
      hint: '1:4 is behind "up{", at the end.',
    });
  });
});

describe('tokens', () => {
  const tokens = (value: unknown) => countTokens(typeof value === 'string' ? value : JSON.stringify(value));

  it('of name, description and input schema are at most 200', () => {
    const { name, description } = promqlQuery;
    expect(tokens({ name, description, inputSchema: inputJsonSchema(promqlQuery) })).toBeLessThanOrEqual(200);
    expect(description.split(/\s+/).length).toBeLessThanOrEqual(60);
    // Gateways drop tools whose descriptions look like shell.
    expect(description).not.toMatch(/[|;<>$]|&&/);
  });

  it.each([
    ['at one moment', vector(20), { expr: 'node_cpu_seconds_total' }],
    ['over a range', matrix(20), { expr: 'node_cpu_seconds_total', range: '1h', limit: 20 }],
    ['of 400, cut', vector(400), { expr: 'node_cpu_seconds_total' }],
  ])(
    'of 20 series %s are at most 800, of the structured form at most 1.3 times those of the text',
    async (_, answer, args) => {
      const { text, structured } = await ask(fake(answer).prometheus, args);
      expect(text.split('\n').filter((line) => line.startsWith('10.'))).toHaveLength(20);
      expect(tokens(text)).toBeLessThanOrEqual(800);
      expect(tokens(structured) / tokens(text)).toBeLessThanOrEqual(1.3);
    },
  );
});
