import { execFileSync } from 'node:child_process';
import { freePort, startProgram, usageOf } from '../test/real/program.ts';
import { startNodeExporter, startPrometheus } from '../test/real/prometheus-server.ts';
import type { BenchOptions, BenchRow } from './agent.ts';
import { type LoadRequest, load } from './load.ts';

const EXPR = 'up';
const CLIENTS = 8;
/** What the bundle's first line starts it with, too. */
export const BRIDGE_FLAGS = ['--max-semi-space-size=4', '--max-old-space-size=256'];
export const BRIDGE_ENV = { MALLOC_ARENA_MAX: '1', TELEMCP_LOG_LEVEL: 'error' } as const;

/** Calls through the bridge from its bundle beside the plain request to the same Prometheus. */
export async function benchBridge({ scale }: BenchOptions): Promise<BenchRow[]> {
  execFileSync(process.execPath, ['scripts/build.ts', 'bridge'], { stdio: 'ignore' });
  const exporter = await startNodeExporter();
  const prometheus = await startPrometheus({ scrape: [{ job: 'node', targets: [exporter.address] }] });
  await prometheus.waitFor('up');
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const bridge = await startProgram(process.execPath, [...BRIDGE_FLAGS, 'bridge/dist/main.js', 'serve'], {
    readyUrl: `${origin}/healthz`,
    env: { ...BRIDGE_ENV, TELEMCP_LISTEN: `127.0.0.1:${port}`, TELEMCP_PROMETHEUS_URL: prometheus.url },
  });
  const requests = Math.ceil(4000 * scale);
  const rows: BenchRow[] = [];
  const measure = async (what: string, request: LoadRequest, expected: string, clients: number) => {
    const before = await usageOf(bridge.pid);
    const result = await load(request, { requests, clients, check: (body) => body.includes(expected) });
    const after = await usageOf(bridge.pid);
    rows.push({
      what,
      clients,
      'calls/s': Math.round(result.perSecond),
      'p50 ms': result.p50Ms.toFixed(2),
      'p99 ms': result.p99Ms.toFixed(2),
      'bridge RSS MB': after.rssMb.toFixed(0),
      'bridge cpu ms/call': (((after.cpuSeconds - before.cpuSeconds) * 1000) / (requests * 1.1)).toFixed(2),
    });
  };
  try {
    const query = `/api/v1/query?query=${EXPR}`;
    for (const clients of [1, CLIENTS]) {
      await measure('plain request to Prometheus', { origin: prometheus.url, path: query }, '"success"', clients);
      await measure(
        'promql_query, 2026-07-28',
        call(origin, modern('promql_query', { expr: EXPR }), true),
        'as of',
        clients,
      );
      await measure(
        'promql_query, 2025 era',
        call(origin, legacy('promql_query', { expr: EXPR }), false),
        'as of',
        clients,
      );
      await measure(
        'refused call (no upstream), 2026-07-28',
        call(origin, modern('promql_query', { nope: 1 }), true),
        'no such argument',
        clients,
      );
    }
    return rows;
  } finally {
    await bridge.stop();
    await prometheus.remove();
    await exporter.stop();
  }
}

/** A call of a tool over HTTP, made by hand: an SDK's client would cost more than what is measured. */
export function call(origin: string, body: object, isModern: boolean, tool = 'promql_query'): LoadRequest {
  return {
    origin,
    path: '/mcp',
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(isModern ? { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': tool } : {}),
    },
    body: JSON.stringify(body),
  };
}

function legacy(name: string, args: object): object {
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } };
}

/** A `tools/call` of protocol revision 2026-07-28. */
export function modern(name: string, args: object): object {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '0' },
  };
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args, _meta: meta } };
}
