import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { freePort, type Program, startProgram, usageOf } from '../test/real/program.ts';
import type { BenchOptions, BenchRow } from './agent.ts';
import { BRIDGE_ENV, BRIDGE_FLAGS, call, modern } from './bridge.ts';
import { load } from './load.ts';

const QUESTIONS: readonly (readonly [string, string, Readonly<Record<string, string | number>>])[] = [
  ['all pods', 'k8s_get', { kind: 'pods' }],
  ['all nodes', 'k8s_get', { kind: 'nodes' }],
  ['all deployments', 'k8s_get', { kind: 'deployments' }],
  ['images of all pods', 'k8s_get', { kind: 'pods', fields: 'spec.containers[*].image' }],
  ['all events', 'k8s_events', { since: '24h' }],
  ['top pods', 'k8s_top', { kind: 'pods' }],
  ['top nodes', 'k8s_top', { kind: 'nodes' }],
];
const CLUSTERS = [
  { nodes: 100, pods: 2000, events: 500 },
  { nodes: 1000, pods: 20_000, events: 5000 },
] as const;
const CLIENTS = 8;

/** Answers about whole clusters, from the bundle, over MCP: what they cost a model, how long they take, what they hold up. */
export async function benchKubernetes({ directory, scale }: BenchOptions): Promise<BenchRow[]> {
  execFileSync(process.execPath, ['scripts/build.ts', 'bridge'], { stdio: 'ignore' });
  const rows: BenchRow[] = [];
  for (const size of scale < 1 ? CLUSTERS.slice(0, 1) : CLUSTERS) {
    const args = ['bench/api-server.ts', ...Object.values(size).map(String)];
    // The bridge goes by the real clock: what the cluster holds must have happened just now.
    const env = { TELEMCP_SEED_NOW: new Date().toISOString() };
    const server = await startProgram(process.execPath, args, { readyUrl: 'log:listening on', env });
    const url = /listening on (\S+)/.exec(server.stderr())?.[1] ?? '';
    const bridge = await startBridge(join(directory, 'kubeconfig'), url);
    const client = new Client({ name: 'bench', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${bridge.origin}/mcp`)));
    try {
      for (const [what, name, args] of QUESTIONS)
        rows.push(await ask(client, bridge, `${size.pods} pods: ${what}`, name, args));
      rows.push(await oneObject(bridge, url, `${size.pods} pods: one object`, Math.ceil(2000 * scale)));
    } finally {
      await client.close();
      await bridge.program.stop();
      await server.stop();
    }
  }
  return rows;
}

interface RunningBridge {
  program: Program;
  origin: string;
}

async function startBridge(kubeconfig: string, server: string): Promise<RunningBridge> {
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: { token: 'bench' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }),
  );
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const program = await startProgram(process.execPath, [...BRIDGE_FLAGS, 'bridge/dist/main.js', 'serve'], {
    readyUrl: `${origin}/healthz`,
    env: { ...BRIDGE_ENV, TELEMCP_LISTEN: `127.0.0.1:${port}`, TELEMCP_KUBERNETES: kubeconfig },
  });
  return { program, origin };
}

async function ask(
  client: Client,
  { program, origin }: RunningBridge,
  what: string,
  name: string,
  args: Readonly<Record<string, string | number>>,
): Promise<BenchRow> {
  forgetPeak(program.pid);
  const pinging = new AbortController();
  const pings = ping(origin, pinging.signal);
  const took: number[] = [];
  let text = '';
  let structured = '';
  for (let round = 0; round < 6; round += 1) {
    const startedAt = performance.now();
    const answer = await client.callTool({ name, arguments: args });
    took.push(performance.now() - startedAt);
    const [content] = answer.content;
    text = content?.type === 'text' ? content.text : '';
    structured = JSON.stringify(answer.structuredContent);
  }
  pinging.abort();
  const [first = Number.NaN, ...later] = took;
  return {
    what,
    tokens: countTokens(text),
    structured: countTokens(structured),
    'first ms': first.toFixed(0),
    'then ms': (later.sort((a, b) => a - b)[Math.floor(later.length / 2)] ?? Number.NaN).toFixed(0),
    'calls/s': '',
    'held up ms': (await pings).toFixed(0),
    'RSS MB': peakMb(program.pid).toFixed(0),
  };
}

async function oneObject(bridge: RunningBridge, server: string, what: string, requests: number): Promise<BenchRow> {
  const list: unknown = await (await fetch(`${server}/api/v1/nodes?limit=1`)).json();
  const name = /"name":"([^"]+)"/.exec(JSON.stringify(list))?.[1] ?? '';
  const request = call(bridge.origin, modern('k8s_get', { kind: 'node', name }), true, 'k8s_get');
  const result = await load(request, { requests, clients: CLIENTS, check: (body) => body.includes('as of') });
  return {
    what,
    tokens: '',
    structured: '',
    'first ms': '',
    'then ms': result.p50Ms.toFixed(1),
    'calls/s': Math.round(result.perSecond),
    'held up ms': '',
    'RSS MB': (await usageOf(bridge.program.pid)).rssMb.toFixed(0),
  };
}

/** The longest that another client had to wait meanwhile, less what it waits anyway: how long the event loop was held up. */
async function ping(origin: string, signal: AbortSignal): Promise<number> {
  let longest = 0;
  let usual = Number.POSITIVE_INFINITY;
  while (!signal.aborted) {
    const startedAt = performance.now();
    await (await fetch(`${origin}/healthz`)).arrayBuffer();
    const took = performance.now() - startedAt;
    longest = Math.max(longest, took);
    usual = Math.min(usual, took);
  }
  return longest - usual;
}

/** Lets the kernel count the peak of resident memory anew (proc(5), clear_refs). */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function peakMb(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
