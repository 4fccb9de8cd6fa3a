import { describe, expect, it } from 'vitest';
import { askLoki, queriesOf } from '../../test/loki/ask-loki.ts';
import { shopStreams } from '../../test/loki/seed-streams.ts';
import type { SmallLokiOptions } from '../../test/loki/small-loki.ts';
import { ToolError } from '../errors.ts';

/** What the index must count of each byte for the shop's lines of an hour to be some 15 GiB. */
const LARGE = 1_000_000;

async function refusal(logql: string, args: Record<string, unknown> = {}, options: Partial<SmallLokiOptions> = {}) {
  const { query, seen } = await askLoki(shopStreams(), { indexedBytes: LARGE, ...options });
  const error: unknown = await query(logql, args).catch((refused: unknown) => refused);
  if (!(error instanceof ToolError)) throw new Error('not refused');
  return { error, seen, query };
}

describe('a query that would read too much', () => {
  it('is refused before it runs, with others that do not', async () => {
    const { error, seen, query } = await refusal('{namespace=~".+"} |= "error"');
    expect(error).toMatchObject({
      code: 'too_large',
      upstream: 'loki',
      message: expect.stringMatching(/^the query would read about 1\dGiB in 1h; 10GiB are the most$/),
    });
    expect(queriesOf(seen)).toEqual([]);
    const [, since = ''] = /since="(\w+)" runs, with about/.exec(error.hint ?? '') ?? [];
    expect((await query('{namespace=~".+"} |= "error"', { since })).text).toContain('lines in');
    const [, narrower = ''] = /This runs: (.*)$/.exec(error.hint ?? '') ?? [];
    expect(narrower).toMatch(/^\{namespace=~"\.\+", \w+="[\w-]+"\} \|= "error"$/);
    expect((await query(narrower)).text).toContain('9 lines in');
  });

  it('says how much each value has', async () => {
    const { error } = await refusal('sum(count_over_time({namespace=~".+"}[1h]))');
    expect(error.hint).toMatch(/By \w+: \S+ \S+B, /);
  });

  it('of one stretch is not offered a shorter window, which would change nothing', async () => {
    const { error } = await refusal('sum(count_over_time({namespace=~".+"}[1h]))');
    expect(error.hint).not.toContain('since=');
  });

  it('is refused by bytes, never by entries, which are no lines', async () => {
    const { query } = await askLoki(shopStreams(), { indexedBytes: 1 });
    const { text } = await query('{namespace=~".+"} |= "error"');
    expect(text).not.toContain('723');
    expect(text).toContain('37 lines in 5 streams');
  });
});

describe('a query that runs', () => {
  it('without a filter is not held up, since Loki stops by itself', async () => {
    const { query, seen } = await askLoki(shopStreams(), { indexedBytes: LARGE });
    expect((await query('{namespace=~".+"}')).text).toContain('241 lines');
    expect(seen.filter(({ path }) => path.endsWith('/index/stats'))).toEqual([]);
  });

  it.each([
    ['an index that does not tell', { isOld: true }],
    ['lines that only the ingesters have', { indexedBytes: 0 }],
    [
      'an index that fails',
      { instead: ({ path }: { path: string }) => (path.endsWith('/stats') ? { status: 500, body: 'x' } : null) },
    ],
  ])('is asked in spite of %s', async (_, options) => {
    const { query } = await askLoki(shopStreams(), options);
    expect((await query('{namespace="shop"} |= "error"')).text).toContain('19 lines in 3 streams');
  });
});
