import * as z from 'zod';

/**
 * Why a fact, or a part of one, could not be had. The words are part of the wire contract: new ones may be added, none is
 * renamed. `other` is what a reader makes of a word it does not know, coming from a newer agent.
 */
export const REASONS = [
  'not_found',
  'permission_denied',
  'apparmor_denied',
  'auth_rejected',
  'unreachable',
  'timeout',
  'unsupported',
  'not_configured',
  'no_systemd',
  'parse_error',
  'encrypted',
  'too_large',
  'too_many',
  'not_a_file',
  'out_of_scope_symlink',
  'read_error',
  'internal_error',
  'other',
] as const;

export const Reason = z.enum(REASONS).catch('other');
export type Reason = z.infer<typeof Reason>;

/**
 * `ok`: everything asked for was looked at. `partial`: some of it was, `missing` names the rest. `unavailable`: it could not
 * be looked at, `data` is null. `disabled`: the operator switched the family off.
 */
export const FamilyStatus = z.enum(['ok', 'partial', 'unavailable', 'disabled']);
export type FamilyStatus = z.infer<typeof FamilyStatus>;

/** One thing that was to be looked at and could not be: `what` (a path, a unit, an interface), why, and the system's own words. */
export const Missing = z.object({ what: z.string(), reason: Reason, detail: z.string().nullable() });
export type Missing = z.infer<typeof Missing>;

/** Everything an envelope says besides its data. */
const envelopeFields = {
  status: FamilyStatus,
  /** Null exactly when `status` is `ok`. */
  reason: Reason.nullable(),
  /** What the operator can do about `reason`, in one sentence. */
  hint: z.string().nullable(),
  /** Where the data was read, for example `dbus:org.freedesktop.systemd1` or `file:/etc/os-release`. */
  source: z.string(),
  /** When the host was looked at, RFC 3339 in UTC. */
  collectedAt: z.iso.datetime(),
  /** Age of `collectedAt` when this was sent, seconds; above 0 when the answer came from the agent's cache. */
  ageSeconds: z.number().nonnegative(),
  /** How long looking took, milliseconds. */
  durationMs: z.number().nonnegative(),
  /** Number of rows there are, where the family is a list; null where it is not. */
  total: z.number().int().nonnegative().nullable(),
  /** True when fewer than `total` rows are in `data`. */
  truncated: z.boolean(),
  missing: z.array(Missing),
};

/**
 * The envelope around every family. "Could not look" is `unavailable` with a reason and null data, never a zero or an empty
 * list.
 */
export function envelopeOf<T extends z.ZodType>(data: T) {
  return z.object({ ...envelopeFields, data: data.nullable() });
}

/** The envelope as a type, for code that treats all families alike. */
export type Envelope<T> = z.infer<z.ZodObject<typeof envelopeFields>> & { data: T | null };

/** What every answer of an agent starts with: which node spoke, the agent's version, and its clock when it answered. */
export const AgentAnswer = z.object({
  node: z.string().min(1),
  agentVersion: z.string(),
  answeredAt: z.iso.datetime(),
});
export type AgentAnswer = z.infer<typeof AgentAnswer>;
