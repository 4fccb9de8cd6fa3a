import type { Envelope, FamilyStatus } from '@telemcp/shared/envelope';
import type { FactsOf } from '@telemcp/shared/families';
import type { FamilyName } from '@telemcp/shared/family-names';
import { type CachedLook, createCachedAnswer, createCachedLook } from './cached-look.ts';
import type { Collector, CollectorSettings } from './collector.ts';
import type { SystemBus } from './dbus/bus.ts';
import type { Delegates } from './delegates.ts';
import type { HostRoot } from './host-root.ts';
import type { OnBug } from './run-collector.ts';

type Facts = FactsOf<FamilyName>;

/** The last thing known of a family, for readiness and metrics. `not_collected`: nobody has asked for it yet. */
export interface FamilyState {
  family: FamilyName;
  status: FamilyStatus | 'not_collected';
  durationMs: number | null;
  collectedAt: string | null;
}

/** Every family's facts, collected when asked for and kept for the collector's `ttlMs`. */
export interface FactStore {
  families: readonly FamilyName[];
  /** Why questions beyond a family's facts are not answered here; null where they are. */
  refusal(family: FamilyName): Envelope<never> | null;
  /** Never rejects for what ails the host: that is in the envelope. */
  get(family: FamilyName): Promise<Envelope<Facts>>;
  /** Several at once, each under its name; the `families` of a `FactsAnswer`. */
  getAll(families: readonly FamilyName[]): Promise<Partial<Record<FamilyName, Envelope<Facts>>>>;
  states(): FamilyState[];
}

/** What the store needs: the collectors, and what they may use. */
export interface FactStoreOptions {
  collectors: readonly Collector[];
  /** A view of the host's files that ends with `signal`. */
  openHost(signal: AbortSignal): HostRoot;
  bus: SystemBus;
  settings: CollectorSettings;
  disabled: readonly FamilyName[];
  /** Families that another agent looks at. */
  delegates?: Delegates | undefined;
  onBug: OnBug;
  /** A clock that only moves forward, milliseconds. */
  now?: () => number;
}

export function createFactStore(options: FactStoreOptions): FactStore {
  const { bus, settings, onBug, now } = options;
  const looks = new Map<FamilyName, CachedLook<Facts>>();
  for (const collector of options.collectors) {
    const { family: name, ttlMs, timeoutMs } = collector;
    const socketPath = options.delegates?.get(name);
    if (socketPath !== undefined) {
      // Loaded where there is such an agent only: it brings the schemas of all families.
      const ask = async () =>
        (await import('./ask-delegate.ts')).askDelegate({ family: name, socketPath, timeoutMs, onBug });
      looks.set(name, createCachedAnswer({ ttlMs, timeoutMs, ask, now }));
      continue;
    }
    const look = (signal: AbortSignal) => collector.collect({ host: options.openHost(signal), bus, settings, signal });
    looks.set(name, createCachedLook({ name, ttlMs, timeoutMs, look, onBug, now }));
  }
  const families = [...looks.keys()];
  const isDisabled = (family: FamilyName) => options.disabled.includes(family);

  async function get(family: FamilyName): Promise<Envelope<Facts>> {
    if (isDisabled(family)) return disabledEnvelope(family);
    const look = looks.get(family);
    if (look === undefined) throw new Error(`no collector for the family ${family}`);
    return look.get();
  }

  return {
    families,
    refusal: (family) => {
      if (isDisabled(family)) return disabledEnvelope(family);
      return options.delegates?.has(family) ? delegatedEnvelope(family) : null;
    },
    get,
    getAll: async (wanted) =>
      Object.fromEntries(await Promise.all([...new Set(wanted)].map(async (family) => [family, await get(family)]))),
    states: () =>
      families.map((family) => {
        const last = looks.get(family)?.last() ?? null;
        return {
          family,
          status: isDisabled(family) ? 'disabled' : (last?.status ?? 'not_collected'),
          durationMs: last?.durationMs ?? null,
          collectedAt: last?.collectedAt ?? null,
        };
      }),
  };
}

/** The answer for a family that the operator switched off. */
export function disabledEnvelope(family: FamilyName): Envelope<never> {
  const hint = `Add ${family} to TELEMCP_AGENT_FAMILIES of this agent to have it collected.`;
  return { ...emptyEnvelope(), status: 'disabled', source: 'setting:families', hint };
}

/** The answer to a question about a delegated family that cannot be passed on. */
function delegatedEnvelope(family: FamilyName): Envelope<never> {
  const hint = `${family} is looked at by another agent (TELEMCP_AGENT_DELEGATES); only its facts as a whole are passed on.`;
  return { ...emptyEnvelope(), status: 'unavailable', source: 'setting:delegates', hint };
}

function emptyEnvelope() {
  return {
    reason: 'not_configured' as const,
    collectedAt: new Date().toISOString(),
    ageSeconds: 0,
    durationMs: 0,
    total: null,
    truncated: false,
    missing: [],
    data: null,
  };
}
