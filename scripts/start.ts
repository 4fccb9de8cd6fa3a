import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const HELP = `npm start [-- --once]: TeleMCP on this machine

Starts the node agent for this host and the bridge in front of it, asks the first questions through an MCP client, prints
the answers and how to connect a client, and stays up until ctrl-C.

  --once   end after the answers

It takes what the environment names: KUBECONFIG, TELEMCP_PROMETHEUS_URL, TELEMCP_LOKI_URL, TELEMCP_ALERTMANAGER_URL,
TELEMCP_AGENT_URLS (more agents), TELEMCP_LISTEN, TELEMCP_AGENT_LISTEN and every other setting of both programs
(CONFIGURATION.md).`;

const READY_MS = 15_000;

interface Question {
  tool: string;
  arguments: Record<string, string | number>;
}

/** Asked of what the bridge can reach, by the names that `/readyz` gives. */
const questions: Readonly<Record<string, readonly Question[]>> = {
  agent: [
    { tool: 'host_facts', arguments: { family: 'systemd' } },
    { tool: 'host_facts', arguments: { family: 'os' } },
    { tool: 'host_facts', arguments: { family: 'time' } },
    { tool: 'host_certificates', arguments: { withinDays: 90 } },
  ],
  kubernetes: [
    { tool: 'k8s_get', arguments: { kind: 'nodes' } },
    { tool: 'k8s_get', arguments: { kind: 'pods' } },
    { tool: 'k8s_events', arguments: { type: 'Warning' } },
  ],
  prometheus: [
    { tool: 'promql_query', arguments: { expr: 'sum by (job) (up)' } },
    { tool: 'alerts_list', arguments: {} },
  ],
  loki: [{ tool: 'loki_labels', arguments: {} }],
};

/** What local mode does not find by itself. */
const settings: Readonly<Record<string, string>> = {
  kubernetes: 'KUBECONFIG=/path/of/kubeconfig npm start makes k8s_get and tail_pod_logs work',
  prometheus: 'TELEMCP_PROMETHEUS_URL=http://host:9090 npm start makes promql_query work',
};

