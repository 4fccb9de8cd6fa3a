import type { FirewallFacts, FirewallRuleFile, FirewallRuleset } from '@telemcp/shared/facts/firewall';
import { keepsOut } from './policies.ts';

/** What was seen, before anything is concluded from it. */
export type Seen = Pick<FirewallFacts, 'configured' | 'running' | 'ruleset'>;

/** Who filters, whether that is in force, what happens by default, and on what that rests. */
export type Verdict = Pick<FirewallFacts, 'backend' | 'enabled' | 'basis' | 'defaults'>;

/** The list of the kernel's chains, unless it is too old to tell what holds now. */
export function freshRuleset({ ruleset }: Pick<Seen, 'ruleset'>): FirewallRuleset | null {
  return ruleset === null || ruleset.stale ? null : ruleset;
}

/** Whether a unit is active; null where systemd could not be asked. */
export function isActive({ running }: Seen, unit: string): boolean | null {
  return running.units?.some(({ name, activeState }) => name === unit && activeState === 'active') ?? null;
}

/** Whether any chain is of this owner. */
export function owns(ruleset: FirewallRuleset | null, owner: string): boolean {
  return ruleset?.owners.some((each) => each.owner === owner) ?? false;
}

/** True where some of iptables' rules may lie outside of nf_tables, where nft does not list them. */
export function mayHaveLegacyRules({ running: { legacyTables, kernelModules } }: Seen): boolean {
  if (legacyTables !== null) return legacyTables.some((name) => name.endsWith('filter'));
  return kernelModules?.some((name) => name === 'iptable_filter' || name === 'ip6table_filter') ?? false;
}

/** Modules that are loaded only once somebody sets rules with them, legacy iptables or iptables over nf_tables. */
const RULE_MODULES: ReadonlySet<string> = new Set(['iptable_filter', 'ip6table_filter', 'nft_compat']);

/** Loaded modules that tell that rules were set, by whomever. */
export function loadedForRules({ running }: Seen): string[] {
  return (running.kernelModules ?? []).filter((name) => RULE_MODULES.has(name));
}

/** Whether a file of rules would keep anything out: it has rules, or policies that drop. Debian's own has neither. */
export function filtersAnything({ rules, defaults }: FirewallRuleFile): boolean {
  return rules > 0 || keepsOut(defaults.ipv4.input) || keepsOut(defaults.ipv6.input);
}
