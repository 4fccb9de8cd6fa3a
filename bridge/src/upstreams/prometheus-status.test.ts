import { expect, it } from 'vitest';
import { prometheusRecording } from '../../test/canned-server.ts';
import { parseBuildInfo, parseMetadata, parseSeriesStatistics } from './prometheus-status.ts';

it('the statistics of a real Prometheus have the largest first', () => {
  const read = parseSeriesStatistics(prometheusRecording('status-tsdb').body.data);
  expect(read).toMatchObject({
    series: expect.any(Number),
    byMetric: expect.arrayContaining([{ name: 'prometheus_tsdb_compaction_chunk_range_seconds_bucket', series: 11 }]),
  });
  expect(read?.series).toBeGreaterThan(300);
  expect(read?.byLabelValues[0]).toEqual({ name: '__name__', series: expect.any(Number) });
});

it('those of VictoriaMetrics have other names', () => {
  const byMetric = [{ name: 'up', value: 7, requestsCount: 0 }];
  expect(
    parseSeriesStatistics({ totalSeries: 9, totalLabelValuePairs: 40, seriesCountByMetricName: byMetric }),
  ).toEqual({
    series: 9,
    labelPairs: 40,
    byMetric: [{ name: 'up', series: 7 }],
    byLabelPair: [],
    byLabelValues: [],
  });
});

it.each([null, 'text', {}, { headStats: {} }, { totalSeries: 'many' }])(
  'statistics are never made up from %j',
  (data) => {
    expect(parseSeriesStatistics(data)).toBeNull();
  },
);

it.each([
  ['Prometheus', prometheusRecording('buildinfo').body.data, '2.42.0+ds'],
  ['Thanos', { version: '0.39.2', revision: 'x', goVersion: 'go1.24' }, '0.39.2'],
  ['Mimir', { application: 'Grafana Mimir', version: '2.17.0', goVersion: 'go1.24', features: {} }, '2.17.0'],
  ['VictoriaMetrics', { version: '2.24.0' }, null],
  ['Prometheus', {}, null],
])('the product is %s by %j', (product, data, version) => {
  expect(parseBuildInfo(data)).toEqual({ product, version });
});

it('metadata is by metric, several where exporters disagree, and empty where none is kept', () => {
  const up = [
    { type: 'gauge', help: 'Whether it is up.', unit: '' },
    { type: 'unknown', help: '', unit: '' },
  ];
  expect(parseMetadata({ up: [up[0], {}] })).toEqual(new Map([['up', up]]));
  expect(parseMetadata({})).toEqual(new Map());
  expect(parseMetadata(null)).toEqual(new Map());
  expect(parseMetadata({ up: 'gauge' })).toBeNull();
});
