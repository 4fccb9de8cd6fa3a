import type { Labels } from './prometheus-result.ts';

/** One alert as Alertmanager holds it. */
export interface Alert {
  /** Names the alert in `inhibitedBy` of others. */
  fingerprint: string;
  /** With `alertname`. */
  labels: Labels;
  annotations: Labels;
  startsAt: Date;
  /** When it was last sent by its source. */
  updatedAt: Date;
  /** When it counts as resolved unless it is sent again. */
  endsAt: Date;
  /** `active`, `suppressed` (silenced, inhibited or muted) or `unprocessed`; what else a server says, as it is. */
  state: string;
  /** Ids of the silences that hold it back. */
  silencedBy: readonly string[];
  /** Fingerprints of the alerts that hold it back. */
  inhibitedBy: readonly string[];
  /** Time intervals of routes that hold it back (Alertmanager 0.28). */
  mutedBy: readonly string[];
  receivers: readonly string[];
  /** Where the source shows what made it; null where there is none. */
  generatorUrl: string | null;
}

export interface SilenceMatcher {
  name: string;
  value: string;
  /** The value is a regular expression, matched as a whole. */
  isRegex: boolean;
  /** False: everything but that. */
  isEqual: boolean;
}

export interface Silence {
  id: string;
  matchers: readonly SilenceMatcher[];
  startsAt: Date;
  endsAt: Date;
  updatedAt: Date;
  createdBy: string;
  comment: string;
  /** `active`, `pending` or `expired`; what else a server says, as it is. */
  state: string;
}

export interface AlertmanagerStatus {
  version: string | null;
  /** `ready`, `settling` or `disabled` (a single instance); null where the server says none. */
  cluster: string | null;
  /** Members of the cluster, itself included; zero where it has none. */
  peers: number;
  /** Since when it runs; null where the server does not say. */
  startedAt: Date | null;
}

/**
 * An Alertmanager by its API v2 (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml), or a Mimir's under its
 * path prefix. Everything throws `ToolError`: `bad_query` for a filter it cannot read, `denied`, `timeout`, `unreachable`,
 * `bad_response`.
 */
export interface Alertmanager {
  readonly name: string;
  /** The address without credentials, for messages. */
  readonly address: string;
  /**
   * Alerts by fingerprint order. Those that are `active`, `silenced` or `inhibited` are all given unless one is false. `filter`:
   * matchers such as `namespace="shop"`, all of which must hold.
   */
  alerts(
    which: { active?: boolean; silenced?: boolean; inhibited?: boolean; filter?: readonly string[] },
    signal: AbortSignal,
  ): Promise<readonly Alert[]>;
  /** Silences in the order of their ids, the expired ones that it still keeps among them. */
  silences(which: { filter?: readonly string[] }, signal: AbortSignal): Promise<readonly Silence[]>;
  status(signal: AbortSignal): Promise<AlertmanagerStatus>;
  close(): Promise<void>;
}
