import { ORCHESTRATORS } from './chain-owners.ts';
import { keepsOut } from './policies.ts';
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

/** What is wrong with a firewall as far as it was seen. */
export function attentionOf(seen: Seen, { backend, enabled, defaults }: Verdict): string[] {
  const { ufw, ruleFiles } = seen.configured;
  const fresh = freshRuleset(seen);
  const failed = (seen.running.units ?? []).filter(({ activeState }) => activeState === 'failed');
  const emptyFile = ruleFiles.find((file) => file.format === 'nftables' && file.includes.length === 0);
  const remarks: (string | false)[] = [
    ...failed.map(({ name }) => `${name} has failed: its rules may not be loaded`),
    backend === 'ufw' &&
      fresh !== null &&
      !owns(fresh, 'ufw') &&
      `ufw.conf says ENABLED=yes, but the kernel has none of ufw's chains${enabled === null ? ' in nf_tables' : ''}`,
    backend === 'ufw' &&
      fresh === null &&
      isActive(seen, 'ufw.service') === false &&
      'ufw.conf says ENABLED=yes, but ufw.service is not active: whether its rules are loaded is not known',
    backend === 'firewalld' &&
      fresh !== null &&
      !owns(fresh, 'firewalld') &&
      `firewalld.service is active, but the kernel has none of its chains${enabled === null ? ' in nf_tables' : ''}`,
    backend === 'firewalld' && ufw?.enabled === true && 'firewalld runs, and ufw is switched on beside it',
    keepsOut(defaults.ipv4.input) &&
      defaults.ipv6.input === 'accept' &&
      'IPv4 is kept out by default, but IPv6 is let in',
    backend === 'nftables' &&
      enabled === false &&
      emptyFile !== undefined &&
      `nftables.service has loaded ${emptyFile.path}, which filters nothing`,
    fresh !== null &&
      owns(fresh, 'iptables') &&
      mayHaveLegacyRules(seen) &&
      'rules lie both in legacy iptables and in nf_tables: each tool shows only its own',
  ];
  return remarks.filter((remark) => remark !== false);
}

/** What a reader could take for said and is not. */
export function notesOf(seen: Seen, { backend, enabled, basis }: Verdict): string[] {
  const { configured, running, ruleset } = seen;
  const fresh = freshRuleset(seen);
  const idle = configured.ruleFiles.filter((file) => filtersAnything(file));
  const loaded = loadedForRules(seen);
  // Services are known and none of them is a firewall; the kernel was not asked.
  const isIdle = fresh === null && running.units !== null && (backend === 'none' || basis === null);
  const hasKubernetes =
    running.kubernetes === true || (fresh?.owners.some(({ owner }) => ORCHESTRATORS.has(owner)) ?? false);
  const notes: (string | false)[] = [
    ruleset === null &&
      "the kernel's own rules were not seen, nor what was set by hand, Docker or Kubernetes: have telemcp-nft.timer or a sidecar list them",
    fresh !== null &&
      enabled === null &&
      backend !== 'ufw' &&
      backend !== 'firewalld' &&
      'the chains accept by policy; whether their rules keep anything out was not looked at',
    isIdle && idle.length > 0 && `no active service loads ${idle.map(({ path }) => path).join(', ')}`,
    isIdle && loaded.length > 0 && `the kernel has ${loaded.join(', ')} loaded, so something may have set rules`,
    configured.ufw?.enabled === false &&
      owns(fresh, 'ufw') &&
      'ufw is switched off; the chains it left behind do nothing',
    hasKubernetes &&
      'whether kubelet and node ports can be reached cannot be judged: rules are not read, node ports pass no input chain',
  ];
  return notes.filter((note) => note !== false);
}
