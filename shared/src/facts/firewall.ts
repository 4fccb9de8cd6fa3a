import * as z from 'zod';
import { openEnum } from '../open-enum.ts';

const text = z.string().nullable();
const count = z.number().int().nonnegative();
const flag = z.boolean().nullable();
const policy = openEnum(null, z.enum(['accept', 'drop', 'reject']).nullable());

/** What becomes of a packet that no rule decides on, by hook. Null means it is not known. */
export const FirewallPolicies = z.object({ input: policy, forward: policy, output: policy });
export type FirewallPolicies = z.infer<typeof FirewallPolicies>;

const families = z.object({ ipv4: FirewallPolicies, ipv6: FirewallPolicies });

/** ufw(8) by its files. */
export const UfwConfiguration = z.object({
  /** `ENABLED` of /etc/ufw/ufw.conf. */
  enabled: flag,
  /** `IPV6` of /etc/default/ufw; false means that ufw drops all of IPv6. */
  ipv6: flag,
  defaults: families,
  /** Rules an operator added, IPv4 and IPv6; null where ufw is off or its rules may not be read. */
  ruleCount: count.nullable(),
  /** What those rules let in, at most 100; null as `ruleCount`. */
  allowed: z
    .array(
      z.object({
        /** `22`, `30000-32767`, or `any`. */
        port: z.string(),
        protocol: z.string(),
        /** Source address or network; null for any. */
        from: text,
        /** Network interface; null for any. */
        interface: text,
        ipv6: z.boolean(),
      }),
    )
    .nullable(),
});
export type UfwConfiguration = z.infer<typeof UfwConfiguration>;

/** One zone of firewalld, firewalld.zone(5). */
export const FirewalldZone = z.object({
  name: z.string(),
  /** `default`, `ACCEPT`, `DROP`, `%%REJECT%%`. */
  target: z.string(),
  services: z.array(z.string()),
  /** `6443/tcp`. */
  ports: z.array(z.string()),
  interfaces: z.array(z.string()),
  sources: z.array(z.string()),
  /** Rich rules, which may open or close more. */
  richRules: count,
});
export type FirewalldZone = z.infer<typeof FirewalldZone>;

/** firewalld(1) by its files. */
export const FirewalldConfiguration = z.object({
  defaultZone: text,
  /** `nftables` or `iptables`. */
  backend: text,
  /** The default zone and those changed on this host, at most 20; null where they may not be read. */
  zones: z.array(FirewalldZone).nullable(),
});
export type FirewalldConfiguration = z.infer<typeof FirewalldConfiguration>;

/** A file of rules that a service loads at boot. */
export const FirewallRuleFile = z.object({
  path: z.string(),
  format: z.enum(['nftables', 'iptables']),
  /** Base chains, or built-in chains of iptables. */
  baseChains: count,
  rules: count,
  /** By policies, and by a last rule of a chain that drops or rejects whatever is left. */
  defaults: families,
  /** Files it includes, which were not read. */
  includes: z.array(z.string()),
});
export type FirewallRuleFile = z.infer<typeof FirewallRuleFile>;

/** A base chain of nftables: where the kernel hands packets to rules (nft(8), CHAINS). */
export const BaseChain = z.object({
  /** `ip`, `ip6`, `inet`, `arp`, `bridge`, `netdev`. */
  family: z.string(),
  table: z.string(),
  name: z.string(),
  /** `filter`, `nat` or `route`. */
  type: text,
  hook: z.string(),
  priority: z.number().int().nullable(),
  policy: text,
});
export type BaseChain = z.infer<typeof BaseChain>;

/** What the kernel has loaded, as nft(8) listed it for the agent. */
export const FirewallRuleset = z.object({
  path: z.string(),
  /** When the list was written, RFC 3339. */
  writtenAt: z.iso.datetime(),
  writtenSecondsAgo: z.number().nonnegative(),
  /** True when it is too old to tell what holds now; then nothing above is concluded from it. */
  stale: z.boolean(),
  nftVersion: text,
  tables: count,
  chains: count,
  baseChainCount: count,
  /** At most 100, those that decide on incoming and forwarded packets first. */
  baseChains: z.array(BaseChain),
  /** Who made the chains, told by the names of tables and chains. */
  owners: z.array(
    z.object({
      /** `docker`, `kube-proxy`, `calico`, `ufw` …; `iptables` for its built-in chains, `other` for all else. */
      owner: z.string(),
      tables: count,
      chains: count,
      baseChains: count,
    }),
  ),
});
export type FirewallRuleset = z.infer<typeof FirewallRuleset>;

/** The `firewall` family: who filters packets, and what happens to those that no rule decides on. Null means not known. */
export const FirewallFacts = z.object({
  /** `iptables`: whether it works over nf_tables or is the legacy one is not known. */
  backend: openEnum(
    'unknown',
    z.enum(['nftables', 'iptables-nft', 'iptables-legacy', 'iptables', 'ufw', 'firewalld', 'none', 'unknown']),
  ),
  enabled: flag,
  /** What `enabled` and `defaults` rest on: the kernel's rules, states of services, or files that services would load. */
  basis: openEnum(null, z.enum(['ruleset', 'units', 'configuration']).nullable()),
  defaults: families,
  /** What is wrong: a firewall configured and not running, two at once, IPv6 left open. */
  attention: z.array(z.string()),
  /** What the rest does not say. */
  notes: z.array(z.string()),
  /** By files, whether anything loaded them or not. */
  configured: z.object({
    ufw: UfwConfiguration.nullable(),
    firewalld: FirewalldConfiguration.nullable(),
    ruleFiles: z.array(FirewallRuleFile),
  }),
  /** What is loaded and running, as far as that shows without privilege. */
  running: z.object({
    /** Units of firewalls that systemd has loaded; null where it could not be asked. */
    units: z.array(z.object({ name: z.string(), activeState: z.string(), subState: z.string() })).nullable(),
    /** Kernel modules of packet filters; null where the kernel does not list modules. Built-in ones do not show. */
    kernelModules: z.array(z.string()).nullable(),
    /** Tables of legacy iptables in use, IPv4 and IPv6: `filter`, `ip6:filter`. Root alone may know. */
    legacyTables: z.array(z.string()).nullable(),
    /** Whether a kubelet or k3s runs, by its unit. */
    kubernetes: flag,
  }),
  /** Null where nobody lists the kernel's rules for the agent. */
  ruleset: FirewallRuleset.nullable(),
});
export type FirewallFacts = z.infer<typeof FirewallFacts>;
