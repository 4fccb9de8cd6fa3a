import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journalSelector } from '../bridge/src/logql/journal-selector.ts';
import { dateOf, nanosecondsOf } from '../bridge/src/logql/nanoseconds.ts';
import { toolsOn } from '../bridge/test/loki/ask-loki.ts';
import { crashStream, journalStreams, longStream, RECORDED_AT, shopStreams } from '../bridge/test/loki/seed-streams.ts';
import { startSmallLoki } from '../bridge/test/loki/small-loki.ts';
import { lokiBinary, startLoki } from './real/loki-server.ts';

/** A Loki that holds the seeds, which end at `end`. */
interface Site {
  end: bigint;
  /** Its address, for one test. */
  url(): Promise<URL>;
  stop(): Promise<void>;
}

const streamsUntil = (end: bigint) => [
  ...shopStreams(end),
  ...journalStreams(end),
  longStream(10_000, end),
  crashStream(end),
];

/** Every test asks the same of each of these. Without a binary of the real one only that of the tests is asked. */
const binary = lokiBinary();
const SITES: readonly (readonly [name: string, start: () => Promise<Site>])[] = [
  ["the tests' Loki", async () => ({ end: RECORDED_AT, url: small, stop: async () => undefined })],
  ...(binary === null ? [] : [['the real Loki', () => real(binary)] as const]),
];

async function small(): Promise<URL> {
  return (await startSmallLoki(streamsUntil(RECORDED_AT), { now: RECORDED_AT })).url;
}

async function real(path: string): Promise<Site> {
  const server = await startLoki(path);
  // A whole minute in the past, where both give the same steps; Loki takes no old lines.
  const end = (nanosecondsOf(new Date()) / 60_000_000_000n) * 60_000_000_000n;
  await server.push(streamsUntil(end));
  return { end, url: async () => server.url, stop: () => server.stop() };
}

describe.each(SITES)('the tools of Loki on %s', (_, start) => {
  let site: Site;
  beforeAll(async () => {
    site = await start();
  });
  afterAll(() => site?.stop());

  const tools = async () => toolsOn(await site.url(), { now: dateOf(site.end) });

  it('has the lines of two streams by stream', async () => {
    const { query } = await tools();
    const { text } = await query('{namespace="shop", pod=~".+"} |= "error"', { since: '11m' });
    expect(text).toContain('18 lines in 2 streams, all container=main');
    expect(text).toContain('\napp=cart node=node-0000 pod=cart-7d9f-0 stream=stdout:\n');
    expect(text.match(/msg="upstream timeout" attempt=59 trace_id=72115/g)).toHaveLength(2);
  });

  it('parses lines, and takes their fields for no labels', async () => {
    const { query } = await tools();
    const { text } = await query('{namespace="shop"} | json | status="200"', { limit: 3, fold: false });
    expect(text).toMatch(/newest \d lines of \d+ in 2 streams, all container=main/);
    expect(text).toMatch(/ info GET \/item\/58 status=200 dur_ms=58/);
  });

  it('joins a trace and hides a password', async () => {
    const { query } = await tools();
    const { text } = await query('{app="ledger", container="boot"}');
    expect(text).toContain('9 lines (3 messages) in 1 stream');
    expect(text).toContain('\n  Caused by: java.net.ConnectException');
    expect(text).not.toContain('hunter2');
  });

  it('counts 10,000 lines, folds the newest, and leads to all of them, each once', async () => {
    const { query } = await tools();
    const { text } = await query('{app="gateway"}');
    expect(text).toContain('newest 4999 lines of 10000 in 1 stream');
    expect(text).toMatch(/\n5 error \S+ \S+ ERROR upstream 10\.0\.\d\.3 gave 502 for request 9500\n/);
    const found: number[] = [];
    let args: Record<string, unknown> = { limit: 100, fold: false };
    for (let round = 0; round < 5; round += 1) {
      const page = await query('{app="gateway"}', args);
      found.push(...[...page.text.matchAll(/request (\d+)/g)].map(([, number]) => Number(number)));
      args = { ...page.answer.next?.[0]?.arguments };
    }
    expect(found).toEqual(Array.from({ length: found.length }, (__, index) => 9999 - index));
    expect(found.length).toBeGreaterThan(490);
  });

  it('gives the error rate by app, at steps within the window', async () => {
    const { query } = await tools();
    const { structured } = await query('sum by (app) (rate({namespace=~"shop|payments|monitoring"} |= "error" [5m]))');
    expect(structured.tables[0]).toMatchObject({ columns: expect.arrayContaining(['app', 'last', 'max', 'trend']) });
    expect(structured.tables[0]?.rows).toHaveLength(5);
    const counted = await query('sum by (app) (count_over_time({namespace="shop"} |= "error" [1h]))');
    expect(counted.structured.tables[0]).toMatchObject({
      rows: [
        ['cart', 9],
        ['web', 9],
        ['x', 1],
      ],
    });
  });

  it.each([
    ['{namespace="shop"', /col 18: syntax error: unexpected \$end/, 'This runs: {namespace="shop"}'],
    ['{app=~".*"}', /at least one regexp or equality matcher/, 'This runs: {app=~".+"}'],
    ['{app=cart} |= error', /parse error/, 'This runs: {app="cart"} |= "error"'],
    ['rate({app="cart"})', /parse error/, 'This runs: rate({app="cart"} [5m])'],
  ])('says what is wrong with %s, and what runs', async (logql, message, hint) => {
    const { query } = await tools();
    await expect(query(logql)).rejects.toMatchObject({
      code: 'bad_query',
      message: expect.stringMatching(message),
      hint,
    });
  });

  it('refuses a time that Loki refuses', async () => {
    const { query } = await tools();
    await expect(query('{namespace="shop"}', { since: '60d' })).rejects.toMatchObject({ code: 'too_large' });
  });

  it.each([
    ['{namespace="shp"}', /namespace there: shop/],
    ['{ns="shop"}', /but some meet \{namespace="shop"\}/],
    ['{namespace="shop"} |= "deadlock"', /has lines in this window/],
    ['{namespace="shop", app="ledger"}', /without namespace="shop": \d streams?/],
  ])('says why %s is empty', async (logql, words) => {
    const { query } = await tools();
    expect((await query(logql)).text).toMatch(words);
  });

  it('lists labels, values and streams', async () => {
    const { labels, query } = await tools();
    const all = await labels();
    expect(all.text).toMatch(/\nunit 3 containerd\.service, kubelet\.service, ssh\.service\n/);
    for (const next of all.answer.next ?? []) expect((await query('', next.arguments)).text).toMatch(/ in 1 stream/);
    expect((await labels({ label: 'app' })).text).toMatch(/6 values\nvalue volume\ngateway \d+KiB\n/);
    expect((await labels({ match: '{job="systemd-journal"}' })).text).toContain('9 streams');
  });

  it("finds a unit's journal on a node by the labels there are", async () => {
    const { loki, query } = await tools();
    const { signal } = new AbortController();
    const of = { node: 'node-0002', unit: 'ssh.service' };
    const selector = await journalSelector(loki, of, dateOf(site.end), signal);
    expect(selector).toBe('{unit="ssh.service", nodename="node-0002.example.net"}');
    expect((await query(selector ?? '')).text).toContain('30 lines in 1 stream');
  });
});
