import { onTestFinished } from 'vitest';
import { dateOf } from '../../src/logql/nanoseconds.ts';
import { lokiLabels } from '../../src/tools/loki-labels.ts';
import { lokiQuery } from '../../src/tools/loki-query.ts';
import { createLoki } from '../../src/upstreams/loki-client.ts';
import { askTool, type Asked as Rendered } from '../ask-tool.ts';
import type { Asked } from '../canned-server.ts';
import type { PushedStream } from './logs.ts';
import { RECORDED_AT } from './seed-streams.ts';
import { type SmallLokiOptions, startSmallLoki } from './small-loki.ts';

/** Both tools of Loki on a small one that holds streams, at the moment of the recordings; it ends with the test. */
export async function askLoki(streams: readonly PushedStream[], options: Partial<SmallLokiOptions> = {}) {
  const { url, seen } = await startSmallLoki(streams, { now: RECORDED_AT, ...options });
  return { seen, ...toolsOn(url) };
}

/** Both tools of Loki on the one at an address. */
export function toolsOn(url: URL, options: { now?: Date; timeoutMs?: number } = {}) {
  const loki = createLoki({ url, timeoutMs: options.timeoutMs ?? 20_000 });
  onTestFinished(() => loki.close());
  const rest = { now: options.now ?? dateOf(RECORDED_AT), upstreams: { loki } };
  return {
    loki,
    query: (logql: string, args: Readonly<Record<string, unknown>> = {}): Promise<Rendered> =>
      askTool(lokiQuery, { logql, ...args }, null, rest),
    labels: (args: Readonly<Record<string, unknown>> = {}): Promise<Rendered> => askTool(lokiLabels, args, null, rest),
  };
}

/** The log queries among what a server was asked. */
export function queriesOf(seen: readonly Asked[]): string[] {
  return seen.flatMap(({ path, parameters }) =>
    /\/query(?:_range)?$/.test(path) && typeof parameters.query === 'string' ? [parameters.query] : [],
  );
}
