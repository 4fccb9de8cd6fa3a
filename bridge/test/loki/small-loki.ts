import { type Asked, cannedServer, type Reply } from '../canned-server.ts';
import { evaluateAt, evaluateLines, type FoundLine, keyOf, matches } from './logql-evaluation.ts';
import { type Condition, type Expression, type LogExpression, parseLogql, QueryRefused } from './logql-syntax.ts';
import { type KeptLine, keepStream, type PushedStream } from './logs.ts';

type Labels = Readonly<Record<string, string>>;

export interface SmallLokiOptions {
  /** Now, nanoseconds since the epoch. */
  now: bigint;
  /** The tenant that must be named; none unless told. */
  tenant?: string;
  /** Lines that a query may ask for. */
  maxEntries?: number;
  /** What the index counts for each byte, to be large without being so; 0 where only the ingesters have the lines yet. */
  indexedBytes?: number;
  /** Without the endpoints that came with Loki 2.8 and 2.9. */
  isOld?: boolean;
  /** Answers in place of its own. */
  instead?: (asked: Asked) => Reply | null;
}

const THIRTY_DAYS_AND_AN_HOUR = 2_595_600n * 1_000_000_000n;
const PREFIX = '/loki/api/v1';

/** A Loki of the tests' own, which answers as the real one does in the recordings. */
export async function startSmallLoki(
  streams: readonly PushedStream[],
  options: SmallLokiOptions,
): Promise<{ url: URL; seen: readonly Asked[] }> {
  const lines = streams.flatMap(keepStream);
  return cannedServer((asked) => options.instead?.(asked) ?? reply(lines, options, asked));
}

function reply(lines: readonly KeptLine[], options: SmallLokiOptions, asked: Asked): Reply {
  const { tenant } = options;
  if (tenant !== undefined && asked.headers['x-scope-orgid'] !== tenant)
    return { status: 401, type: 'text/plain; charset=utf-8', body: 'no org id\n' };
  try {
    return answer(lines, options, asked);
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    return { status: 400, type: 'text/plain; charset=utf-8', body: error.message };
  }
}

function answer(lines: readonly KeptLine[], options: SmallLokiOptions, { path, parameters, headers }: Asked): Reply {
  const text = (name: string) => (typeof parameters[name] === 'string' ? parameters[name] : undefined);
  const end = BigInt(text('end') ?? options.now);
  const start = BigInt(text('start') ?? end - 3_600_000_000_000n);
  const matchers = (): readonly Condition[] => matchersOf(parameters['match[]'] ?? parameters.query ?? []);
  const inWindow = lines.filter(({ time, labels }) => time >= start && time < end && matches(labels, matchers()));
  const route = path.slice(path.indexOf(PREFIX) + PREFIX.length);
  const values = /^\/label\/(.+)\/values$/.exec(route)?.[1];
  if (values !== undefined) return success(unique(inWindow.flatMap(({ labels }) => labels[values] ?? [])));
  if (options.isOld === true && route.startsWith('/index/'))
    return { status: 404, type: 'text/plain', body: '404 page not found' };
  switch (route) {
    case '/labels':
      return success(unique(inWindow.flatMap(({ labels }) => Object.keys(labels))));
    case '/series':
      return success([...new Map(inWindow.map(({ labels }) => [keyOf(labels), labels])).values()]);
    case '/index/stats':
      return { body: statistics(inWindow, options) };
    case '/index/volume':
      return success(
        volume(inWindow, options, text('targetLabels')?.split(',') ?? matchers().map(({ label }) => label), end),
      );
    case '/query': {
      const at = BigInt(text('time') ?? options.now);
      const expression = parseLogql(text('query') ?? '');
      const result = evaluateAt(lines, expression, at).map(({ metric, value }) => ({
        metric,
        value: [seconds(at), `${value}`],
      }));
      return success({ resultType: 'vector', result, stats: stats(lines, result.length) });
    }
    case '/query_range':
      return range(lines, options, { expression: parseLogql(text('query') ?? ''), start, end, text, headers });
    default:
      return { status: 404, type: 'text/plain', body: '404 page not found' };
  }
}

interface Range {
  expression: Expression;
  start: bigint;
  end: bigint;
  text(name: string): string | undefined;
  headers: Asked['headers'];
}

