import { HealthAnswer, ROUTES } from '@telemcp/shared/routes';
import { ToolError } from './errors.ts';
import type { Upstreams } from './tool.ts';

/** What one upstream said when it was last looked at. */
export interface UpstreamState {
  name: string;
  address: string;
  reachable: boolean;
  /** Its version or a count when reachable, else what went wrong. */
  detail: string;
  /** What the operator can do; null when it is reachable. */
  hint: string | null;
  /** What could be better though it is reachable. */
  cautions: readonly string[];
}

export interface Readiness {
  /** Looks at every upstream at once; an answer younger than five seconds is given again. */
  look(): Promise<readonly UpstreamState[]>;
}

/** By the name of an upstream: what could be better about how it is set. */
type Cautions = Readonly<Record<string, readonly string[]>>;

const FRESH_MS = 5000;
const DEADLINE_MS = 3000;
const LOKI_WINDOW_NS = 60_000_000_000n;

/** Whether the upstreams can be reached. The bridge is ready without them: what is down costs its own part of an answer. */
export function createReadiness(upstreams: Upstreams, cautions: Cautions = {}): Readiness {
  let last: { at: number; states: Promise<readonly UpstreamState[]> } | null = null;
  return {
    look: () => {
      if (last === null || performance.now() - last.at > FRESH_MS)
        last = { at: performance.now(), states: lookAtAll(upstreams, cautions) };
      return last.states;
    },
  };
}

async function lookAtAll(upstreams: Upstreams, cautions: Cautions): Promise<readonly UpstreamState[]> {
  const { prometheus, loki, alertmanager, kubernetes, agents } = upstreams;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const states = await Promise.all([
    lookAt(prometheus, async (server) => {
      await server.query('vector(1)', {}, signal);
      return 'answers queries';
    }),
    lookAt(loki, async (server) => {
      // Its own page about readiness is not behind every proxy, and asks for no tenant.
      const end = BigInt(Date.now()) * 1_000_000n;
      await server.labels({ start: end - LOKI_WINDOW_NS, end }, signal);
      return 'answers queries';
    }),
    lookAt(alertmanager, async (server) => `version ${(await server.status(signal)).version ?? 'unknown'}`),
    lookAt(kubernetes, async (server) => `version ${await server.version(signal)}`),
    agents === null ? [] : lookAtAgents(agents, signal),
  ]);
  return states.flat().map((state) => ({ ...state, cautions: cautions[state.name] ?? [] }));
}

/** `look` says what is seen of an upstream that can be reached. */
async function lookAt<U extends Readonly<{ name: string; address: string }>>(
  upstream: U | null,
  look: (upstream: U) => Promise<string>,
): Promise<Omit<UpstreamState, 'cautions'>[]> {
  if (upstream === null) return [];
  try {
    // The address of an API server is known when it was reached.
    const detail = await look(upstream);
    return [{ name: upstream.name, address: upstream.address, reachable: true, detail, hint: null }];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const detail = `${error.code}: ${error.message}`;
    return [{ name: upstream.name, address: upstream.address, reachable: false, detail, hint: error.hint }];
  }
}

async function lookAtAgents(
  agents: NonNullable<Upstreams['agents']>,
  signal: AbortSignal,
): Promise<Omit<UpstreamState, 'cautions'>[]> {
  const { answers, coverage } = await agents.ask({ path: ROUTES.health, schema: HealthAnswer }, signal);
  const up = answers.map((answer) => ({
    name: `agent ${answer.node}`,
    address: agents.list().find((agent) => agent.node === answer.node)?.address ?? '',
    reachable: true,
    detail: `version ${answer.agentVersion}`,
    hint: null,
  }));
  const down = coverage.missing.map((gap) => ({
    name: `agent ${gap.node}`,
    address: gap.node,
    reachable: false,
    detail: gap.reason,
    hint: gap.reason.startsWith('TLS')
      ? 'See TELEMCP_AGENT_CA_FILE, TELEMCP_AGENT_CERT_FILE and TELEMCP_AGENT_KEY_FILE, and what the agent there logs.'
      : 'See that telemcp-node-agent runs there and listens on an address the bridge can reach.',
  }));
  return [...up, ...down];
}
