import { randomBytes } from 'node:crypto';
import type { Picture, StructuredAnswer } from './answer.ts';
import type { Cursors } from './cursor.ts';
import { withDeadline } from './deadline.ts';
import { type ErrorCode, ToolError } from './errors.ts';
import { renderAnswer } from './render-answer.ts';
import { safeText } from './safe-text.ts';
import type { Tool, Upstreams } from './tool.ts';
import { parseArguments } from './tool-arguments.ts';
import { type NameStyle, spellTool } from './tool-names.ts';

/** What all calls share. */
export interface ToolRuntime {
  upstreams: Upstreams;
  cursors: Cursors;
  /** The longest a call may take, milliseconds. */
  deadlineMs: number;
  /** Characters of text an answer may have. */
  budget: number;
  /** Told of every bug, with the id that the caller was shown. */
  onBug(id: string, tool: string, error: unknown): void;
}

/** How a call ended. `text` is what a model reads in either case. */
export type ToolOutcome =
  | { ok: true; text: string; structured: StructuredAnswer; picture: Picture | null }
  | { ok: false; text: string; code: ErrorCode | 'internal_error'; hint: string | null };

/**
 * Runs one call from raw arguments to its rendered outcome. It always ends: by the deadline at the latest, with an error that
 * says what happened, where and what to do. Never throws.
 */
export async function callTool(
  tool: Tool,
  rawArguments: unknown,
  runtime: ToolRuntime,
  client: { signal: AbortSignal; names: NameStyle },
): Promise<ToolOutcome> {
  try {
    const { cursor, ...args } = parseArguments(tool, rawArguments);
    const from = typeof cursor === 'string' ? runtime.cursors.read(tool.name, args, cursor) : null;
    const answer = await withDeadline(
      { ms: runtime.deadlineMs, signal: client.signal, late: (by) => late(by, runtime) },
      (signal) => tool.run(args, { upstreams: runtime.upstreams, signal, now: new Date() }),
    );
    const rendered = renderAnswer(answer, {
      budget: runtime.budget,
      from,
      toolName: (canonical) => spellTool(canonical, client.names),
      continueAt: (position) =>
        tool.paged
          ? { tool: tool.name, arguments: { ...plain(args), cursor: runtime.cursors.make(tool.name, args, position) } }
          : null,
    });
    return { ok: true, ...rendered, picture: answer.picture ?? null };
  } catch (error) {
    if (error instanceof ToolError) return failure(error);
    const id = randomBytes(4).toString('hex');
    runtime.onBug(id, tool.name, error);
    return {
      ok: false,
      text: `internal_error: internal error ${id}\nhint: The log of the bridge has the details under this id.`,
      code: 'internal_error',
      hint: null,
    };
  }
}

const MAX_MESSAGE = 1000;

function failure(error: ToolError): ToolOutcome {
  const message = safeText(error.message);
  const from = error.upstream === null ? '' : ` (${safeText(error.upstream)})`;
  const hint = error.hint === null ? null : safeText(error.hint);
  const text = `${error.code}${from}: ${message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message}`;
  return { ok: false, text: hint === null ? text : `${text}\nhint: ${hint}`, code: error.code, hint };
}

function plain(args: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [],
    ),
  );
}

function late(by: 'clock' | 'caller', { deadlineMs }: ToolRuntime): ToolError {
  if (by === 'caller') return new ToolError('timeout', 'the caller cancelled the call');
  return new ToolError('timeout', `nothing after ${deadlineMs / 1000} s`, { hint: 'Ask for less, or again later.' });
}
