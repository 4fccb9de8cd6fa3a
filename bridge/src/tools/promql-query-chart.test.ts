import { describe, expect, it } from 'vitest';
import { askTool } from '../../test/ask-tool.ts';
import { readPng } from '../../test/read-png.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import type { QueryResult } from '../upstreams/prometheus-result.ts';
import { promqlQuery } from './promql-query.ts';

const now = new Date('2026-03-01T12:00:00Z');
const END = now.getTime() / 1000;

const rising: QueryResult = {
  type: 'matrix',
  series: ['a', 'b'].map((instance, index) => ({
    labels: { instance },
    times: Array.from({ length: 61 }, (_, step) => END - 3600 + step * 60),
    values: Array.from({ length: 61 }, (_, step) => step * (index + 1)),
    histograms: [],
  })),
};

async function ask(result: QueryResult, args: Record<string, unknown>) {
  const answer = async () => ({ result, warnings: [], infos: [] });
  const prometheus: Prometheus = {
    name: 'prometheus',
    address: 'http://fake',
    query: answer,
    queryRange: answer,
    labelValues: async () => [],
    labels: async () => [],
    series: async () => [],
    metadata: async () => null,
    rules: async () => null,
    targets: async () => null,
    seriesStatistics: async () => null,
    buildInfo: async () => null,
    close: async () => undefined,
  };
  return askTool(promqlQuery, { expr: 'x_bytes', ...args }, null, { now, upstreams: { prometheus } });
}

describe('chart', () => {
  it('gives a picture beside the same words', async () => {
    const drawn = await ask(rising, { range: '1h', chart: true });
    const plain = await ask(rising, { range: '1h' });
    expect(drawn.text).toBe(plain.text);
    expect(drawn.structured).toEqual(plain.structured);
    expect(plain.answer.picture).toBeUndefined();
    const { mimeType, data } = drawn.answer.picture ?? {};
    expect(mimeType).toBe('image/png');
    expect(readPng(data ?? new Uint8Array()).width).toBe(1000);
  });

  it('is not drawn when it is said not to', async () => {
    expect((await ask(rising, { range: '1h', chart: 'false' })).answer.picture).toBeUndefined();
  });

  it('wants a range, and says so', async () => {
    await expect(ask(rising, { chart: true })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: 'chart: needs a range to draw',
      hint: 'Give range as well, for example range="1h".',
    });
  });

  it('says why there is none', async () => {
    const { answer, text } = await ask({ type: 'matrix', series: [] }, { range: '1h', chart: true });
    expect(answer.picture).toBeUndefined();
    expect(text).toContain('note: no chart: no series.');
  });
});
