import { encode } from 'gpt-tokenizer';
import type { Answer } from '../src/answer.ts';
import { createCursors } from '../src/cursor.ts';
import { type Position, type Rendered, renderAnswer } from '../src/render-answer.ts';
import type { Tool, Upstreams } from '../src/tool.ts';
import { inputJsonSchema, parseArguments } from '../src/tool-arguments.ts';
import { spellTool } from '../src/tool-names.ts';
import { createNodeAgents, type NodeAgents } from '../src/upstreams/node-agents.ts';
import { type FakeAgent, GOLDEN_NOW } from './fake-agent.ts';

/** An answer as its tool gave it and as a client would see it, with what it costs a model. */
export interface Asked extends Rendered {
  answer: Answer;
  tokens: number;
  structuredTokens: number;
}

/** How long a fake agent may take, milliseconds: enough for a busy machine, since the slow ones never answer. */
const AGENT_TIMEOUT_MS = 1000;

/** Node agents at the addresses of fake ones. */
export function agentsOf(fakes: readonly FakeAgent[]): NodeAgents {
  return createNodeAgents({ urls: fakes.map((fake) => fake.url), timeoutMs: AGENT_TIMEOUT_MS });
}

/** Calls a tool from raw arguments to the rendered answer, at the time of the golden payloads unless told. */
export async function askTool(
  tool: Tool,
  rawArguments: Readonly<Record<string, unknown>>,
  agents: NodeAgents | null,
  options: { budget?: number; from?: Position; now?: Date; upstreams?: Partial<Upstreams> } = {},
): Promise<Asked> {
  const args = parseArguments(tool, rawArguments);
  const { signal } = new AbortController();
  const upstreams = {
    prometheus: null,
    loki: null,
    alertmanager: null,
    agents,
    kubernetes: null,
    ...options.upstreams,
  };
  const answer = await tool.run(args, { upstreams, signal, now: options.now ?? GOLDEN_NOW });
  const cursors = createCursors(Buffer.from('a key of the tests'));
  const rendered = renderAnswer(answer, {
    budget: options.budget ?? 24_000,
    from: options.from ?? null,
    toolName: (canonical) => spellTool(canonical, 'underscore'),
    continueAt: (position) =>
      tool.paged ? { tool: tool.name, arguments: { cursor: cursors.make(tool.name, args, position) } } : null,
  });
  const structuredTokens = tokensOf(JSON.stringify(rendered.structured));
  return { answer, ...rendered, tokens: tokensOf(rendered.text), structuredTokens };
}

/** What a model is given of a tool: name, description and input schema. */
export function tokensOfTool(tool: Tool): number {
  const { name, description } = tool;
  return tokensOf(JSON.stringify({ name, description, inputSchema: inputJsonSchema(tool) }));
}

/** What the structured form may cost: 1.3 times the text, since some clients are sent both. */
export function structuredLimit({ tokens }: Asked): number {
  return tokens * 1.3;
}

function tokensOf(text: string): number {
  return encode(text).length;
}
