import type { FirewallFacts, FirewallRuleFile, FirewallRuleset } from '@telemcp/shared/facts/firewall';
import { ownerOf } from './chain-owners.ts';
import { zonePolicy } from './firewalld.ts';
import { allHooks, type Defaults, keepsOut, UNKNOWN_DEFAULTS } from './policies.ts';
import { rulesetDefaults } from './ruleset-defaults.ts';
import {
  filtersAnything,
  freshRuleset,
  isActive,
  loadedForRules,
  mayHaveLegacyRules,
  owns,
  type Seen,
  type Verdict,
} from './seen.ts';

/** Concludes from what was seen. The kernel's rules count before states of services, and those before files. */
export function judgeFirewall(seen: Seen): Verdict {
  const fresh = freshRuleset(seen);
  const byManager = judgeFirewalld(seen, fresh) ?? judgeUfw(seen, fresh);
  return byManager ?? (fresh === null ? judgeServices(seen) : judgeRules(seen, fresh));
}

function judgeFirewalld(seen: Seen, fresh: FirewallRuleset | null): Verdict | null {
  const isLoaded = owns(fresh, 'firewalld');
  if (!isLoaded && isActive(seen, 'firewalld.service') !== true) return null;
  if (fresh !== null && !isLoaded) return judgeUnloaded('firewalld', seen, fresh);
  return {
    backend: 'firewalld',
    enabled: true,
    basis: isLoaded ? 'ruleset' : 'units',
    defaults: zoneDefaults(seen, fresh),
  };
}

/** firewalld rejects by a last rule, not by policy: what counts is the default zone, unless another chain drops. */
function zoneDefaults({ configured: { firewalld } }: Seen, fresh: FirewallRuleset | null): Defaults {
  const zone = firewalld?.zones?.find(({ name }) => name === firewalld.defaultZone);
  const own = { ...allHooks(null), input: zonePolicy(zone) };
  if (fresh === null) return { ipv4: own, ipv6: own };
  const { ipv4, ipv6 } = rulesetDefaults(fresh.baseChains.filter(({ table }) => !table.startsWith('firewalld')));
  const input = (others: Defaults['ipv4']) => (keepsOut(others.input) ? others.input : own.input);
  return { ipv4: { ...own, input: input(ipv4) }, ipv6: { ...own, input: input(ipv6) } };
}

/** ufw leaves its chains behind when it is switched off, and its unit is active even while ENABLED=no: its own file decides. */
function judgeUfw(seen: Seen, fresh: FirewallRuleset | null): Verdict | null {
  const { ufw } = seen.configured;
  const isLoaded = owns(fresh, 'ufw');
  if (fresh !== null && isLoaded && ufw?.enabled !== false) {
    const defaults = rulesetDefaults(fresh.baseChains);
    const enabled = ufw?.enabled ?? (keepsOut(defaults.ipv4.input) ? true : null);
    return { backend: 'ufw', enabled, basis: 'ruleset', defaults };
  }
  if (ufw?.enabled !== true) return null;
  if (fresh !== null) return judgeUnloaded('ufw', seen, fresh);
  const isStarted = isActive(seen, 'ufw.service');
  if (isStarted === true) return { backend: 'ufw', enabled: true, basis: 'units', defaults: ufw.defaults };
  // `ufw enable` does not start the unit, so one that is not active proves nothing, and a file alone proves no more.
  return { backend: 'ufw', enabled: null, basis: 'configuration', defaults: ufw.defaults };
}

/** A firewall that is switched on and has no chain in the kernel's list: its rules were flushed, or are legacy ones. */
function judgeUnloaded(backend: 'ufw' | 'firewalld', seen: Seen, fresh: FirewallRuleset): Verdict {
  const enabled = mayHaveLegacyRules(seen) || seen.running.kernelModules === null ? null : false;
  const defaults = enabled === null ? UNKNOWN_DEFAULTS : rulesetDefaults(fresh.baseChains);
  return { backend, enabled, basis: 'ruleset', defaults };
}

