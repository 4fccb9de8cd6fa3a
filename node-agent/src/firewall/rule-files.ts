import type { FirewallRuleFile } from '@telemcp/shared/facts/firewall';
import type { HostReader } from '../host-reader.ts';
import { plainText } from '../plain-text.ts';
import { parseIptablesSave } from './iptables-save.ts';
import { parseNftablesConf } from './nftables-conf.ts';
import { allHooks, HOOKS, strictest } from './policies.ts';

interface Place {
  path: string;
  format: FirewallRuleFile['format'];
  /** Of a file of iptables, which holds one of the two. */
  ipv6?: boolean;
}

/** Where distributions keep the rules that a service loads at boot: Debian and Fedora, then Alpine. */
export const RULE_FILES: readonly Place[] = [
  { path: '/etc/nftables.conf', format: 'nftables' },
  { path: '/etc/sysconfig/nftables.conf', format: 'nftables' },
  { path: '/etc/nftables.nft', format: 'nftables' },
  { path: '/etc/iptables/rules.v4', format: 'iptables' },
  { path: '/etc/iptables/rules.v6', format: 'iptables', ipv6: true },
  { path: '/etc/sysconfig/iptables', format: 'iptables' },
  { path: '/etc/sysconfig/ip6tables', format: 'iptables', ipv6: true },
  { path: '/etc/iptables/rules-save', format: 'iptables' },
  { path: '/etc/iptables/rules6-save', format: 'iptables', ipv6: true },
];

const MAX_BYTES = 512 * 1024;

/** The files that are there. */
export async function readRuleFiles(files: HostReader): Promise<FirewallRuleFile[]> {
  const found = await Promise.all(
    RULE_FILES.map(async ({ path, format, ipv6 = false }) => {
      const text = await files.text(path, MAX_BYTES);
      if (text === null) return null;
      return format === 'nftables' ? nftablesFile(path, text) : iptablesFile(path, text, ipv6);
    }),
  );
  return found.filter((file) => file !== null);
}

function iptablesFile(path: string, text: string, ipv6: boolean): FirewallRuleFile {
  const { rules, baseChains, defaults } = parseIptablesSave(text);
  const unknown = allHooks(null);
  const both = ipv6 ? { ipv4: unknown, ipv6: defaults } : { ipv4: defaults, ipv6: unknown };
  return { path, format: 'iptables', baseChains, rules, defaults: both, includes: [] };
}

function nftablesFile(path: string, text: string): FirewallRuleFile {
  const { chains, rules, includes } = parseNftablesConf(text);
  const defaultsOf = (family: string) => {
    const policies = allHooks(null);
    for (const hook of HOOKS) {
      const here = chains.filter(
        (chain) => chain.hook === hook && chain.isFilter && (chain.family === 'inet' || chain.family === family),
      );
      policies[hook] = strictest(here.map(({ policy }) => policy));
    }
    return policies;
  };
  return {
    path,
    format: 'nftables',
    baseChains: chains.length,
    rules,
    defaults: { ipv4: defaultsOf('ip'), ipv6: defaultsOf('ip6') },
    includes: includes.map((include) => plainText(include)),
  };
}
