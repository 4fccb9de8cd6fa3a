import type { FirewallPolicies } from '@telemcp/shared/facts/firewall';

export type Policy = FirewallPolicies['input'];

/** The hooks of a host's own traffic and of what it passes on. */
export const HOOKS = ['input', 'forward', 'output'] as const;
export type Hook = (typeof HOOKS)[number];

/** Default policies of both IP families. */
export interface Defaults {
  ipv4: FirewallPolicies;
  ipv6: FirewallPolicies;
}

/** The same policy for every hook. */
export function allHooks(policy: Policy): FirewallPolicies {
  return { input: policy, forward: policy, output: policy };
}

/** Nothing known of either family. */
export const UNKNOWN_DEFAULTS: Defaults = { ipv4: allHooks(null), ipv6: allHooks(null) };

/** A policy as files spell it, in any case; null for anything else. */
export function policyOf(word: string | undefined): Policy {
  const lower = word?.toLowerCase();
  return lower === 'accept' || lower === 'drop' || lower === 'reject' ? lower : null;
}

const STRICTNESS: readonly Policy[] = [null, 'accept', 'reject', 'drop'];

/** Of chains at one hook a packet must pass them all, so the strictest decides. */
export function strictest(policies: readonly Policy[]): Policy {
  return STRICTNESS[Math.max(0, ...policies.map((policy) => STRICTNESS.indexOf(policy)))] ?? null;
}

/** True where packets that no rule decides on do not get in. */
export function keepsOut(policy: Policy): boolean {
  return policy === 'drop' || policy === 'reject';
}
