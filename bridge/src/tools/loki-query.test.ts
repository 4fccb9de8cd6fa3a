import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { structuredLimit, tokensOfTool } from '../../test/ask-tool.ts';
import { cannedServer, lokiRecording, type Reply } from '../../test/canned-server.ts';
import { askLoki, queriesOf, toolsOn } from '../../test/loki/ask-loki.ts';
import { crashStream, journalStreams, longStream, RECORDED_AT, shopStreams } from '../../test/loki/seed-streams.ts';
import { inputJsonSchema } from '../tool-arguments.ts';
import { lokiQuery } from './loki-query.ts';

const golden = (text: string) => text.replace(/\[redacted:\w+\]/g, '[redacted:3f9a1c]');

describe('a log query', () => {
  it('has its lines by stream, what they have in common once, the window and what was scanned', async () => {
    const { query } = await askLoki(shopStreams());
    const asked = await query('{namespace="shop", pod=~".+"} |= "error"', { since: '10m' });
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/loki-lines.txt');
    expect(asked.tokens).toBeLessThanOrEqual(800);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  });

  it('about the last errors of a unit costs few tokens, though its lines are long', async () => {
    const { query } = await askLoki([...shopStreams(), ...journalStreams()]);
    const asked = await query('{unit="kubelet.service"} |~ "^E"');
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/loki-unit-errors.txt');
    expect(asked.tokens).toBeLessThanOrEqual(800);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  });

  it('counts many lines by kind, the errors first, with the first, the last and a sample of each', async () => {
    const { query } = await askLoki(journalStreams());
    const asked = await query('{job="systemd-journal"}', { limit: 5 });
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/loki-kinds.txt');
    expect(asked.tokens).toBeLessThanOrEqual(800);
    const { text } = await query('{job="systemd-journal"}', { limit: 5, fold: false });
    expect(text).toContain('newest 5 lines of 270 in');
  });

  it('joins traces and hides secrets, before it cuts', async () => {
    const { query } = await askLoki([crashStream()]);
    const asked = await query('{app="ledger"}');
    await expect(golden(asked.text)).toMatchFileSnapshot('../../test/golden/loki-trace.txt');
    expect(JSON.stringify(asked.structured)).not.toContain('hunter2');
  });

  it('of 10,000 lines has how many there are, the rare errors among those read, and where to go on', async () => {
    const { query, seen } = await askLoki([longStream(10_000)]);
    const asked = await query('{app="gateway"}');
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/loki-10000-lines.txt');
    expect(queriesOf(seen)).toEqual(['{app="gateway"}', 'sum(count_over_time({app="gateway"} [3600s]))']);
    const [, rest] = asked.answer.next ?? [];
    const { text } = await query('{app="gateway"}', { since: rest?.arguments.since, until: rest?.arguments.until });
    expect(text).toContain('newest 4999 lines of 5001');
  });

  it('does not guess how many there are where counting would cost too much', async () => {
    const { query, seen } = await askLoki([longStream(6000)], { indexedBytes: 100_000 });
    expect((await query('{app="gateway"}')).text).toContain('newest 4999 lines, there are more in 1 stream');
    expect(queriesOf(seen)).toEqual(['{app="gateway"}']);
  });

  it('takes as many lines as the server gives at most', async () => {
    const { query } = await askLoki([longStream(3000)], { maxEntries: 1000 });
    expect((await query('{app="gateway"}')).text).toContain('newest 999 lines of 3000');
  });

  it('can have the oldest first, and go on from there', async () => {
    const { query } = await askLoki([longStream(100)]);
    const { text, answer } = await query('{app="gateway"}', { direction: 'forward', limit: 3, fold: false });
    expect(text).toContain('oldest 3 lines of 100');
    expect(text).toMatch(/request 0 .*\n.*request 1 .*\n.*request 2 /);
    const [next] = answer.next ?? [];
    expect((await query('{app="gateway"}', next?.arguments)).text).toMatch(
      /request 3 .*\n.*request 4 .*\n.*request 5 /,
    );
  });

  it('of many lines at one moment says that going on would miss some of them, and how to have them', async () => {
    const { query } = await askLoki(shopStreams());
    const asked = await query('{namespace=~".+"} |= "timeout"', { fold: false, limit: 3 });
    expect(asked.text).toContain('note: all lines shown are of one moment');
    const [wider, next] = asked.answer.next ?? [];
    const both = await query('', { ...wider?.arguments });
    expect(both.text.match(/attempt=59/g)).toHaveLength(4);
    expect((await query('', { ...next?.arguments })).text).not.toContain('attempt=59');
    // Where lines of other moments are shown as well, going on misses nothing.
    expect((await query('{namespace=~".+"} |= "timeout"', { fold: false, limit: 6 })).text).not.toContain('one moment');
    expect((await query('{app="cart"}', { fold: false, limit: 1 })).text).not.toContain('one moment');
  });

  it('stops before its text is too long, and goes on with what was not shown', async () => {
    const long = {
      ...longStream(40),
      lines: longStream(40).lines.map(({ time, line }) => ({ time, line: `${line} ${'x '.repeat(600)}` })),
    };
    const { query } = await askLoki([long]);
    const found: string[] = [];
    let args: Record<string, unknown> = { limit: 40, fold: false };
    for (let round = 0; round < 10; round += 1) {
      const { text, answer } = await query('{app="gateway"}', args);
      found.push(...[...text.matchAll(/request (\d+) took/g)].map(([, number = '']) => number));
      const [next] = answer.next ?? [];
      if (next === undefined) break;
      args = { ...next.arguments };
    }
    expect(found.map(Number)).toEqual(Array.from({ length: 40 }, (_, index) => 39 - index));
  });

  it('says what lines carry besides, and does not say it for them', async () => {
    const { query } = await askLoki([]);
    expect((await query('{a="b"}')).text).toContain('no lines');
    const line = ['1795350936511000000', 'x', { structuredMetadata: { trace_id: 'abc', detected_level: 'info' } }];
    const data = { resultType: 'streams', result: [{ stream: { a: 'b' }, values: [line] }] };
    const { url } = await cannedServer({ body: { status: 'success', data, warnings: ['a store is away'] } });
    const { text } = await toolsOn(url).query('{a="b"}');
    expect(text).toContain('note: lines also carry trace_id; filter by them behind the braces.');
    expect(text).toContain('note: Loki warns: a store is away');
  });

  it('puts kinds in order by the level that Loki found, where lines name none', async () => {
    const line = (second: number, text: string, level: string) => [
      `17953509${second}000000000`,
      text,
      { structuredMetadata: { detected_level: level } },
    ];
    const values = [line(36, 'all is well', 'info'), line(35, 'the disk is full', 'critical')];
    const data = { resultType: 'streams', result: [{ stream: { a: 'b' }, values }] };
    const { url } = await cannedServer({ body: { status: 'success', data } });
    const { answer } = await toolsOn(url).query('{a="b"}', { fold: true });
    expect(answer.tables[0]?.rows.map(([count, level, , , sample]) => [count, level, sample])).toEqual([
      [1, 'fatal', 'the disk is full'],
      [1, 'info', 'all is well'],
    ]);
  });

  it('of an old Loki, which makes a stream of every line, is still by where lines come from', async () => {
    const { url } = await cannedServer(lokiRecording('query-range-json'));
    const { text } = await toolsOn(url).query('{namespace="shop"} | json | status=`200`');
    expect(text).toContain('5 lines in 2 streams, all container=main');
    expect(text).not.toContain('msg=');
  });
});

