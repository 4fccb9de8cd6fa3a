import type { BaseChain, FirewallPolicies } from '@telemcp/shared/facts/firewall';
import { allHooks, type Defaults, HOOKS, policyOf, strictest } from './policies.ts';

/**
 * Default policies by the kernel's base chains of type filter: a packet must pass every chain at its hook, so the strictest
 * decides, and where there is none nothing filters.
 */
export function rulesetDefaults(chains: readonly BaseChain[]): Defaults {
  return { ipv4: policiesOf(chains, 'ip'), ipv6: policiesOf(chains, 'ip6') };
}

function policiesOf(chains: readonly BaseChain[], family: string): FirewallPolicies {
  const policies = allHooks('accept');
  for (const hook of HOOKS) {
    const here = chains.filter(
      (chain) => chain.hook === hook && chain.type === 'filter' && (chain.family === 'inet' || chain.family === family),
    );
    policies[hook] = strictest(['accept', ...here.map(({ policy }) => policyOf(policy ?? undefined))]);
  }
  return policies;
}
