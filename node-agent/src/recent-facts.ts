import type { FactsAnswer } from '@telemcp/shared/families';
import type { FamilyName } from '@telemcp/shared/family-names';
import type { FactStore } from './fact-store.ts';

/** Envelopes by family, of those that were asked for. */
export type Families = FactsAnswer['families'];

/** How long whoever polls is kept waiting, milliseconds. Prometheus gives up after 10 s unless told otherwise. */
const WAIT_MS = 5000;

/**
 * The store's facts for those who poll: collected anew where they are no longer fresh, but what takes longer than 5 s is told as
 * it was last, and as `timeout` when it never was. One family that hangs then costs the others nothing.
 */
export function createRecentFacts(
  store: Pick<FactStore, 'get'>,
  waitMs = WAIT_MS,
): (families: readonly FamilyName[]) => Promise<Families> {
  const last: Families = {};

  return async (families) => {
    const found: Families = {};
    const looking = families.map(async (family) => {
      const envelope = { [family]: await store.get(family) };
      // `assign` since the compiler cannot follow that a family's name and its facts belong together.
      Object.assign(last, envelope);
      Object.assign(found, envelope);
    });
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    try {
      await Promise.race([Promise.all(looking), late]);
    } finally {
      clearTimeout(timer);
    }
    return Object.fromEntries(
      families.map((family) => [family, found[family] ?? last[family] ?? lateEnvelope(family, waitMs)]),
    );
  };
}

function lateEnvelope(family: FamilyName, waitMs: number) {
  return {
    status: 'unavailable' as const,
    reason: 'timeout' as const,
    hint: null,
    source: '',
    collectedAt: new Date().toISOString(),
    ageSeconds: 0,
    durationMs: waitMs,
    total: null,
    truncated: false,
    missing: [{ what: family, reason: 'timeout' as const, detail: 'not collected yet' }],
    data: null,
  };
}
