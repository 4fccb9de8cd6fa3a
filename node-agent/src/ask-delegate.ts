import { type IncomingMessage, request } from 'node:http';
import { AgentAnswer, type Envelope, envelopeOf } from '@telemcp/shared/envelope';
import { FAMILIES, type FactsOf } from '@telemcp/shared/families';
import type { FamilyName } from '@telemcp/shared/family-names';
import { ErrorAnswer, ROUTES } from '@telemcp/shared/routes';
import * as z from 'zod';
import { FactError } from './fact-error.ts';
import { printable } from './http-errors.ts';
import { type OnBug, withinTime } from './run-collector.ts';

type Facts = FactsOf<FamilyName>;

/** A family that another agent on this host looks at. */
export interface Delegation {
  family: FamilyName;
  /** The other agent's unix socket. */
  socketPath: string;
  /** How long one look may take over there, milliseconds. */
  timeoutMs: number;
  onBug: OnBug;
}

/** The other agent's own time is up first, so that it is its words that arrive. */
const MARGIN_MS = 1000;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Asks another agent for a family and hands its envelope on as it is: when it looked, how long that took, what it could not
 * see; `source` is preceded by the socket it came through. Where there is no such envelope the family is `unavailable`:
 * `unreachable`, `permission_denied`, `timeout`, `too_large` or `parse_error`. Never rejects.
 */
export async function askDelegate(delegation: Delegation): Promise<Envelope<Facts>> {
  const { family, socketPath, onBug } = delegation;
  const via = `unix:${socketPath}`;
  const timeoutMs = delegation.timeoutMs + MARGIN_MS;
  const startedAt = performance.now();
  const envelope = await withinTime<Facts>({ name: `${family} from ${via}`, timeoutMs }, onBug, async (signal) => {
    const { source, ageSeconds, ...rest } = await fetchFamily(delegation, signal);
    // The store counts age from when it asked.
    const ageAtQuestion = ageSeconds - (performance.now() - startedAt) / 1000;
    return { ...rest, source: `${via} ${source}`.trimEnd(), ageSeconds: ageAtQuestion };
  });
  if (envelope.source !== '') return envelope;
  const hint = envelope.reason === 'timeout' ? adviceFor(delegation) : envelope.hint;
  return { ...envelope, source: via, hint };
}

async function fetchFamily(delegation: Delegation, signal: AbortSignal): Promise<Envelope<Facts>> {
  const { family } = delegation;
  const { status, text } = await get(delegation, signal);
  const body = parseJson(text);
  if (status !== 200) {
    const words = ErrorAnswer.safeParse(body).data?.error.message ?? 'without an explanation';
    throw notAnAgent(delegation, `answered HTTP ${status}: ${printable(words)}`);
  }
  const data: z.ZodType<Facts> = FAMILIES[family];
  const schema = AgentAnswer.extend({ family: z.literal(family), ...envelopeOf(data).shape });
  const answer = schema.safeParse(body);
  if (!answer.success) {
    const [issue] = answer.error.issues;
    const problem = body === undefined ? 'not JSON' : `${issue?.path.join('.') || 'body'}: ${issue?.message}`;
    throw notAnAgent(delegation, `not an agent's answer: ${printable(problem)}`);
  }
  const { node: _node, agentVersion: _version, answeredAt: _at, family: _family, ...envelope } = answer.data;
  return envelope;
}

/** The answer's status and body. A connection of its own: once in a family's time it is worth no more. */
function get(delegation: Delegation, signal: AbortSignal): Promise<{ status: number; text: string }> {
  const { family, socketPath } = delegation;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(connectionFault(delegation, error));
    const asking = request({
      socketPath,
      path: ROUTES.family.replace(':family', family),
      headers: { accept: 'application/json', host: 'localhost' },
      agent: false,
      signal,
    });
    asking.on('error', fail);
    asking.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length <= MAX_BYTES) return;
        reject(new FactError('too_large', `unix:${socketPath}: more than ${MAX_BYTES} bytes`));
        asking.destroy();
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks, length).toString('utf8') }),
      );
    });
    asking.end();
  });
}

function connectionFault(delegation: Delegation, error: unknown): unknown {
  const { family, socketPath } = delegation;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('HPE_')) return notAnAgent(delegation, `not an HTTP answer (${code})`);
  if (code === 'EACCES' || code === 'EPERM') {
    return new FactError('permission_denied', `unix:${socketPath}: ${code}`, {
      hint: `Run this agent in the group of the socket (mode 0660), which the agent for ${family} makes with its own group.`,
    });
  }
  const words = CONNECTION_FAULTS[code];
  if (words === undefined) return error;
  return new FactError('unreachable', `unix:${socketPath}: ${words}`, { hint: adviceFor(delegation) });
}

const CONNECTION_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such socket',
  ENOTDIR: 'no such socket',
  ENOTSOCK: 'not a socket',
  ECONNREFUSED: 'nobody listens',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EAGAIN: 'too many are waiting to be let in',
  ABORT_ERR: 'no answer in time',
};

function notAnAgent({ family, socketPath }: Delegation, problem: string): FactError {
  return new FactError('parse_error', `unix:${socketPath}: ${problem}`, {
    hint: `See that a node agent of this version with ${family} among its TELEMCP_AGENT_FAMILIES listens there.`,
  });
}

function adviceFor({ family, socketPath }: Delegation): string {
  return `See that the agent for ${family} runs, with TELEMCP_AGENT_LISTEN=unix:${socketPath}; its log says more.`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
