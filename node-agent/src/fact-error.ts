import type { Reason } from '@telemcp/shared/envelope';

/**
 * "Could not look", with the reason from the wire vocabulary. Everything a collector throws that is not one of these is a
 * bug and becomes `internal_error`.
 */
export class FactError extends Error {
  readonly reason: Reason;
  /** What the operator can do, one sentence; null where nothing can be done. */
  readonly hint: string | null;

  constructor(reason: Reason, detail: string, options: { hint?: string; cause?: unknown } = {}) {
    super(detail, { cause: options.cause });
    this.name = 'FactError';
    this.reason = reason;
    this.hint = options.hint ?? null;
  }
}

const REASON_BY_ERRNO: Readonly<Record<string, Reason>> = {
  ENOENT: 'not_found',
  ENOTDIR: 'not_found',
  ENODEV: 'not_found',
  ENXIO: 'not_found',
  EACCES: 'permission_denied',
  EPERM: 'permission_denied',
  EOPNOTSUPP: 'unsupported',
  EINVAL: 'unsupported',
  EISDIR: 'not_a_file',
  ETIMEDOUT: 'timeout',
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  EPIPE: 'unreachable',
};

/** An error of the file system or the network as a `FactError`; anything else is returned as the bug it is. */
export function fromErrno(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  return new FactError(REASON_BY_ERRNO[error.code] ?? 'read_error', `${what}: ${error.code}`, { cause: error });
}