const { values } = parseArgs({ options: { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const children: ChildProcess[] = [];
// Also when this process ends by a fault, such as a closed pipe, its children must not stay behind.
process.once('exit', () => {
  for (const child of children) child.kill('SIGTERM');
});
// Whoever read the answers has gone, as `head` does.
process.stdout.on('error', () => process.exit(1));
const stop = async () => {
  const ends = children
    .filter((child) => child.exitCode === null && child.signalCode === null)
    .map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ends);
};

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stop();
}

async function run(): Promise<void> {
  const agentListen = process.env.TELEMCP_AGENT_LISTEN ?? (await freeAddress(9110));
  const bridgeListen = process.env.TELEMCP_LISTEN ?? (await freeAddress(8090));
  const [agentUrl, bridgeUrl] = [`http://${agentListen}`, `http://${bridgeListen}`];
  const isRoot = process.getuid?.() === 0 && process.env.TELEMCP_AGENT_ALLOW_ROOT_BUS === undefined;
  if (isRoot) console.log('Running as root: the agent may use the system bus (TELEMCP_AGENT_ALLOW_ROOT_BUS=true).');
  const rootBus = isRoot ? { TELEMCP_AGENT_ALLOW_ROOT_BUS: 'true' } : undefined;
  const agent = start('node-agent', { TELEMCP_AGENT_LISTEN: agentListen, ...rootBus });
  await ready(agent, `${agentUrl}/healthz`);
  const more = process.env.TELEMCP_AGENT_URLS;
  const agentUrls = more === undefined ? agentUrl : `${agentUrl},${more}`;
  const bridge = start('bridge', { TELEMCP_LISTEN: bridgeListen, TELEMCP_AGENT_URLS: agentUrls });
  await ready(bridge, `${bridgeUrl}/healthz`);
  console.log(`node agent  ${agentUrl}\nbridge      ${bridgeUrl}/mcp\n`);
  const upstreams = await lookAtUpstreams(bridgeUrl);
  await askAll(`${bridgeUrl}/mcp`, new Set(upstreams.filter(({ reachable }) => reachable).map(kindOf)));
  reportUpstreams(upstreams);
  console.log(connectHelp(`${bridgeUrl}/mcp`));
  if (values.once) return;
  console.log('\nUp until ctrl-C.');
  await Promise.race([
    once(process, 'SIGINT'),
    once(process, 'SIGTERM'),
    died(agent, 'node agent'),
    died(bridge, 'bridge'),
  ]);
}

function start(tier: 'node-agent' | 'bridge', env: Record<string, string>): ChildProcess {
  const entry = new URL(`../${tier}/src/main.ts`, import.meta.url).pathname;
  const child = spawn(process.execPath, [entry, 'serve'], {
    env: { TELEMCP_LOG_LEVEL: 'error', ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child);
  return child;
}

async function died(child: ChildProcess, name: string): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`The ${name} ended (exit code ${code}); its messages are above.`);
}

/** Waits until the URL answers 200, or the process that should answer ends. */
async function ready(child: ChildProcess, url: string): Promise<void> {
  const deadline = AbortSignal.timeout(READY_MS);
  const answering = (async () => {
    while (!deadline.aborted) {
      const response = await fetch(url, { signal: deadline }).catch(() => null);
      if (response?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`${url} did not answer within ${READY_MS / 1000} s.`);
  })();
  await Promise.race([answering, died(child, url)]);
}

async function askAll(url: string, reachable: ReadonlySet<string>): Promise<void> {
  const client = new Client({ name: 'telemcp-start', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const asked = Object.entries(questions).flatMap(([upstream, each]) => (reachable.has(upstream) ? each : []));
  for (const question of asked) {
    const startedAt = performance.now();
    const result = await client.callTool({ name: question.tool, arguments: question.arguments });
    const ms = Math.round(performance.now() - startedAt);
    const args = Object.entries(question.arguments).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    console.log(`> ${question.tool}(${args.join(', ')})   [${ms} ms]`);
    for (const part of result.content) if (part.type === 'text') console.log(part.text);
    console.log();
  }
  await client.close();
}

interface Upstream {
  name: string;
  reachable: boolean;
  detail: string;
  hint: string | null;
}

/** `agent` of `agent node-0007`. */
function kindOf({ name }: Upstream): string {
  return name.split(' ', 1)[0] ?? '';
}

async function lookAtUpstreams(bridgeUrl: string): Promise<Upstream[]> {
  const response = await fetch(`${bridgeUrl}/readyz`);
  const { upstreams } = (await response.json()) as { upstreams: Upstream[] };
  return upstreams;
}

function reportUpstreams(upstreams: readonly Upstream[]): void {
  for (const state of upstreams.filter(({ reachable }) => !reachable)) {
    console.log(`not reachable: ${state.name}: ${state.detail}${state.hint === null ? '' : ` ${state.hint}`}`);
  }
  const known = new Set(upstreams.map(kindOf));
  for (const [name, advice] of Object.entries(settings)) {
    if (!known.has(name)) console.log(`not configured: ${name}; ${advice}`);
  }
  console.log();
}

function connectHelp(url: string): string {
  const config = { mcpServers: { telemcp: { type: 'http', url } } };
  return [
    'Connect a client:',
    `  claude mcp add --transport http telemcp ${url}`,
    `  or in the client's configuration file: ${JSON.stringify(config)}`,
    'Ask from a shell:',
    `  npm run ask -- systemd.status unit=ssh.service${url.endsWith(':8090/mcp') ? '' : ` --url ${url}`}`,
  ].join('\n');
}

/** The preferred port on loopback, or one that is free when something else has it. */
async function freeAddress(preferred: number): Promise<string> {
  for (const port of [preferred, 0]) {
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const free = typeof address === 'object' && address !== null ? address.port : preferred;
      if (free !== preferred) console.log(`127.0.0.1:${preferred} is taken, so 127.0.0.1:${free} is used.`);
      return `127.0.0.1:${free}`;
    } catch {
      // Taken: the next one.
    } finally {
      server.close();
    }
  }
  throw new Error('No port is free on 127.0.0.1.');
}
