import { FactError } from './fact-error.ts';

/** How asking for one thing ended. */
export type Attempt<T> = { ok: true; value: T } | { ok: false; error: FactError };

/** Turns "could not look" into a value, so that one source that fails costs only its own part. Bugs are still thrown. */
export async function attempt<T>(work: Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    if (error instanceof FactError) return { ok: false, error };
    throw error;
  }
}

/**
 * Runs `work` for at most `timeoutMs`, shorter than the collection around it. Its signal aborts at the deadline or with
 * `outer`; work that ignores the signal is left behind.
 * @throws {FactError} `timeout`
 */
export async function withDeadline<T>(
  what: string,
  timeoutMs: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const expire = () => {
    controller.abort();
    reject(new FactError('timeout', `${what}: no answer within ${timeoutMs} ms`));
  };
  const timer = setTimeout(expire, timeoutMs);
  outer.addEventListener('abort', expire, { once: true });
  if (outer.aborted) expire();
  try {
    return await Promise.race([work(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', expire);
  }
}
