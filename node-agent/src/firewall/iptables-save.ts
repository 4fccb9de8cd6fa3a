import type { FirewallRuleFile } from '@telemcp/shared/facts/firewall';
import { allHooks, HOOKS, type Policy, policyOf } from './policies.ts';

/** What a saved table file says, iptables-save(8). Only the table `filter` decides what gets in. */
export interface SavedTables {
  rules: number;
  baseChains: number;
  defaults: FirewallRuleFile['defaults']['ipv4'];
}

/** A target that ends a packet's way whatever it is: a last rule without any match. */
const LAST_WORD =
  /^-A (INPUT|FORWARD|OUTPUT) (?:-m comment --comment (?:"[^"]{0,256}"|\S{1,256}) )?-j (DROP|REJECT|ACCEPT)\b/;

/**
 * Reads what iptables-save writes. RHEL's own rules leave the policy at ACCEPT and reject by the last rule, so an
 * unconditional rule counts before the policy.
 */
export function parseIptablesSave(text: string): SavedTables {
  const found: SavedTables = { rules: 0, baseChains: 0, defaults: allHooks(null) };
  const policies = new Map<string, Policy>();
  const lastWords = new Map<string, Policy>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    else if (line.startsWith(':')) {
      const [chain = '', policy] = line.slice(1, 256).split(/\s+/);
      if (policy === '-') continue;
      found.baseChains += 1;
      if (table === 'filter') policies.set(chain.toLowerCase(), policyOf(policy));
    } else if (line.startsWith('-A ') || line.startsWith('[')) {
      found.rules += 1;
      // `iptables-save -c` puts counters in front.
      const rule = line.slice(0, 1024).replace(/^\[[0-9:]{0,64}\] /, '');
      const [, chain = '', target] = LAST_WORD.exec(rule) ?? [];
      const key = chain.toLowerCase();
      if (table === 'filter' && key !== '' && !lastWords.has(key)) lastWords.set(key, policyOf(target));
    }
  }
  for (const hook of HOOKS) found.defaults[hook] = lastWords.get(hook) ?? policies.get(hook) ?? null;
  return found;
}
