import type { Reason } from '@telemcp/shared/envelope';
import { FactError } from '../fact-error.ts';
import type { BusState, SystemBus } from './bus.ts';
import { type DbusLink, openDbusLink } from './dbus-link.ts';

/**
 * What happened to the connection, for logs and counters. `connected`: the bus answered Hello. `lost`: a connection that had
 * worked broke; the next call opens a new one at once. `waiting`: an attempt failed; calls fail until `retryAt`.
 */
export type BusEvent =
  | { type: 'connected' }
  | { type: 'lost'; reason: Reason; detail: string }
  | { type: 'waiting'; reason: Reason; detail: string; retryAt: Date };

interface SystemBusOptions {
  /** `unix:path=/run/dbus/system_bus_socket`, or only the path. */
  address: string;
  /** Deadline of a call, connecting included, milliseconds. */
  callTimeoutMs?: number;
  /** Milliseconds of a clock that never jumps. */
  now?: () => number;
  /** From 0 up to 1. */
  random?: () => number;
  onEvent?: (event: BusEvent) => void;
}

const FIRST_BACKOFF_MS = 2_000;
const LONGEST_BACKOFF_MS = 60_000;
/** `sun_path` of unix(7) less its final zero byte. */
const SOCKET_PATH_MAX_BYTES = 107;

/**
 * The host's system bus over dbus-next, behind one connection that is opened by the first call.
 *
 * Any fault of the connection (a deadline, the socket's end, a message that is none or is too large, Hello refused) discards it
 * and rejects all its calls at once with that fault. An error reply is an answer, and an aborted call only the end of that
 * call. The call after a fault opens a new connection; when that fails too, calls fail without trying for 1 to 60 s, longer
 * with every failed attempt, with the reason of the last one.
 *
 * Values are as `decodeReply` describes; a call that cannot be encoded rejects with the encoder's `Error`, since it is a bug of
 * the caller. Throws when `address` is not a plain unix socket path: the other transports of D-Bus would start a program
 * (`unixexec:`) or leave the host.
 */
export function createSystemBus(options: SystemBusOptions): SystemBus {
  const { callTimeoutMs = 2_000, now = () => performance.now(), random = Math.random, onEvent } = options;
  const socketPath = socketPathOf(options.address);
  let link: DbusLink | null = null;
  let connected = false;
  let closed = false;
  let failedAttempts = 0;
  let last: { fault: FactError; retryAtMs: number; retryAt: Date } | null = null;

  const open = (): DbusLink =>
    openDbusLink({
      socketPath,
      callTimeoutMs,
      now,
      onReady() {
        connected = true;
        failedAttempts = 0;
        last = null;
        onEvent?.({ type: 'connected' });
      },
      onDown(fault) {
        const worked = connected;
        link = null;
        connected = false;
        if (closed) return;
        if (!worked) failedAttempts += 1;
        const waitMs = backoffMs(failedAttempts, random());
        const retryAt = new Date(Date.now() + waitMs);
        last = { fault, retryAtMs: now() + waitMs, retryAt };
        const said = { reason: fault.reason, detail: fault.message };
        onEvent?.(worked ? { type: 'lost', ...said } : { type: 'waiting', ...said, retryAt });
      },
    });

  return {
    async call(call, signal) {
      if (closed) throw new FactError('unreachable', 'the connection to D-Bus was closed by the agent');
      if (link?.isSilent()) {
        link.breakOff(new FactError('timeout', `D-Bus at ${socketPath}: silent for more than ${callTimeoutMs} ms`));
      }
      if (link === null) {
        if (last !== null && now() < last.retryAtMs) throw waiting(last.fault, last.retryAtMs - now());
        link = open();
      }
      return link.call(call, signal);
    },
    state(): BusState {
      if (closed) return { status: 'closed' };
      if (connected) return { status: 'connected' };
      if (link !== null) return { status: 'connecting' };
      if (last === null) return { status: 'idle' };
      return { status: 'waiting', retryAt: last.retryAt, lastError: last.fault.message };
    },
    close() {
      closed = true;
      link?.breakOff(new FactError('unreachable', 'the connection to D-Bus was closed by the agent'));
    },
  };
}

/** Doubles per failed attempt: 1-2 s, 2-4 s … 30-60 s, at random within that; none for a connection that had worked. */
function backoffMs(failedAttempts: number, random: number): number {
  if (failedAttempts === 0) return 0;
  const longest = Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(failedAttempts - 1, 10), LONGEST_BACKOFF_MS);
  return (longest / 2) * (1 + random);
}

function waiting(fault: FactError, waitMs: number): FactError {
  const detail = `${fault.message}; next attempt in ${(waitMs / 1000).toFixed(1)} s`;
  return new FactError(
    fault.reason,
    detail,
    fault.hint === null ? { cause: fault } : { hint: fault.hint, cause: fault },
  );
}

function socketPathOf(address: string): string {
  // dbus-next splits an address at these characters, and an escaped (%) path would be taken literally.
  const path = /^(?:unix:path=)?(\/[^\p{Cc}:;,=%]*)$/u.exec(address)?.[1];
  if (path === undefined) {
    throw new Error(
      `D-Bus address must be unix:path=/… or an absolute path without any of ":;,=%", not ${JSON.stringify(address)}`,
    );
  }
  if (Buffer.byteLength(path) > SOCKET_PATH_MAX_BYTES) {
    throw new Error(
      `D-Bus address is longer than the ${SOCKET_PATH_MAX_BYTES} bytes a socket's path may have: ${path}`,
    );
  }
  return path;
}
