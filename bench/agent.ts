import { execFileSync } from 'node:child_process';
import { freePort, type Program, startProgram, usageOf } from '../test/real/program.ts';
import { load } from './load.ts';

/** How a part of the benchmark is run. `scale` shrinks the number of requests. */
export interface BenchOptions {
  directory: string;
  scale: number;
}

export type BenchRow = Readonly<Record<string, string | number>>;

/** What the images and units start the agent with. */
export const NODE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=96', '--single-threaded'];
export const AGENT_ENV = {
  MALLOC_ARENA_MAX: '1',
  TELEMCP_AGENT_ALLOW_ROOT_BUS: 'true',
  TELEMCP_LOG_LEVEL: 'fatal',
} as const;

/** The agent from its bundle beside node_exporter: start, memory, processor time per answer, latency. */
export async function benchAgent({ scale }: BenchOptions): Promise<BenchRow[]> {
  execFileSync(process.execPath, ['scripts/build.ts', 'node-agent'], { stdio: 'ignore' });
  const [ours, theirs] = [await freePort(), await freePort()];
  const agent = await startProgram(process.execPath, [...NODE_FLAGS, 'node-agent/dist/main.js', 'serve'], {
    readyUrl: `http://127.0.0.1:${ours}/healthz`,
    env: { ...AGENT_ENV, TELEMCP_AGENT_LISTEN: `127.0.0.1:${ours}` },
  });
  const exporter = await startProgram(
    'prometheus-node-exporter',
    [`--web.listen-address=127.0.0.1:${theirs}`, '--log.level=error'],
    {
      readyUrl: `http://127.0.0.1:${theirs}/`,
    },
  );
  try {
    return [
      await measure('agent, all families from cache', agent, ours, '/v1/facts', Math.ceil(2000 * scale)),
      await measure('agent, /metrics', agent, ours, '/metrics', Math.ceil(2000 * scale)),
      await measure('node_exporter, /metrics', exporter, theirs, '/metrics', Math.ceil(500 * scale)),
    ];
  } finally {
    await Promise.all([agent.stop(), exporter.stop()]);
  }
}

async function measure(
  what: string,
  program: Program,
  port: number,
  path: string,
  requests: number,
): Promise<BenchRow> {
  const origin = `http://127.0.0.1:${port}`;
  const first = performance.now();
  await (await fetch(`${origin}${path}`)).arrayBuffer();
  const firstMs = performance.now() - first;
  const before = await usageOf(program.pid);
  const result = await load({ origin, path }, { requests, clients: 2 });
  const after = await usageOf(program.pid);
  const cpuMs = ((after.cpuSeconds - before.cpuSeconds) * 1000) / (requests * 1.1);
  return {
    what,
    'ready ms': Math.round(program.readyMs),
    'first answer ms': firstMs.toFixed(1),
    'RSS MB idle': before.rssMb.toFixed(0),
    'RSS MB after': after.rssMb.toFixed(0),
    'anon MB after': after.anonymousMb.toFixed(0),
    'cpu ms/answer': cpuMs.toFixed(2),
    'p50 ms': result.p50Ms.toFixed(2),
    'p99 ms': result.p99Ms.toFixed(2),
    'answers/s': Math.round(result.perSecond),
  };
}
