import type { AgentAnswer, Envelope, Missing } from '@telemcp/shared/envelope';
import type { z } from 'zod';
import type { Answer, Coverage, MissingNode } from '../answer.ts';
import { briefText, countOf, listNames } from '../brief-text.ts';
import { configured, type ToolContext } from '../tool.ts';

/** What one node's agent saw. */
export interface Look<T> {
  node: string;
  data: T;
  /** The node's clock when it answered, RFC 3339: ages are counted against this, so that a wrong clock does not bend them. */
  answeredAt: string;
  ageSeconds: number;
  /** Rows there are, where the data is a list. */
  total: number | null;
}

/** What the agents asked saw, and who could not look and why. */
export interface FleetLooks<T> {
  looks: Look<T>[];
  coverage: Coverage;
  /** What could not be read, and what can be done about it. */
  notes: string[];
  /** By the bridge's clock: the oldest of the looks was taken then. */
  asOf: Date;
  /** By the bridge's clock: the last answer was here then. */
  receivedAt: Date;
}

/** What to ask of the agents: a path, and the schema of the answer. */
export interface FleetLookQuestion<T> {
  path: string;
  query?: Readonly<Record<string, string | number>>;
  node: string | undefined;
  schema: z.ZodType<AgentAnswer & Envelope<T>>;
  /** Whether the data itself tells of a gap, so that it needs no note. */
  tells?(data: T, gap: Missing): boolean;
}

/**
 * Asks the agents, or the one of `node`. A node whose agent answers that it could not look counts as not answered, with the
 * agent's reason; what can be done about it is a note.
 */
export async function lookAtFleet<T>(question: FleetLookQuestion<T>, context: ToolContext): Promise<FleetLooks<T>> {
  const agents = configured(context.upstreams.agents, 'node agents', 'TELEMCP_AGENTS or TELEMCP_AGENT_URLS');
  const startedAt = performance.now();
  const { answers, coverage, notes } = await agents.ask(question, context.signal);
  const receivedAt = new Date(context.now.getTime() + performance.now() - startedAt);
  const looks: Look<T>[] = [];
  const missing: MissingNode[] = [];
  const hints = new Map<string, Set<string>>();
  for (const { node, data, answeredAt, ageSeconds, total, ...envelope } of answers) {
    if (data !== null) {
      looks.push({ node, data, answeredAt, ageSeconds, total });
      continue;
    }
    missing.push({ node, reason: whyNot(envelope), lastSeen: null });
    if (envelope.hint === null) continue;
    const hint = briefText(envelope.hint, 300);
    hints.set(hint, (hints.get(hint) ?? new Set()).add(envelope.reason ?? envelope.status));
  }
  const oldestSeconds = Math.max(0, ...looks.map((look) => look.ageSeconds));
  return {
    looks,
    coverage: {
      asked: coverage.asked,
      answered: looks.length,
      missing: [...coverage.missing, ...missing].sort((a, b) => (a.node < b.node ? -1 : 1)),
    },
    notes: [
      ...notes,
      ...[...hints].slice(0, MAX_NOTES).map(([hint, reasons]) => `${[...reasons].join(', ')}: ${hint}`),
      ...gapNotes(answers, question.tells ?? (() => false)),
    ],
    asOf: new Date(context.now.getTime() - oldestSeconds * 1000),
    receivedAt,
  };
}

/** The parts of every answer that tell who was asked and who was not heard; a single node that answered needs no coverage. */
export function fleetFrame(fleet: FleetLooks<unknown>): Pick<Answer, 'source' | 'asOf' | 'coverage'> {
  const { asked, missing } = fleet.coverage;
  return {
    source: asked === 1 ? 'node agent' : 'node agents',
    asOf: fleet.asOf,
    ...(asked === 1 && missing.length === 0 ? {} : { coverage: fleet.coverage }),
  };
}

/** The answer when no node could look: there is nothing to tell but why. */
export function nobodyAnswered(title: string, fleet: FleetLooks<unknown>): Answer {
  const { asked } = fleet.coverage;
  const whom = asked === 0 ? 'there are no node agents to ask' : asked === 1 ? 'the node' : `any of ${asked} nodes`;
  const summary = asked === 0 ? whom : `could not look at ${whom}; the state is not known`;
  return { title, ...fleetFrame(fleet), summary, tables: [], notes: fleet.notes };
}

const MAX_NOTES = 5;

function whyNot(envelope: Pick<Envelope<unknown>, 'status' | 'reason' | 'missing'>): string {
  const word = envelope.status === 'disabled' ? 'disabled' : (envelope.reason ?? 'no data');
  const detail = envelope.missing[0]?.detail ?? null;
  return detail === null ? word : `${word}: ${briefText(detail, 160)}`;
}

/** What answers lack: equal gaps of many nodes are told once. */
function gapNotes<T>(
  answers: readonly (AgentAnswer & Envelope<T>)[],
  isTold: (data: T, gap: Missing) => boolean,
): string[] {
  const nodesByGap = new Map<string, string[]>();
  for (const { node, data, missing } of answers) {
    if (data === null) continue;
    for (const gap of missing) {
      if (isTold(data, gap)) continue;
      const text = describeGap(gap);
      nodesByGap.set(text, [...(nodesByGap.get(text) ?? []), node]);
    }
  }
  const gaps = [...nodesByGap].sort(([, a], [, b]) => b.length - a.length);
  const shown = gaps.slice(0, MAX_NOTES).map(([text, nodes]) => {
    const where = answers.length === 1 ? '' : `${listNames(nodes, 3)}: `;
    return `${where}could not read ${text}`;
  });
  return gaps.length > MAX_NOTES ? [...shown, `${countOf(gaps.length - MAX_NOTES, 'more gap')} like these`] : shown;
}

function describeGap({ what, reason, detail }: Missing): string {
  const why = detail === null || detail === '' ? reason : `${reason}, ${briefText(detail, 160)}`;
  return `${briefText(what, 160)}: ${why}`;
}
