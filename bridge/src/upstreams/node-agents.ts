import type { AgentAnswer } from '@telemcp/shared/envelope';
import { ErrorAnswer } from '@telemcp/shared/routes';
import { bulkhead } from 'cockatiel';
import type { z } from 'zod';
import type { Coverage, MissingNode } from '../answer.ts';
import { countOf, listNames } from '../brief-text.ts';
import { compareText } from '../compare-text.ts';
import { invalidArgument, ToolError } from '../errors.ts';
import type { ClientTls } from './client-tls.ts';
import { createHttpUpstream, type HttpUpstream, type UpstreamResponse } from './http-upstream.ts';

/** What to ask of the agents. */
export interface FleetQuestion<T extends AgentAnswer> {
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  schema: z.ZodType<T>;
  /** Ask this node only. */
  node?: string | undefined;
}

/** The answers, sorted by node name, and who did not answer. Nodes of one name are told apart as `name@address`. */
export interface FleetAnswers<T> {
  answers: T[];
  coverage: Coverage;
  /** What is wrong with the fleet itself: several agents that give the same node name. */
  notes: string[];
}

/** The node agents of the fleet. */
export interface NodeAgents {
  /**
   * Asks every agent at once, or one. A node that does not answer is a row of `coverage.missing`, never a failure of the whole.
   * @throws {ToolError} `not_found` when no agent has the name asked for, `invalid_argument` when the agents refuse the question
   */
  ask<T extends AgentAnswer>(question: FleetQuestion<T>, signal: AbortSignal): Promise<FleetAnswers<T>>;
  /** Every agent's address, and its node's name once it has said it. */
  list(): readonly { address: string; node: string | null; lastSeen: Date | null }[];
  close(): Promise<void>;
}

interface Agent {
  upstream: HttpUpstream;
  /** Known from its first answer. */
  node: string | null;
  lastSeen: Date | null;
}

interface NodeAgentsOptions {
  urls: readonly URL[];
  /** The longest one node may take, milliseconds. */
  timeoutMs: number;
  /** How agents at https addresses are connected to; the system's authorities unless told. */
  tls?: ClientTls | undefined;
}

const IN_FLIGHT = 32;
const MAX_NOTES = 3;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Agents at fixed addresses. Nodes are known by the name that their agent gives, whatever the address; where several agents give
 * the same name, `name` means all of them and `name@host:port` one.
 */
export function createNodeAgents(options: NodeAgentsOptions): NodeAgents {
  const urls = [...new Map(options.urls.map((url) => [url.href, url])).values()];
  const agents = urls.map(
    (url): Agent => ({
      upstream: createHttpUpstream({
        name: `agent ${url.host || url.pathname}`,
        url,
        tls: options.tls,
        timeoutMs: options.timeoutMs,
        maxBytes: MAX_BYTES,
        concurrency: 4,
      }),
      node: null,
      lastSeen: null,
    }),
  );
  const slots = bulkhead(IN_FLIGHT, Number.POSITIVE_INFINITY);

  async function askOne<T extends AgentAnswer>(
    agent: Agent,
    question: FleetQuestion<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { path, query } = question;
    const response = await agent.upstream.request({ path, ...(query === undefined ? {} : { query }), signal });
    const answer = readAnswer(agent.upstream, response, question.schema);
    agent.node = answer.node;
    agent.lastSeen = new Date();
    return answer;
  }

  return {
    ask: async (question, signal) => {
      const { node } = question;
      const known = nameAgents(agents);
      const named =
        node === undefined ? [] : agents.filter((agent) => agent.node === node || known.get(agent) === node);
      // An agent that has not spoken yet may be the one that is meant.
      const asked =
        node === undefined ? agents : named.length > 0 ? named : agents.filter((agent) => agent.node === null);
      const outcomes = await Promise.all(
        asked.map((agent) =>
          slots.execute(async () => {
            try {
              return { agent, answer: await askOne(agent, question, signal), error: null };
            } catch (error) {
              if (!(error instanceof ToolError)) throw error;
              return { agent, answer: null, error };
            }
          }),
        ),
      );
      // Only now is it known which agents share a name.
      const names = nameAgents(agents);
      const all = outcomes.flatMap(({ agent, answer }) => (answer === null ? [] : [{ agent, answer }]));
      const answers = all
        .filter(({ agent }) => node === undefined || agent.node === node || names.get(agent) === node)
        .map(({ agent, answer }) => ({ ...answer, node: names.get(agent) ?? answer.node }))
        .sort(byNode);
      const missing = outcomes.flatMap(({ agent, error }) =>
        error === null ? [] : [missingNode(agent, names.get(agent) ?? null, error)],
      );
      // One agent of another version may refuse what the others answer: the question is wrong only when none takes it.
      const refusal = outcomes.find(({ error }) => error?.code === 'invalid_argument')?.error ?? null;
      if (all.length === 0 && refusal !== null) throw refusal;
      // A known agent may have come back under another name.
      const silent = node !== undefined && named.length > 0 && missing.length > 0;
      if (node !== undefined && answers.length === 0 && !silent) throw unknownNode(node, [...names.values()], missing);
      const relevant = node === undefined || named.length > 0 ? missing : [];
      relevant.sort(byNode);
      return {
        answers,
        coverage: { asked: answers.length + relevant.length, answered: answers.length, missing: relevant },
        notes: sameNameNotes(asked, names),
      };
    },
    list: () => {
      const names = nameAgents(agents);
      return agents.map((agent) => ({
        address: agent.upstream.address,
        node: names.get(agent) ?? null,
        lastSeen: agent.lastSeen,
      }));
    },
    close: async () => {
      await Promise.all(agents.map((agent) => agent.upstream.close()));
    },
  };
}

