import { expect, it } from 'vitest';
import { prometheusRecording } from '../../test/canned-server.ts';
import { parseTargets } from './prometheus-targets.ts';

it('reads what a real Prometheus says, with why a scrape failed', () => {
  expect(parseTargets(prometheusRecording('targets').body.data)).toEqual({
    active: [
      {
        scrapePool: 'gone',
        scrapeUrl: 'http://127.0.0.1:1/metrics',
        labels: { instance: '127.0.0.1:1', job: 'gone' },
        health: 'down',
        lastError: 'Get "http://127.0.0.1:1/metrics": dial tcp 127.0.0.1:1: connect: connection refused',
        lastScrape: expect.any(Date),
      },
      {
        scrapePool: 'self',
        scrapeUrl: 'http://127.0.0.1:19490/metrics',
        labels: { instance: '127.0.0.1:19490', job: 'self' },
        health: 'up',
        lastError: null,
        lastScrape: expect.any(Date),
      },
    ],
    droppedByPool: null,
  });
});

it('counts what relabelling dropped where the server does', () => {
  const never = { scrapeUrl: 'http://a', lastScrape: '0001-01-01T00:00:00Z', lastError: '' };
  expect(parseTargets({ activeTargets: [never], droppedTargetCounts: { pods: 512 } })).toEqual({
    active: [
      { scrapePool: '', scrapeUrl: 'http://a', labels: {}, health: 'unknown', lastError: null, lastScrape: null },
    ],
    droppedByPool: { pods: 512 },
  });
});

it.each([null, 'text', { activeTargets: [{}] }])('is never made up from %j', (data) => {
  expect(parseTargets(data)).toBeNull();
});
