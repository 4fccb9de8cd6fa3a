/** One method call over D-Bus. Values of type `t` and `x` in `body` are given as bigint. */
export interface BusCall {
  destination: string;
  path: string;
  interface: string;
  member: string;
  /** D-Bus signature of `body`; both are left out for a call without arguments. */
  signature?: string;
  body?: readonly unknown[];
  /** False: fail rather than have the bus start a service that is not running (the default, looking must not change the host). */
  autoStart?: boolean;
}

/**
 * The host's system bus as collectors see it: read-only calls with a deadline. Replies come as plain values: variants
 * unwrapped, 64-bit numbers as number, and the "unset" of systemd (2^64-1) as null.
 *
 * Rejects with a `FactError`: `unreachable` (no bus, or it went away), `timeout`, `auth_rejected`, `apparmor_denied`,
 * `permission_denied`, `not_found` (no such service, object or property), `too_large`, `parse_error`.
 */
export interface SystemBus {
  call(call: BusCall, signal: AbortSignal): Promise<unknown[]>;
  /** Connection state, for readiness and metrics. */
  state(): BusState;
  close(): void;
}

/** `idle`: nothing has been asked yet. `waiting`: a fault was seen, the next attempt is due at `retryAt`. `off`: never used. */
export type BusState =
  | { status: 'off' | 'idle' | 'connecting' | 'connected' | 'closed' }
  | { status: 'waiting'; retryAt: Date; lastError: string };
