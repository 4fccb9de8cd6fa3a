import type { Envelope, FamilyStatus } from '@telemcp/shared/envelope';
import type { FactsOf, FamilyName } from '@telemcp/shared/families';
import type { SystemBus } from './bus.ts';
import { type CachedLook, createCachedLook } from './cached-look.ts';
import type { Collector, CollectorSettings } from './collector.ts';
import type { HostRoot } from './host-root.ts';
import type { OnBug } from './run-collector.ts';

/** Envelopes by family, those that were asked for; the `families` of a `FactsAnswer`. */
export type Families = { [F in FamilyName]?: Envelope<FactsOf<F>> };

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
  isDisabled(family: FamilyName): boolean;
  /** Never rejects for what ails the host: that is in the envelope. */
  get<F extends FamilyName>(family: F): Promise<Envelope<FactsOf<F>>>;
  /** Several at once, each under its name, in the order asked for. */
  getAll(families: readonly FamilyName[]): Promise<Families>;
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
  onBug: OnBug;
  /** A clock that only moves forward, milliseconds. */
  now?: () => number;
}

export function createFactStore(options: FactStoreOptions): FactStore {
  const { bus, settings, onBug, now } = options;
  const looks: { [F in FamilyName]?: CachedLook<FactsOf<F>> } = {};
  const addLook = <F extends FamilyName>({ family, ttlMs, timeoutMs, collect }: Collector<F>) => {
    const look = (signal: AbortSignal) => collect({ host: options.openHost(signal), bus, settings, signal });
    looks[family] = createCachedLook<FactsOf<F>>({ name: family, ttlMs, timeoutMs, look, onBug, now });
  };
  for (const collector of options.collectors) addLook(collector);
  const families = options.collectors.map(({ family }) => family);
  const isDisabled = (family: FamilyName) => options.disabled.includes(family);

  async function get<F extends FamilyName>(family: F): Promise<Envelope<FactsOf<F>>> {
    if (isDisabled(family)) return disabledEnvelope(family);
    const look = looks[family];
    if (look === undefined) throw new Error(`no collector for the family ${family}`);
    return look.get();
  }

  async function getAll(wanted: readonly FamilyName[]): Promise<Families> {
    const found: Families = {};
    const collect = async <F extends FamilyName>(family: F) => {
      const envelope = await get(family);
      return () => {
        found[family] = envelope;
      };
    };
    // Put in place once all are there, in the order asked for rather than the one they came in.
    for (const put of await Promise.all([...new Set(wanted)].map(collect))) put();
    return found;
  }

  return {
    families,
    isDisabled,
    get,
    getAll,
    states: () =>
      families.map((family) => {
        const last = looks[family]?.last() ?? null;
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
  return {
    status: 'disabled',
    reason: 'not_configured',
    hint: `Take ${family} out of TELEMCP_AGENT_DISABLED_FAMILIES to have it collected.`,
    source: 'setting:disabledFamilies',
    collectedAt: new Date().toISOString(),
    ageSeconds: 0,
    durationMs: 0,
    total: null,
    truncated: false,
    missing: [],
    data: null,
  };
}
