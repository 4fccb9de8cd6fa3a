import type { Logger } from 'pino';
import type { ToolRuntime } from './call-tool.ts';
import { type BridgeConfig, VERSION } from './config.ts';
import { createCursors } from './cursor.ts';
import { createMcpServerFactory } from './mcp-server.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { createResources } from './resources.ts';
import type { Upstreams } from './tool.ts';
import { inputJsonSchema } from './tool-arguments.ts';
import { spellTool } from './tool-names.ts';
import { tools } from './tools.ts';
import { cautionsOf, httpApiSettings, type QueryApi } from './upstream-settings.ts';
import { createAlertmanager } from './upstreams/alertmanager-client.ts';
import { createClientTls } from './upstreams/client-tls.ts';
import { createKubernetesAccess } from './upstreams/kubernetes-access.ts';
import { createKubernetes } from './upstreams/kubernetes-client.ts';
import { createLoki } from './upstreams/loki-client.ts';
import { createNodeAgents } from './upstreams/node-agents.ts';
import { createPrometheus } from './upstreams/prometheus.ts';

/** Everything the bridge consists of but the way clients reach it. */
export interface Bridge {
  factory: ReturnType<typeof createMcpServerFactory>;
  readiness: Readiness;
  /** Body of `GET /mcp/schema`: the surface as plain JSON. */
  schema(): Promise<unknown>;
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
  const { agentUrls } = config;
  const agentMs = Math.min(AGENT_TIMEOUT_MS, upstreamMs);
  const connect = (api: QueryApi) => {
    const source = config[api];
    return source === null ? null : httpApiSettings(api, source, { timeoutMs: upstreamMs, log });
  };
  const [prometheus, loki, alertmanager] = [connect('prometheus'), connect('loki'), connect('alertmanager')];
  const upstreams: Upstreams = {
    prometheus: prometheus === null ? null : createPrometheus(prometheus),
    loki: loki === null ? null : createLoki(loki),
    alertmanager: alertmanager === null ? null : createAlertmanager(alertmanager),
    kubernetes:
      config.kubernetes === null
        ? null
        : createKubernetes({
            access: createKubernetesAccess({
              source: config.kubernetes,
              context: config.kubernetesContext,
              timeoutMs: upstreamMs,
            }),
            timeoutMs: upstreamMs,
            deniedKinds: config.deniedKinds,
          }),
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
  const resources = createResources({ tools, runtime, dashboardsDirectory: config.dashboardsDir ?? null, log });
  return {
    factory: createMcpServerFactory({
      tools,
      resources,
      runtime,
      version: VERSION,
      names: config.toolNames,
      results: config.results,
    }),
    readiness: createReadiness(upstreams, {
      prometheus: cautionsOf(config.prometheus),
      loki: cautionsOf(config.loki),
      alertmanager: cautionsOf(config.alertmanager),
    }),
    schema: async () => ({
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
      resources: (await Promise.all(resources.map((kind) => kind.list()))).flat(),
      resourceTemplates: (await Promise.all(resources.map((kind) => kind.templates()))).flat(),
      prompts: [],
    }),
    close: async () => {
      await Promise.all(Object.values(upstreams).map((upstream) => upstream?.close()));
    },
  };
}
