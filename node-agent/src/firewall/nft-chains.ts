import type { BaseChain, FirewallRuleset } from '@telemcp/shared/facts/firewall';
import { FactError } from '../fact-error.ts';
import { plainText } from '../plain-text.ts';
import { ownerOf } from './chain-owners.ts';
import { HOOKS } from './policies.ts';

/** What `nft -j list chains` says, libnftables-json(5). */
export type ChainList = Pick<
  FirewallRuleset,
  'nftVersion' | 'tables' | 'chains' | 'baseChainCount' | 'baseChains' | 'owners'
>;

const BASE_CHAINS_MAX = 100;
const OWNERS_MAX = 30;

/**
 * Reads the output of `nft -j list chains`, or of `list ruleset`, of which only the chains are taken.
 * @throws {FactError} `parse_error` when it is anything else, or was cut short
 */
export function parseNftChains(text: string): ChainList {
  const entries = entriesOf(text);
  const tables = new Set<string>();
  const owners = new Map<string, { tables: Set<string>; chains: number; baseChains: number }>();
  const baseChains: BaseChain[] = [];
  let nftVersion: string | null = null;
  let chains = 0;
  for (const entry of entries) {
    const version = fieldOf(fieldOf(entry, 'metainfo'), 'version');
    if (typeof version === 'string') nftVersion = plainText(version);
    const chain = fieldOf(entry, 'chain');
    if (chain === undefined) continue;
    const [family, table, name] = [fieldOf(chain, 'family'), fieldOf(chain, 'table'), fieldOf(chain, 'name')];
    if (typeof family !== 'string' || typeof table !== 'string' || typeof name !== 'string') {
      throw new FactError('parse_error', 'nft listed a chain without family, table and name');
    }
    const tableKey = `${family} ${table}`;
    const owner = ownerOf(table, name);
    const tally = owners.get(owner) ?? { tables: new Set<string>(), chains: 0, baseChains: 0 };
    owners.set(owner, tally);
    tables.add(tableKey);
    tally.tables.add(tableKey);
    tally.chains += 1;
    chains += 1;
    const hook = fieldOf(chain, 'hook');
    if (typeof hook !== 'string') continue;
    tally.baseChains += 1;
    baseChains.push(baseChainOf(chain, plainText(family), plainText(table), plainText(name), plainText(hook)));
  }
  return {
    nftVersion,
    tables: tables.size,
    chains,
    baseChainCount: baseChains.length,
    baseChains: baseChains.sort((a, b) => importance(a) - importance(b)).slice(0, BASE_CHAINS_MAX),
    owners: [...owners]
      .map(([owner, tally]) => ({ owner, ...tally, tables: tally.tables.size }))
      .sort((a, b) => b.chains - a.chains)
      .slice(0, OWNERS_MAX),
  };
}

function entriesOf(text: string): readonly unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const what = text.trim() === '' ? 'is empty' : 'is not JSON, or was cut short';
    throw new FactError('parse_error', `the list of chains ${what}`);
  }
  const entries = fieldOf(parsed, 'nftables');
  if (!Array.isArray(entries)) throw new FactError('parse_error', 'the list of chains is not what `nft -j` writes');
  return entries;
}

function baseChainOf(chain: unknown, family: string, table: string, name: string, hook: string): BaseChain {
  const [type, priority, policy] = [fieldOf(chain, 'type'), fieldOf(chain, 'prio'), fieldOf(chain, 'policy')];
  return {
    family,
    table,
    name,
    type: typeof type === 'string' ? plainText(type) : null,
    hook,
    priority: typeof priority === 'number' && Number.isSafeInteger(priority) ? priority : null,
    policy: typeof policy === 'string' ? plainText(policy) : null,
  };
}

/** What filters the host's own traffic first; what drops before what accepts. */
function importance({ family, hook, type, policy }: BaseChain): number {
  const hooks: readonly string[] = HOOKS;
  const place = hooks.indexOf(hook);
  const isIp = family === 'inet' || family === 'ip' || family === 'ip6';
  const rank = place === -1 ? HOOKS.length : place;
  return (isIp && type === 'filter' ? 0 : 20) + rank * 2 + (policy === 'accept' ? 1 : 0);
}

/** A field of an object; undefined for anything that is none. */
function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
