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

/**
 * Answers from memory while that is fresh; those who ask at the same time share one look. Whoever asks in the last quarter of
 * an answer's time is given that answer and begins the next look, so that under steady questions nobody waits for one. While
 * that look runs the answer before it is still given, at most for the look's own deadline longer; its `ageSeconds` says so. A
 * failure is never given beyond its time.
 */
export interface CachedLook<T> {
  /** Never rejects for what ails the host: what could not be had is in the envelope. */
  get(): Promise<Envelope<T>>;
  /** The last answer as it was collected; null before the first. */
  last(): Envelope<T> | null;
  /** True when nothing is under way and `get` would look again: the entry may be forgotten. */
  isStale(): boolean;
}

/** A failure is asked about again soon, since what caused it may just have been mended. */
const FAILURE_TTL_MS = 1000;
/** The part of an answer's time after which a question begins the next look. */
const AHEAD = 3 / 4;

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
  /** How long `ask` may take. */
  timeoutMs: number;
  ask(): Promise<Envelope<T>>;
  now?: (() => number) | undefined;
}): CachedLook<T> {
  const now = options.now ?? (() => performance.now());
  let last: { envelope: Envelope<T>; startedAt: number; aheadFrom: number; freshUntil: number; until: number } | null =
    null;
  let inFlight: Promise<Envelope<T>> | null = null;
  /** Whether the look under way was begun before the last answer's time was up. */
  let isAhead = false;

  async function lookAgain(): Promise<Envelope<T>> {
    const startedAt = now();
    try {
      const envelope = await options.ask();
      const isFailure = envelope.status === 'unavailable';
      const ttlMs = isFailure ? Math.min(options.ttlMs, FAILURE_TTL_MS) : options.ttlMs;
      // What came old is kept the shorter.
      const leftMs = Math.max(ttlMs - Math.max(0, envelope.ageSeconds) * 1000, Math.min(ttlMs, FAILURE_TTL_MS));
      const freshUntil = now() + leftMs;
      const ahead = isFailure
        ? { aheadFrom: freshUntil, until: freshUntil }
        : { aheadFrom: now() + leftMs * AHEAD, until: freshUntil + options.timeoutMs };
      last = { envelope, startedAt, freshUntil, ...ahead };
      return aged(envelope, startedAt);
    } finally {
      inFlight = null;
    }
  }

  function begin(ahead: boolean): Promise<Envelope<T>> {
    isAhead = ahead;
    inFlight = lookAgain();
    return inFlight;
  }

  const aged = (envelope: Envelope<T>, startedAt: number): Envelope<T> => ({
    ...envelope,
    ageSeconds: Math.max(0, Math.round(envelope.ageSeconds * 1000 + now() - startedAt) / 1000),
  });

  return {
    get: async () => {
      const servedUntil = inFlight !== null && isAhead ? last?.until : last?.freshUntil;
      if (last === null || servedUntil === undefined || now() >= servedUntil) return inFlight ?? begin(false);
      const answer = aged(last.envelope, last.startedAt);
      // A bug in it comes to whoever asks once the answer's time is up.
      if (inFlight === null && now() >= last.aheadFrom) begin(true).catch(() => undefined);
      return answer;
    },
    last: () => last?.envelope ?? null,
    isStale: () => inFlight === null && (last === null || now() >= last.freshUntil),
  };
}
