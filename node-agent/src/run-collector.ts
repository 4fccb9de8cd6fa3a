import type { Envelope } from '@telemcp/shared/envelope';
import type { Collected } from './collector.ts';
import { FactError } from './fact-error.ts';

/** One thing to look at, with the time it may take. */
export interface Looking<T> {
  name: string;
  timeoutMs: number;
  look(signal: AbortSignal): Promise<Collected<T>>;
}

/** Told of every bug: an error that no collector should throw. The answer itself says only `internal_error`. */
export type OnBug = (name: string, error: unknown) => void;

/**
 * Looks once and always answers with an envelope: in time, or `timeout`; with the reason when it could not look; with
 * `internal_error`, the details going to `onBug` only, when the collector has a bug.
 */
export function runCollector<T>(looking: Looking<T>, onBug: OnBug): Promise<Envelope<T>> {
  const startedAt = performance.now();
  const collectedAt = new Date().toISOString();
  return withinTime(looking, onBug, async (signal) => {
    const found = await looking.look(signal);
    const missing = [...(found.missing ?? [])];
    return {
      status: missing.length === 0 ? 'ok' : 'partial',
      reason: missing[0]?.reason ?? null,
      hint: null,
      source: found.source,
      collectedAt,
      ageSeconds: 0,
      durationMs: elapsedMs(startedAt),
      total: found.total ?? null,
      truncated: found.truncated ?? false,
      missing,
      data: found.data,
    };
  });
}

/** The envelope that `work` makes within `timeoutMs`, else one that is `unavailable` and says why. Never rejects. */
export async function withinTime<T>(
  { name, timeoutMs }: { name: string; timeoutMs: number },
  onBug: OnBug,
  work: (signal: AbortSignal) => Promise<Envelope<T>>,
): Promise<Envelope<T>> {
  const startedAt = performance.now();
  const collectedAt = new Date().toISOString();
  const controller = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    controller.abort();
    reject(new FactError('timeout', `${name}: nothing after ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    return await Promise.race([work(controller.signal), expired]);
  } catch (error) {
    const known = error instanceof FactError ? error : null;
    if (known === null) onBug(name, error);
    const reason = known?.reason ?? 'internal_error';
    return {
      status: 'unavailable',
      reason,
      hint: known?.hint ?? HINTS[reason] ?? null,
      source: '',
      collectedAt,
      ageSeconds: 0,
      durationMs: elapsedMs(startedAt),
      total: null,
      truncated: false,
      missing: [{ what: name, reason, detail: known?.message ?? 'see the log of the agent' }],
      data: null,
    };
  } finally {
    clearTimeout(timer);
    // A look may end before its time and leave a call behind; this is how `HostRoot` learns that nobody waits for it any more.
    controller.abort(OVER);
  }
}

/** Given as the reason of every end, since the one that is made otherwise is an error with its stack. */
const OVER = 'the look is over';

/** What to do about a reason where the collector has nothing more precise to say. */
const HINTS: Readonly<Record<string, string>> = {
  timeout: 'The host is slow or something it depends on hangs; look at its load and at stuck mounts.',
  permission_denied: 'Run the agent as a user that may read this, or mount it readable.',
  internal_error: 'This is a bug in the agent: its log holds the details.',
};

function elapsedMs(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 100) / 100;
}
