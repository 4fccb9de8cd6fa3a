/** Who makes chains with these names; the first that fits counts. Tables are theirs alone, chains may lie in any table. */
const BY_CHAIN: readonly (readonly [RegExp, string])[] = [
  [/^KUBE-(ROUTER-|NWPLCY-|POD-FW-|SRC-|DST-|NETWORK-POLICY)/, 'kube-router'],
  [/^KUBE-/, 'kube-proxy'],
  [/^cali[-:]/, 'calico'],
  [/^(OLD_)?CILIUM_/, 'cilium'],
  [/^FLANNEL-/, 'flannel'],
  [/^CNI-/, 'cni'],
  [/^WEAVE-/, 'weave'],
  [/^ANTREA-/, 'antrea'],
  [/^DOCKER/, 'docker'],
  [/^NETAVARK/, 'podman'],
  [/^ufw6?-/, 'ufw'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^f2b-/i, 'fail2ban'],
  [/^CROWDSEC/i, 'crowdsec'],
  [/^ts-/, 'tailscale'],
  [/^ISTIO_/, 'istio'],
  [/^(INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING)_((IN_|OUT_)?ZONES(_SOURCE)?|direct)$/, 'firewalld'],
];

const BY_TABLE: readonly (readonly [RegExp, string])[] = [
  [/^firewalld(_policy_drop)?$/, 'firewalld'],
  [/^kube-proxy$/, 'kube-proxy'],
  [/^(calico|tigera)/, 'calico'],
  [/^cilium/, 'cilium'],
  [/^flannel-/, 'flannel'],
  [/^(cni_hostport|cni-hostport|hostport)/, 'cni'],
  [/^kindnet|^kube-network-policies$/, 'kindnet'],
  [/^antrea/, 'antrea'],
  [/^docker-/, 'docker'],
  [/^netavark$/, 'podman'],
  [/^libvirt_network$/, 'libvirt'],
  [/^f2b-table/, 'fail2ban'],
  [/^crowdsec/, 'crowdsec'],
  [/^(lxd|incus)$/, 'lxd'],
  [/^sshguard$/, 'sshguard'],
];

const IPTABLES_TABLES: ReadonlySet<string> = new Set(['filter', 'nat', 'mangle', 'raw', 'security']);
const IPTABLES_CHAINS: ReadonlySet<string> = new Set(['INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING']);

/** Programs that put rules of their own beside a host's firewall; what they filter is their own traffic. */
export const ORCHESTRATORS: ReadonlySet<string> = new Set([
  'kube-router',
  'kube-proxy',
  'calico',
  'cilium',
  'flannel',
  'cni',
  'weave',
  'antrea',
  'kindnet',
]);

/**
 * Who made a chain, by the names that programs give their tables and chains: `iptables` for the built-in chains that all of
 * them hook into, `other` for anything else, such as rules written by hand.
 */
export function ownerOf(table: string, chain: string): string {
  const isOfIptables = IPTABLES_TABLES.has(table);
  if (isOfIptables && IPTABLES_CHAINS.has(chain)) return 'iptables';
  const byTable = isOfIptables ? undefined : BY_TABLE.find(([pattern]) => pattern.test(table));
  if (byTable !== undefined) return byTable[1];
  return BY_CHAIN.find(([pattern]) => pattern.test(chain))?.[1] ?? 'other';
}