function range(
  lines: readonly KeptLine[],
  { maxEntries = 5000 }: SmallLokiOptions,
  { expression, start, end, text, headers }: Range,
): Reply {
  const limit = Number(text('limit') ?? 100);
  if (limit > maxEntries)
    throw new QueryRefused(
      `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${maxEntries})`,
    );
  if (end - start > THIRTY_DAYS_AND_AN_HOUR)
    throw new QueryRefused(
      `the query time range exceeds the limit (query length: ${(end - start) / 3_600_000_000_000n}h0m0s, limit: 30d1h)`,
    );
  if (expression.type !== 'log') return matrix(lines, expression, { start, end, step: BigInt(text('step') ?? 60) });
  const found = evaluateLines(lines, expression, start, end);
  const isForward = text('direction') === 'forward';
  const sign = isForward ? 1 : -1;
  // Where several came at once, the real one takes the last stream first.
  const shown = found
    .toSorted((a, b) => sign * Number(a.time - b.time) || (keyOf(a.labels) < keyOf(b.labels) ? -sign : sign))
    .slice(0, limit);
  const isApart = String(headers['x-loki-response-encoding-flags'] ?? '').includes('categorize-labels');
  return success({
    resultType: 'streams',
    result: streamsOf(shown, isApart),
    stats: stats(scanned(lines, expression, start, end), found.length),
  });
}

function scanned(lines: readonly KeptLine[], { matchers }: LogExpression, start: bigint, end: bigint): KeptLine[] {
  return lines.filter(({ time, labels }) => time >= start && time < end && matches(labels, matchers));
}

/** Loki puts steps on their multiples, the last of them at or after the end. */
function matrix(
  lines: readonly KeptLine[],
  expression: Expression,
  { start, end, step }: { start: bigint; end: bigint; step: bigint },
): Reply {
  const length = step * 1_000_000_000n;
  const series = new Map<string, { metric: Labels; values: [number, string][] }>();
  for (let at = (start / length) * length; at < end + length; at += length) {
    for (const { metric, value } of evaluateAt(lines, expression, at)) {
      const known = series.get(keyOf(metric)) ?? { metric, values: [] };
      known.values.push([seconds(at), `${value}`]);
      series.set(keyOf(metric), known);
    }
    if (at >= end) break;
  }
  const result = [...series].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return success({ resultType: 'matrix', result, stats: stats(lines, result.length) });
}

function streamsOf(lines: readonly FoundLine[], isApart: boolean): unknown[] {
  const groups = Map.groupBy(lines, (line) => keyOf({ ...line.labels, ...line.metadata, ...line.parsed }));
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => ({
      stream: isApart ? group[0]?.labels : { ...group[0]?.labels, ...group[0]?.metadata, ...group[0]?.parsed },
      values: group.map(({ time, line, metadata, parsed }) => [
        String(time),
        line,
        ...(isApart ? [{ structuredMetadata: metadata, ...(Object.keys(parsed).length === 0 ? {} : { parsed }) }] : []),
      ]),
    }));
}

function statistics(lines: readonly KeptLine[], { indexedBytes = 1 }: SmallLokiOptions) {
  if (indexedBytes === 0) return { streams: 0, chunks: 0, bytes: 0, entries: 0 };
  const streams = new Set(lines.map(({ labels }) => keyOf(labels))).size;
  // Every chunk is there once for each replica.
  return { streams, chunks: streams * 3, bytes: bytesOf(lines) * indexedBytes, entries: lines.length * 3 };
}

function volume(
  lines: readonly KeptLine[],
  { indexedBytes = 1 }: SmallLokiOptions,
  names: readonly string[],
  end: bigint,
) {
  const having = lines.filter(({ labels }) => names.every((name) => labels[name] !== undefined));
  const groups = Map.groupBy(having, ({ labels }) =>
    keyOf(Object.fromEntries(names.map((name) => [name, labels[name] ?? '']))),
  );
  const result = [...groups].map(([key, group]) => ({
    metric: Object.fromEntries(JSON.parse(key)),
    value: [seconds(end), `${bytesOf(group) * Math.max(1, indexedBytes)}`],
  }));
  return { resultType: 'vector', result };
}

function stats(read: readonly KeptLine[], left: number) {
  const summary = { totalBytesProcessed: bytesOf(read), totalLinesProcessed: read.length, totalPostFilterLines: left };
  const chunks = new Set(read.map(({ labels }) => keyOf(labels))).size;
  return { summary: { ...summary, execTime: 0.006, queueTime: 0.0001 }, ingester: { totalChunksMatched: chunks } };
}

function matchersOf(query: string | string[]): readonly Condition[] {
  const text = typeof query === 'string' ? query : (query[0] ?? '');
  if (text === '') return [];
  const found = parseLogql(text);
  return found.type === 'log' ? found.matchers : [];
}

function bytesOf(lines: readonly KeptLine[]): number {
  return lines.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0);
}

function success(data: unknown): Reply {
  return { body: { status: 'success', data } };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function seconds(time: bigint): number {
  return Number(time) / 1e9;
}