describe('a metric query', () => {
  it('has the figures of each series over the range, for few tokens', async () => {
    const { query, seen } = await askLoki(shopStreams());
    const asked = await query('sum by (app) (rate({namespace=~".+"} |= "error" [5m]))');
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/loki-error-rate.txt');
    expect(asked.tokens).toBeLessThanOrEqual(800);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    // The steps end within the window: one behind it would count less than a whole stretch.
    expect(seen.at(-1)?.parameters).toMatchObject({
      start: '1795347300000000000',
      end: '1795350900000000000',
      step: '60',
    });
  });

  it.each([
    [{}, '[1h]', '/query'],
    [{}, '[7d]', '/query'],
    [{ since: '7d' }, '[7d]', '/query'],
    [{ since: '6h' }, '[1h]', '/query_range'],
    [{ since: '30m' }, '[1h]', '/query_range'],
  ])('with %j and %s is asked at %s', async (args, stretch, path) => {
    const { query, seen } = await askLoki(shopStreams());
    const { text } = await query(`sum by (app) (count_over_time({namespace="shop"}${stretch}))`, args);
    expect(seen.at(-1)?.path).toBe(`/loki/api/v1${path}`);
    expect(text).toContain(path === '/query' ? `over ${stretch}` : 'range ');
  });

  it('that is cut has the highest, their number, and how to have all', async () => {
    const { query } = await askLoki(shopStreams());
    const { text, answer } = await query('count_over_time({namespace=~".+"}[1h])', { limit: 2 });
    expect(text).toMatch(/\nshown 2 of \d+, highest first\n/);
    for (const next of answer.next ?? [])
      expect((await query('', next.arguments)).answer.tables[0]?.rows.length).toBeGreaterThan(0);
    expect(answer.next?.length).toBeGreaterThan(0);
  });

  it('over a range that chooses anew at every step says why it has more series than it names', async () => {
    const { query } = await askLoki(shopStreams());
    const logql = 'topk(1, sum by (app) (count_over_time({namespace=~".+"}[1m])))';
    expect((await query(logql)).text).toContain('topk chooses anew at every step');
    expect((await query(logql.replace('1m', '1h'))).text).not.toContain('anew');
  });

  it('says that its stretch is shorter than the step', async () => {
    const { query } = await askLoki(shopStreams());
    const { text } = await query('sum(count_over_time({namespace="shop"}[1m]))', { since: '1d' });
    expect(text).toContain('[1m] is shorter than the step of 30m: lines between are not counted; [30m] counts all.');
  });
});

