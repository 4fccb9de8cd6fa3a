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
}

export interface Readiness {
  /** Looks at every upstream at once; an answer younger than five seconds is given again. */
  look(): Promise<readonly UpstreamState[]>;
}

const FRESH_MS = 5000;
const DEADLINE_MS = 3000;

/** Whether the upstreams can be reached. The bridge is ready without them: what is down costs its own part of an answer. */
export function createReadiness(upstreams: Upstreams): Readiness {
  let last: { at: number; states: Promise<readonly UpstreamState[]> } | null = null;
  return {
    look: () => {
      if (last === null || performance.now() - last.at > FRESH_MS)
        last = { at: performance.now(), states: lookAtAll(upstreams) };
      return last.states;
    },
  };
}

async function lookAtAll({ prometheus, agents }: Upstreams): Promise<readonly UpstreamState[]> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const states = await Promise.all([
    prometheus === null ? [] : lookAtPrometheus(prometheus, signal),
    agents === null ? [] : lookAtAgents(agents, signal),
  ]);
  return states.flat();
}

async function lookAtPrometheus(
  prometheus: NonNullable<Upstreams['prometheus']>,
  signal: AbortSignal,
): Promise<UpstreamState[]> {
  const base = { name: 'prometheus', address: prometheus.address };
  try {
    await prometheus.query('vector(1)', {}, signal);
    return [{ ...base, reachable: true, detail: 'answers queries', hint: null }];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return [{ ...base, reachable: false, detail: `${error.code}: ${error.message}`, hint: error.hint }];
  }
}

async function lookAtAgents(agents: NonNullable<Upstreams['agents']>, signal: AbortSignal): Promise<UpstreamState[]> {
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
