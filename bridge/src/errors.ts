/**
 * Every way a call can fail, and what it means. A failure that is none of these is a bug: it is logged with an id and shown
 * as that id only.
 */
export const ERROR_CODES = {
  timeout: 'the upstream or the whole call did not answer before its deadline',
  unreachable: 'no connection to the upstream, or it was cut',
  denied: 'the upstream refused: credentials are missing, wrong, or not allowed to read this',
  bad_query: 'the upstream could not accept the query; its own words say why',
  not_found: 'the upstream says that this does not exist',
  too_large: 'the answer or the work for it is over a limit',
  bad_response: 'the upstream answered with something else than its interface promises',
  not_configured: 'this bridge has no such upstream',
  invalid_argument: 'an argument of the call is wrong',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

interface ToolErrorOptions {
  /** Who failed, for example `prometheus` or `agent node-0007`; null when the call itself is wrong. */
  upstream?: string | null;
  /** What the caller can change, one sentence. */
  hint?: string | null;
  cause?: unknown;
}

/** A failure that is told to the caller, with advice. The message may quote an upstream; it is cleaned before it is shown. */
export class ToolError extends Error {
  readonly code: ErrorCode;
  readonly upstream: string | null;
  readonly hint: string | null;

  constructor(code: ErrorCode, message: string, options: ToolErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'ToolError';
    this.code = code;
    this.upstream = options.upstream ?? null;
    this.hint = options.hint ?? null;
  }
}

/** The caller's mistake: names the argument and says what would be right. */
export function invalidArgument(argument: string, problem: string, hint?: string): ToolError {
  return new ToolError('invalid_argument', `${argument}: ${problem}`, { hint: hint ?? null });
}
