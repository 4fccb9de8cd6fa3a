import type { FirewallFacts } from '@telemcp/shared/facts/firewall';
import { attempt } from '../attempt.ts';
import type { SystemBus } from '../dbus/bus.ts';
import type { HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { plainText } from '../plain-text.ts';
import { createSystemdReader } from '../systemd/systemd-reader.ts';

type Running = FirewallFacts['running'];

/** Services that load or are a firewall. `netfilter-persistent` is Debian's for rules of iptables. */
const FIREWALL_UNITS = [
  'firewalld.service',
  'ufw.service',
  'nftables.service',
  'iptables.service',
  'ip6tables.service',
  'netfilter-persistent.service',
  'shorewall.service',
  'ferm.service',
] as const;

const KUBERNETES_UNITS = [
  'kubelet.service',
  'k3s.service',
  'k3s-agent.service',
  'rke2-server.service',
  'rke2-agent.service',
  'k0scontroller.service',
  'k0sworker.service',
  'snap.microk8s.daemon-kubelite.service',
] as const;

/**
 * States of the services that concern a firewall, of those that systemd has in memory: what runs, failed, or has run once to
 * load rules is among them. @throws {FactError} as `SystemBus` says, `parse_error`
 */
export async function readFirewallUnits(
  bus: SystemBus,
  signal: AbortSignal,
): Promise<{ units: NonNullable<Running['units']>; kubernetes: boolean }> {
  const listed = await createSystemdReader(bus, signal).list({ patterns: [...FIREWALL_UNITS, ...KUBERNETES_UNITS] });
  const rows = listed.map(({ row }) => row).filter(({ loadState }) => loadState !== 'not-found');
  const isOf = (units: readonly string[], name: string) => units.includes(name);
  return {
    units: rows
      .filter(({ name }) => isOf(FIREWALL_UNITS, name))
      .map(({ name, activeState, subState }) => ({ name, activeState, subState })),
    kubernetes: rows.some(({ name, activeState }) => isOf(KUBERNETES_UNITS, name) && activeState === 'active'),
  };
}

/** What the kernel shows of packet filters. */
export async function readKernelSigns(
  host: HostRoot,
  files: HostReader,
): Promise<Pick<Running, 'kernelModules' | 'legacyTables'>> {
  const [modules, tables, tables6] = await Promise.all([
    files.text('/proc/modules', 1024 * 1024),
    // Root's alone to read, and there only once a legacy table was used: no answer is no finding.
    attempt(host.readText('/proc/1/net/ip_tables_names', { maxBytes: 4096 })),
    attempt(host.readText('/proc/1/net/ip6_tables_names', { maxBytes: 4096 })),
  ]);
  return {
    kernelModules: modules === null ? null : parseModules(modules),
    legacyTables: tables.ok
      ? [...tableNames(tables.value), ...(tables6.ok ? tableNames(tables6.value).map((name) => `ip6:${name}`) : [])]
      : null,
  };
}

const MODULE =
  /^(nf_tables|nft_compat|ip6?_tables|ip6?table_(?:filter|nat|mangle|raw|security)|xt_[a-z_]+|ip_set|ip_vs|br_netfilter|nf_conntrack) /;
const MODULES_MAX = 100;

/** Names of the packet filters' modules in /proc/modules (proc(5)), sorted. */
export function parseModules(text: string): string[] {
  const names = text.split('\n').flatMap((line) => MODULE.exec(line.slice(0, 128))?.[1] ?? []);
  return [...new Set(names)].sort().slice(0, MODULES_MAX);
}

function tableNames(text: string): string[] {
  return text
    .split('\n')
    .map((name) => plainText(name))
    .filter((name) => name !== '')
    .sort();
}
