import type { Logger } from 'pino';
import type { ToolRuntime } from './call-tool.ts';
import { type BridgeConfig, VERSION } from './config.ts';
import { createCursors } from './cursor.ts';
import { createMcpServerFactory } from './mcp-server.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import type { Upstreams } from './tool.ts';
import { inputJsonSchema } from './tool-arguments.ts';
import { spellTool } from './tool-names.ts';
import { tools } from './tools.ts';
import { createClientTls } from './upstreams/client-tls.ts';
import { createNodeAgents } from './upstreams/node-agents.ts';
import { createPrometheus } from './upstreams/prometheus.ts';

/** Everything the bridge consists of but the way clients reach it. */
export interface Bridge {
  factory: ReturnType<typeof createMcpServerFactory>;
  readiness: Readiness;
  /** Body of `GET /mcp/schema`: the surface as plain JSON. */
  schema: unknown;
  close(): Promise<void>;
}

// One node that does not answer must leave time to say so within the call's own deadline.
const AGENT_TIMEOUT_MS = 3000;
const AGENT_TLS_ADVICE =
  'TELEMCP_AGENT_CA_FILE must hold the authority of the agent’s certificate, TELEMCP_AGENT_CERT_FILE and TELEMCP_AGENT_KEY_FILE ' +
  'a certificate of an authority in the agent’s TELEMCP_AGENT_CLIENT_CA_FILE; the agent logs whom it refuses.';
const UPSTREAM_SHARE_OF_DEADLINE = 0.8;

/** Wires settings, upstreams, tools and the MCP adapter. */
export function createBridge(config: BridgeConfig, log: Logger): Bridge {
  const deadlineMs = config.deadlineSeconds * 1000;
  const upstreamMs = deadlineMs * UPSTREAM_SHARE_OF_DEADLINE;
  const { prometheusUrl, agentUrls } = config;
  const agentMs = Math.min(AGENT_TIMEOUT_MS, upstreamMs);
  const upstreams: Upstreams = {
    prometheus:
      prometheusUrl === undefined ? null : createPrometheus({ url: new URL(prometheusUrl), timeoutMs: upstreamMs }),
    agents:
      config.agents === 'off' || agentUrls.length === 0
        ? null
        : createNodeAgents({
            urls: agentUrls.map((url) => new URL(url)),
            timeoutMs: agentMs,
            tls: createClientTls({
              files: config.agentTls,
              timeoutMs: agentMs,
              advice: AGENT_TLS_ADVICE,
              onProblem: (problems) =>
                log.warn({ problems }, 'new TLS files cannot be used yet; the old ones are kept'),
            }),
          }),
  };
  const runtime: ToolRuntime = {
    upstreams,
    cursors: createCursors(config.cursorKey),
    deadlineMs,
    budget: config.answerBudget,
    onBug: (id, tool, error) => log.error({ id, tool, err: error }, 'a tool has a bug'),
  };
  return {
    factory: createMcpServerFactory({
      tools,
      runtime,
      version: VERSION,
      names: config.toolNames,
      results: config.results,
    }),
    readiness: createReadiness(upstreams),
    schema: {
      name: 'telemcp',
      version: VERSION,
      transport: { type: 'streamable-http', url: '/mcp' },
      tools: tools.map((tool) => ({
        name: spellTool(tool.name, config.toolNames),
        canonicalName: tool.name,
        title: tool.title,
        description: tool.description,
        inputSchema: inputJsonSchema(tool),
      })),
      resources: [],
      prompts: [],
    },
    close: async () => {
      await Promise.all([upstreams.prometheus?.close(), upstreams.agents?.close()]);
    },
  };
}