/** Names by which nodes can be told apart, of the agents that have said theirs. */
function nameAgents(agents: readonly Agent[]): ReadonlyMap<Agent, string> {
  const names = new Map<Agent, string>();
  for (const [node, alike] of Map.groupBy(agents, (agent) => agent.node)) {
    if (node === null) continue;
    for (const agent of alike)
      names.set(agent, alike.length === 1 ? node : `${node}@${agent.upstream.address.replace(/^https?:\/\//, '')}`);
  }
  return names;
}

function sameNameNotes(asked: readonly Agent[], names: ReadonlyMap<Agent, string>): string[] {
  const shared = asked.filter((agent) => agent.node !== null && names.get(agent) !== agent.node);
  return [...Map.groupBy(shared, (agent) => agent.node)].slice(0, MAX_NOTES).map(([node, alike]) => {
    const list = listNames(
      alike.map((agent) => names.get(agent) ?? ''),
      3,
    );
    return `several agents say they are node ${node}: ${list}; the operator sets TELEMCP_NODE_NAME on them`;
  });
}

function readAnswer<T>(upstream: HttpUpstream, response: UpstreamResponse, schema: z.ZodType<T>): T {
  const body = parseJson(response.body);
  if (response.status !== 200) {
    const refusal = ErrorAnswer.safeParse(body).data?.error;
    if (response.status === 400 && refusal?.code === 'invalid_argument')
      throw invalidArgument(refusal.argument ?? 'argument', refusal.message);
    throw new ToolError(
      response.status === 401 || response.status === 403 ? 'denied' : 'bad_response',
      refusal?.message ?? `HTTP ${response.status}`,
      {
        upstream: upstream.name,
      },
    );
  }
  const answer = schema.safeParse(body);
  if (answer.success) return answer.data;
  const [issue] = answer.error.issues;
  const problem = body === undefined ? 'not JSON' : `${issue?.path.join('.') || 'body'}: ${issue?.message}`;
  throw new ToolError('bad_response', `not an agent's answer: ${problem}`, {
    upstream: upstream.name,
    hint: 'See that the address is that of a telemcp node agent of this version.',
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function missingNode(agent: Agent, name: string | null, error: ToolError): MissingNode {
  const reason = error.message.replace(`${agent.upstream.address}: `, '');
  return { node: name ?? agent.upstream.address, reason, lastSeen: agent.lastSeen };
}

function unknownNode(node: string, names: readonly string[], missing: readonly MissingNode[]): ToolError {
  const known = names.toSorted();
  const silent =
    missing.length === 0
      ? ''
      : `; no answer from ${countOf(missing.length, 'agent')}: ${missing
          .slice(0, 3)
          .map((gap) => `${gap.node} ${gap.reason}`)
          .join(', ')}`;
  return new ToolError('not_found', `node: no agent says it is ${JSON.stringify(node)}`, {
    hint: `Known nodes: ${known.slice(0, 20).join(', ') || 'none yet'}${known.length > 20 ? ` and ${known.length - 20} more` : ''}${silent}.`,
  });
}

function byNode(a: { node: string }, b: { node: string }): number {
  return compareText(a.node, b.node);
}
