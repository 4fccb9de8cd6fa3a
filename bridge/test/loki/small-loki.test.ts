import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RECORDED_AT, shopStreams } from './seed-streams.ts';
import { startSmallLoki } from './small-loki.ts';

/** A question to the real Loki and what it answered. */
interface Recording {
  request: { path: string };
  status: number;
  body: Body;
}

interface Body {
  data: { resultType?: string; result: { metric: { namespace?: string }; value: [number, string] }[] };
}

/** What the real Loki was asked and answered, beside what this one answers. */
async function both(name: string) {
  const recorded: Recording = JSON.parse(
    readFileSync(new URL(`../fixtures/loki/${name}.json`, import.meta.url), 'utf8'),
  );
  const { url } = await startSmallLoki(shopStreams(), { now: RECORDED_AT + 2_570_000_000n, indexedBytes: 0 });
  const response = await fetch(new URL(recorded.request.path, url));
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const body: Body = isJson ? JSON.parse(text) : text;
  return { recorded, status: response.status, body };
}

function inOrder(labels: object): string {
  return JSON.stringify(Object.entries(labels).sort());
}

describe('the small Loki', () => {
  it.each([
    'labels',
    'label-values',
    'index-stats',
    'parse-error',
    'empty-matcher-error',
    'limit-too-high',
    'range-too-long',
  ])('answers as the real one did: %s', async (name) => {
    const { recorded, status, body } = await both(name);
    expect({ status, body }).toEqual({ status: recorded.status, body: recorded.body });
  });

  it.each(['query-range-streams', 'query-range-json', 'query-range-matrix', 'query-empty'])(
    'gives the result that the real one gave: %s',
    async (name) => {
      const { recorded, body } = await both(name);
      expect(body.data.resultType).toBe(recorded.body.data.resultType);
      expect(body.data.result).toEqual(recorded.body.data.result);
    },
  );

  it('counts the lines that the real one counted', async () => {
    const { recorded, body } = await both('query-vector');
    const counts = (answer: Body) => answer.data.result.map(({ metric, value: [, count] }) => [metric, count]);
    expect(counts(body)).toEqual(counts(recorded.body));
  });

  it('has the streams that the real one has', async () => {
    const { recorded, body } = await both('series');
    const sorted = (answer: Body) => [answer.data].flat().map(inOrder).sort();
    expect(sorted(body)).toEqual(sorted(recorded.body));
  });

  it('knows the volume of the same namespaces, the lines of which are not all recorded', async () => {
    const { recorded, body } = await both('index-volume');
    const names = (answer: Body) => answer.data.result.map(({ metric }) => metric.namespace).sort();
    expect(names(body)).toEqual(names(recorded.body));
  });
});
