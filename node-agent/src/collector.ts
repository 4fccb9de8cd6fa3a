import type { Missing } from '@telemcp/shared/envelope';
import type { FactsOf } from '@telemcp/shared/families';
import type { FamilyName } from '@telemcp/shared/family-names';
import type { SystemBus } from './dbus/bus.ts';
import type { HostRoot } from './host-root.ts';

/** What the operator may set about collecting; a subset of the agent's configuration. */
export interface CollectorSettings {
  nodeName: string;
  /** Files and shell patterns to search for certificates; undefined means the collector's own list. */
  certificatePaths: readonly string[] | undefined;
  /** Units to report even when they do not exist; undefined means the collector's own list. */
  watchUnits: readonly string[] | undefined;
  /** Where chronyd answers monitoring requests. */
  chronyAddress: { host: string; port: number };
  /** Where a privileged helper leaves its list of nftables chains, a host path; undefined means the collector's own place. */
  nftChainsFile?: string | undefined;
}

/** What a collector may use. There is no other way to the host. */
export interface CollectContext {
  host: HostRoot;
  bus: SystemBus;
  settings: CollectorSettings;
  /** Aborts when the collection's time is up. */
  signal: AbortSignal;
}

/** What was found. `missing` turns the family's status into `partial`. */
export interface Collected<T> {
  data: T;
  /** Where it was read, for example `dbus:org.freedesktop.systemd1`. */
  source: string;
  /** Rows there are, where the data is a list; the list may hold fewer. */
  total?: number;
  truncated?: boolean;
  missing?: readonly Missing[];
}

/**
 * One family of facts: one file, with a test beside it and one line in `collectors.ts`. It reads what it needs through the
 * context and throws a `FactError` when it could not look at all.
 */
export interface Collector<F extends FamilyName = FamilyName> {
  family: F;
  /** One sentence for COLLECTORS.md and `--help`. */
  help: string;
  /** Host paths it reads: the source for the docs, the mounts of the pod, and the fixtures' check. */
  hostPaths: readonly string[];
  /** D-Bus names it calls. */
  busNames: readonly string[];
  /** How long an answer is served from memory, milliseconds. */
  ttlMs: number;
  /** How long a collection may take, milliseconds. */
  timeoutMs: number;
  collect(context: CollectContext): Promise<Collected<FactsOf<F>>>;
}

/** Types a collector by its family's schema. */
export function defineCollector<F extends FamilyName>(collector: Collector<F>): Collector<F> {
  return collector;
}