/** Rules of nobody in particular, from the kernel's own list. */
function judgeRules(seen: Seen, fresh: FirewallRuleset): Verdict {
  const computed = rulesetDefaults(fresh.baseChains);
  const hasLegacy = mayHaveLegacyRules(seen);
  const defaults = hasLegacy ? unlessKeptOut(computed) : computed;
  const isFiltering = keepsOut(computed.ipv4.input) || keepsOut(computed.ipv6.input);
  const inputs = fresh.baseChains.filter(
    ({ hook, type, family }) => hook === 'input' && type === 'filter' && IP.has(family),
  );
  const own = inputs.filter(({ table, name }) => ['iptables', 'other'].includes(ownerOf(table, name)));
  const isCompat = own.length > 0 && own.every(({ table, name }) => ownerOf(table, name) === 'iptables');
  if (inputs.length > 0) {
    const backend = isCompat ? 'iptables-nft' : 'nftables';
    return { backend, enabled: isFiltering ? true : null, basis: 'ruleset', defaults };
  }
  if (hasLegacy) return { backend: 'iptables-legacy', enabled: null, basis: 'ruleset', defaults };
  return { backend: 'none', enabled: false, basis: 'ruleset', defaults };
}

const IP: ReadonlySet<string> = new Set(['ip', 'ip6', 'inet']);

/** Legacy rules may drop what these chains accept, never accept what they drop. */
function unlessKeptOut({ ipv4, ipv6 }: Defaults): Defaults {
  const strict = (policies: Defaults['ipv4']) => ({
    input: keepsOut(policies.input) ? policies.input : null,
    forward: keepsOut(policies.forward) ? policies.forward : null,
    output: keepsOut(policies.output) ? policies.output : null,
  });
  return { ipv4: strict(ipv4), ipv6: strict(ipv6) };
}

const IPTABLES_LOADERS = [
  'iptables.service',
  'ip6tables.service',
  'netfilter-persistent.service',
  'shorewall.service',
  'ferm.service',
];

/** Without the kernel's list: by the services that load rules, else by the files there are. */
function judgeServices(seen: Seen): Verdict {
  const nftables = seen.configured.ruleFiles.find(({ format }) => format === 'nftables');
  const iptables = seen.configured.ruleFiles.filter(({ format }) => format === 'iptables');
  if (isActive(seen, 'nftables.service') === true) {
    // RHEL's file is root's alone to read, and as installed it filters nothing.
    const enabled = nftables === undefined ? null : nftables.includes.length > 0 || filtersAnything(nftables);
    return { backend: 'nftables', enabled, basis: 'units', defaults: nftables?.defaults ?? UNKNOWN_DEFAULTS };
  }
  if (IPTABLES_LOADERS.some((unit) => isActive(seen, unit) === true)) {
    const isEmpty = iptables.length > 0 && !iptables.some(filtersAnything);
    return { backend: iptablesVariant(seen), enabled: !isEmpty, basis: 'units', defaults: merged(iptables) };
  }
  if (seen.running.legacyTables?.some((name) => name.endsWith('filter')) === true) {
    return { backend: 'iptables-legacy', enabled: null, basis: null, defaults: UNKNOWN_DEFAULTS };
  }
  if (seen.running.units !== null) {
    // No service that is known here, but somebody has set rules.
    if (loadedForRules(seen).length > 0)
      return { backend: iptablesVariant(seen), enabled: null, basis: null, defaults: UNKNOWN_DEFAULTS };
    return { backend: 'none', enabled: false, basis: 'units', defaults: UNKNOWN_DEFAULTS };
  }
  if (nftables !== undefined && filtersAnything(nftables)) {
    return { backend: 'nftables', enabled: null, basis: 'configuration', defaults: nftables.defaults };
  }
  if (iptables.some(filtersAnything)) {
    return { backend: iptablesVariant(seen), enabled: null, basis: 'configuration', defaults: merged(iptables) };
  }
  return { backend: 'unknown', enabled: null, basis: null, defaults: UNKNOWN_DEFAULTS };
}

function merged(files: readonly FirewallRuleFile[]): Defaults {
  const of = (family: 'ipv4' | 'ipv6') =>
    files.map(({ defaults }) => defaults[family]).find(({ input }) => input !== null) ?? allHooks(null);
  return { ipv4: of('ipv4'), ipv6: of('ipv6') };
}

function iptablesVariant(seen: Seen): FirewallFacts['backend'] {
  if (mayHaveLegacyRules(seen)) return 'iptables-legacy';
  return seen.running.kernelModules?.includes('nft_compat') === true ? 'iptables-nft' : 'iptables';
}
