import type { Envelope } from '@telemcp/shared/envelope';
import type { Collected } from './collector.ts';
import { type OnBug, runCollector } from './run-collector.ts';

/** A thing that can be looked at again and again, and how long one look may be served for. */
export interface CachedLookOptions<T> {
  name: string;
  ttlMs: number;
  timeoutMs: number;
  look(signal: AbortSignal): Promise<Collected<T>>;
  onBug: OnBug;
  /** A clock that only moves forward, milliseconds. */
  now?: (() => number) | undefined;
}

/** Answers from memory while that is fresh; those who ask at the same time share one look. */
export interface CachedLook<T> {
  /** Never rejects: what could not be had is in the envelope. */
  get(): Promise<Envelope<T>>;
  /** The last answer as it was collected; null before the first. */
  last(): Envelope<T> | null;
  /** True when nothing is under way and `get` would look again: the entry may be forgotten. */
  isStale(): boolean;
}

/** A failure is asked about again soon, since what caused it may just have been mended. */
const FAILURE_TTL_MS = 1000;

/**
 * Data is not checked against its zod schema here: that is the collectors' tests' work, and would cost more per answer than
 * collecting does. The bridge checks what it receives.
 */
export function createCachedLook<T>(options: CachedLookOptions<T>): CachedLook<T> {
  return createCachedAnswer({ ...options, ask: () => runCollector(options, options.onBug) });
}

/** The same for what makes envelopes of its own. `ageSeconds` of those counts from the moment they were asked for. */
export function createCachedAnswer<T>(options: {
  ttlMs: number;
  ask(): Promise<Envelope<T>>;
  now?: (() => number) | undefined;
}): CachedLook<T> {
  const now = options.now ?? (() => performance.now());
  let last: { envelope: Envelope<T>; startedAt: number; freshUntil: number } | null = null;
  let inFlight: Promise<Envelope<T>> | null = null;

  async function lookAgain(): Promise<Envelope<T>> {
    const startedAt = now();
    const envelope = await options.ask();
    const ttlMs = envelope.status === 'unavailable' ? Math.min(options.ttlMs, FAILURE_TTL_MS) : options.ttlMs;
    // What came old is kept the shorter.
    const leftMs = Math.max(ttlMs - Math.max(0, envelope.ageSeconds) * 1000, Math.min(ttlMs, FAILURE_TTL_MS));
    last = { envelope, startedAt, freshUntil: now() + leftMs };
    inFlight = null;
    return aged(envelope, startedAt);
  }

  const aged = (envelope: Envelope<T>, startedAt: number): Envelope<T> => ({
    ...envelope,
    ageSeconds: Math.max(0, Math.round(envelope.ageSeconds * 1000 + now() - startedAt) / 1000),
  });

  return {
    get: async () => {
      if (inFlight !== null) return inFlight;
      if (last !== null && now() < last.freshUntil) return aged(last.envelope, last.startedAt);
      inFlight = lookAgain();
      return inFlight;
    },
    last: () => last?.envelope ?? null,
    isStale: () => inFlight === null && (last === null || now() >= last.freshUntil),
  };
}
