import type { Reason } from '@telemcp/shared/envelope';
import { FactError, fromErrno } from '../fact-error.ts';

/** How far a connection had come: the socket, authentication, the answer to Hello, calls. */
export type LinkStage = 'connecting' | 'authenticating' | 'greeting' | 'ready';

const MOUNT_HINT =
  'Mount the host directory /run/dbus (the directory: the socket file is replaced when dbus restarts) and name the socket in TELEMCP_DBUS_ADDRESS.';

const HINTS: Readonly<Partial<Record<Reason, string>>> = {
  not_found: MOUNT_HINT,
  unreachable: `The bus is not running, or the socket file of an earlier one is mounted. ${MOUNT_HINT}`,
  permission_denied:
    'The agent may not talk to the bus: look at the mode of the socket, and with SELinux run the container as seLinuxOptions.type spc_t.',
  apparmor_denied: "AppArmor refuses: set appArmorProfile {type: Unconfined} on this container of the agent's pod.",
  auth_rejected:
    "The agent's uid must exist in the passwd of the host (65534 usually does), and user namespaces are refused: set hostUsers true.",
};

function fault(reason: Reason, detail: string, cause?: unknown): FactError {
  const hint = HINTS[reason];
  return new FactError(reason, detail, hint === undefined ? { cause } : { hint, cause });
}

/** Why a connection broke, from what the socket or dbus-next reported at that stage. */
export function connectionFault(error: unknown, stage: LinkStage, socketPath: string): FactError {
  if (error instanceof FactError) return error;
  // Only the system's errors have a system call in them; Node's own range and assertion errors come from decoding.
  const known = error instanceof Error && 'syscall' in error ? fromErrno(error, `D-Bus at ${socketPath}`) : error;
  if (known instanceof FactError) {
    if (stage === 'authenticating' || stage === 'greeting') return cutOff(stage, socketPath, error);
    return fault(known.reason === 'read_error' ? 'unreachable' : known.reason, known.message, error);
  }
  const text = error instanceof Error ? error.message : String(error);
  if (stage === 'authenticating') {
    return fault('auth_rejected', `D-Bus at ${socketPath} refused authentication EXTERNAL: ${text}`, error);
  }
  return fault('parse_error', `D-Bus at ${socketPath} sent what cannot be decoded: ${text}`, error);
}

/** Why a connection broke, when all there is to say is that it was closed. */
export function closedFault(stage: LinkStage, socketPath: string): FactError {
  if (stage === 'authenticating' || stage === 'greeting') return cutOff(stage, socketPath);
  return fault('unreachable', `D-Bus at ${socketPath} closed the connection`);
}

/** dbus-daemon hangs up on a uid that it does not find in passwd, after it has said OK to its authentication. */
function cutOff(stage: 'authenticating' | 'greeting', socketPath: string, cause?: unknown): FactError {
  const when = stage === 'greeting' ? 'before it answered Hello' : 'during authentication';
  return fault('auth_rejected', `D-Bus at ${socketPath} hung up ${when}`, cause);
}

/** The bus's refusal of Hello: unlike the error reply to a call this ends the connection. */
export function helloFault(errorName: string, text: string, socketPath: string): FactError {
  const detail = `D-Bus at ${socketPath} refused Hello: ${errorName}: ${shorten(text)}`;
  const reason = reasonOf(errorName, text);
  if (reason === 'apparmor_denied' || reason === 'permission_denied') return fault(reason, detail);
  const hint = 'Is it the system bus? /run/systemd/private is not one.';
  return new FactError('unreachable', detail, { hint });
}

/** The error reply to a call, as what it says about the thing asked for. `what` names the call. */
export function replyFault(errorName: string, text: string, what: string): FactError {
  const reason = reasonOf(errorName, text);
  const detail = `${what}: ${errorName}: ${shorten(text)}`;
  return reason === 'apparmor_denied' ? fault(reason, detail) : new FactError(reason, detail);
}

/** By the last part of the error's name: `org.freedesktop.DBus.Error.` for most, `org.freedesktop.systemd1.` for its own. */
const REASON_BY_ERROR: Readonly<Record<string, Reason>> = {
  ServiceUnknown: 'not_found',
  NameHasNoOwner: 'not_found',
  UnknownObject: 'not_found',
  UnknownProperty: 'not_found',
  NoSuchUnit: 'not_found',
  FileNotFound: 'not_found',
  UnknownMethod: 'unsupported',
  UnknownInterface: 'unsupported',
  NotSupported: 'unsupported',
  AccessDenied: 'permission_denied',
  AuthFailed: 'permission_denied',
  InteractiveAuthorizationRequired: 'permission_denied',
  Timeout: 'timeout',
  TimedOut: 'timeout',
  NoReply: 'unreachable',
  Disconnected: 'unreachable',
  NoServer: 'unreachable',
  LimitsExceeded: 'too_many',
};

function reasonOf(errorName: string, text: string): Reason {
  if (text.includes('AppArmor policy prevents')) return 'apparmor_denied';
  const last = errorName.slice(errorName.lastIndexOf('.') + 1);
  return Object.hasOwn(REASON_BY_ERROR, last) ? (REASON_BY_ERROR[last] ?? 'read_error') : 'read_error';
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