describe('an empty answer', () => {
  it.each([
    [
      '{namespace="shop"} |= "deadlock"',
      {},
      /has lines in this window, none of which is left by what follows; its last, 2026-11-22T12:35:36Z: level=error/,
    ],
    ['{namespace="shopp"}', {}, /no stream of .* with namespace="shopp"; namespace there: shop \(of 3\)/],
    ['{ns="shop"}', {}, /but some meet \{namespace="shop"\}\.\nnext: .*\{namespace=/],
    ['{host="node-0001"}', {}, /but some meet \{node="node-0001"\} or \{nodename="node-0001"\}\./],
    ['{namespace="shop", app="ledger"}', {}, /without namespace="shop": 1 stream, without app="ledger": 3 streams/],
    [
      '{app="cart"}',
      { since: '5s' },
      /no line of \{app="cart"\} in this window; the last came at 2026-11-22T12:35:36Z, 5s before it begins/,
    ],
    ['sum(rate({app="cart"} |= "deadlock" [1m]))', {}, /\{app="cart"\} has lines in this window/],
    [
      '{a="b"}',
      { until: '2020-01-01' },
      /has no logs of the 7d up to the end of this window, at least none for this tenant/,
    ],
  ])('of %s %j says what there is', async (logql, args, words) => {
    const { query } = await askLoki([...shopStreams(), ...journalStreams()]);
    const { text } = await query(logql, args);
    expect(text).toMatch(words);
    expect(text).toMatch(/· no (lines|series)/);
  });

  it('leads to the window that has the last lines', async () => {
    const { query } = await askLoki(shopStreams());
    const { answer } = await query('{app="cart"}', { since: '5s' });
    expect((await query('{app="cart"}', answer.next?.[0]?.arguments)).text).toContain(
      '· 1m47s, newest first, times in UTC · 10 lines',
    );
  });

  it('has fewer hints where looking for them fails, and is still an answer', async () => {
    let asked = 0;
    const { url } = await cannedServer(() => {
      asked += 1;
      return asked === 1 ? lokiRecording('query-empty') : { status: 500, type: 'text/plain', body: 'empty ring' };
    });
    expect((await toolsOn(url).query('{namespace="absent"}')).text).toMatch(/no lines$/);
  });
});

describe('an upstream that fails', () => {
  const now = { now: RECORDED_AT };
  it.each<[string, Reply, string, RegExp]>([
    ['with 500', { status: 500, type: 'text/plain', body: 'empty ring' }, 'bad_response', /empty ring/],
    [
      'with a page',
      { status: 200, type: 'text/html', body: '<html>log in</html>' },
      'bad_response',
      /not an answer of Loki/,
    ],
    ['by refusing us', { status: 401, type: 'text/plain', body: 'no org id\n' }, 'denied', /no org id/],
    ['by a limit', lokiRecording('range-too-long'), 'too_large', /limit: 30d1h/],
  ])('%s is a clear error', async (_, reply, code, message) => {
    const { query } = await askLoki(shopStreams(), { ...now, instead: () => reply });
    for (const logql of ['{app="cart"}', '{app="cart"} |= "x"', 'sum(rate({app="cart"}[5m]))'])
      await expect(query(logql)).rejects.toMatchObject({
        code,
        upstream: 'loki',
        message: expect.stringMatching(message),
      });
  });

  it('asks for the tenant that the operator sets', async () => {
    const { query } = await askLoki(shopStreams(), { tenant: 'team-a' });
    await expect(query('{app="cart"}')).rejects.toMatchObject({
      code: 'denied',
      hint: expect.stringContaining('TELEMCP_LOKI_TENANT'),
    });
  });

  it.each([
    ['never answers', '', 'timeout'],
    ['cuts its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{"status":"succ', 'unreachable'],
  ])('that %s is an error within the deadline', async (_, text, code) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => void (text !== '' && socket.end(text)));
      onTestFinished(() => void socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const { query } = toolsOn(new URL(`http://127.0.0.1:${address.port}`), { timeoutMs: 200 });
    await expect(query('{app="cart"} |= "x"')).rejects.toMatchObject({ code, upstream: 'loki' });
  });
});

describe('the tool', () => {
  it('costs few tokens, and its description looks like no shell', () => {
    expect(tokensOfTool(lokiQuery)).toBeLessThanOrEqual(200);
    expect(JSON.stringify([lokiQuery.description, inputJsonSchema(lokiQuery)])).not.toMatch(/[|;<>]|&&|\$\(/);
  });
});
