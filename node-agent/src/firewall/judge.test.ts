import type { FirewallRuleFile, FirewallRuleset, UfwConfiguration } from '@telemcp/shared/facts/firewall';
import { describe, expect, it } from 'vitest';
import { fixtureText } from '../../test/mutated-text.ts';
import { judgeFirewall } from './judge.ts';
import { parseNftChains } from './nft-chains.ts';
import { allHooks } from './policies.ts';
import { attentionOf, notesOf } from './remarks.ts';
import type { Seen } from './seen.ts';

const KEPT_OUT = { input: 'drop', forward: 'drop', output: 'accept' } as const;
const UNKNOWN = { ipv4: allHooks(null), ipv6: allHooks(null) };
const unit = (name: string, activeState = 'active') => ({ name: `${name}.service`, activeState, subState: 'exited' });

function ufw(enabled: boolean | null): UfwConfiguration {
  return { enabled, ipv6: true, defaults: { ipv4: KEPT_OUT, ipv6: KEPT_OUT }, ruleCount: null, allowed: null };
}

function ruleFile(change: Partial<FirewallRuleFile>): FirewallRuleFile {
  const path = '/etc/nftables.conf';
  return { path, format: 'nftables', baseChains: 3, rules: 4, defaults: UNKNOWN, includes: [], ...change };
}

function listed(fixture: string, stale = false): FirewallRuleset {
  const when = { path: '/run/x', writtenAt: '2026-11-22T13:00:00.000Z', writtenSecondsAgo: stale ? 900 : 9, stale };
  return { ...when, ...parseNftChains(fixtureText(fixture)) };
}

/** A host whose services are known and of which nothing else is. */
function seen(change: {
  configured?: Partial<Seen['configured']>;
  running?: Partial<Seen['running']>;
  ruleset?: FirewallRuleset;
}): Seen {
  return {
    configured: { ufw: null, firewalld: null, ruleFiles: [], ...change.configured },
    running: { units: [], kernelModules: [], legacyTables: null, kubernetes: false, ...change.running },
    ruleset: change.ruleset ?? null,
  };
}

function judged(change: Parameters<typeof seen>[0]) {
  const looked = seen(change);
  const verdict = judgeFirewall(looked);
  return { ...verdict, attention: attentionOf(looked, verdict), notes: notesOf(looked, verdict) };
}

describe('ufw', () => {
  it.each([
    ['switched on and loaded', [unit('ufw')], true, 'units', 0],
    ['switched on, its service not active', [], null, 'configuration', 1],
    ['switched on, services unknown', null, null, 'configuration', 0],
  ])('%s', (_, units, enabled, basis, remarks) => {
    const found = judged({ configured: { ufw: ufw(true) }, running: { units } });
    expect(found).toMatchObject({ backend: 'ufw', enabled, basis, defaults: { ipv4: KEPT_OUT } });
    expect(found.attention).toHaveLength(remarks);
  });

  it('that is off is no firewall, although its service is active', () => {
    const found = judged({ configured: { ufw: ufw(false) }, running: { units: [unit('ufw')] } });
    expect(found).toMatchObject({ backend: 'none', enabled: false, basis: 'units', defaults: UNKNOWN });
  });

  it('is known by its chains', () => {
    const found = judged({ configured: { ufw: ufw(true) }, ruleset: listed('nft/ufw.json') });
    const defaults = { ipv4: KEPT_OUT, ipv6: KEPT_OUT };
    expect(found).toMatchObject({ backend: 'ufw', enabled: true, basis: 'ruleset', defaults, attention: [] });
    expect(judged({ ruleset: listed('nft/ufw.json') })).toMatchObject({ backend: 'ufw', enabled: true });
  });

  it('leaves chains behind that do nothing once it is off', () => {
    const found = judged({ configured: { ufw: ufw(false) }, ruleset: listed('nft/ufw-disabled.json') });
    expect(found).toMatchObject({ backend: 'iptables-nft', enabled: null, defaults: { ipv4: { input: 'accept' } } });
    expect(found.notes.join()).toContain('chains it left behind');
  });

  it('whose chains are nowhere is not in force, unless they may lie in legacy iptables', () => {
    const configured = { ufw: ufw(true) };
    const ruleset = listed('nft/firewalld.json');
    const without = { ...ruleset, owners: [], baseChains: [] };
    expect(judged({ configured, ruleset: without })).toMatchObject({ backend: 'ufw', enabled: false });
    const legacy = judged({ configured, ruleset: without, running: { kernelModules: ['iptable_filter'] } });
    expect(legacy).toMatchObject({ backend: 'ufw', enabled: null, defaults: UNKNOWN });
    expect(legacy.attention[0]).toContain('none of ufw');
  });
});

describe('firewalld', () => {
  const zone = {
    name: 'public',
    target: 'default',
    services: [],
    ports: [],
    interfaces: [],
    sources: [],
    richRules: 0,
  };
  const firewalld = { defaultZone: 'public', backend: 'nftables', zones: [zone] };

  it('rejects by its default zone, which its chains do not show', () => {
    const running = { units: [unit('firewalld')] };
    const expected = { backend: 'firewalld', enabled: true, defaults: { ipv4: { input: 'reject' } } };
    expect(judged({ configured: { firewalld }, running })).toMatchObject({ ...expected, basis: 'units' });
    const ruleset = listed('nft/firewalld.json');
    expect(judged({ configured: { firewalld }, running, ruleset })).toMatchObject({ ...expected, basis: 'ruleset' });
  });

  it('whose zones may not be read lets in nobody knows what', () => {
    const found = judged({
      configured: { firewalld: { ...firewalld, zones: null } },
      running: { units: [unit('firewalld')] },
      ruleset: listed('nft/firewalld.json'),
    });
    expect(found).toMatchObject({ backend: 'firewalld', enabled: true, defaults: { ipv4: { input: null } } });
  });

  it.each([
    [[], false, { input: 'accept' }, 'firewalld.service is active, but the kernel has none of its chains'],
    [null, null, allHooks(null), 'firewalld.service is active, but the kernel has none of its chains in nf_tables'],
  ])(
    'that runs and whose chains were flushed, with modules %j, is not in force',
    (kernelModules, enabled, ipv4, remark) => {
      const ruleset = { ...listed('nft/firewalld.json'), owners: [], baseChains: [], chains: 0 };
      const found = judged({
        configured: { firewalld },
        running: { units: [unit('firewalld')], kernelModules },
        ruleset,
      });
      expect(found).toMatchObject({ backend: 'firewalld', enabled, basis: 'ruleset', defaults: { ipv4 } });
      expect(found).toMatchObject({ attention: [remark], notes: [] });
    },
  );

  it('beside ufw is one too many', () => {
    const found = judged({ configured: { ufw: ufw(true) }, running: { units: [unit('firewalld')] } });
    expect(found.attention).toEqual(['firewalld runs, and ufw is switched on beside it']);
  });
});

describe('rules of nobody in particular, listed', () => {
  it('of a Kubernetes node with a chain of its own', () => {
    const found = judged({ ruleset: listed('root-kubeadm/run/telemcp/nft-chains.json') });
    expect(found).toMatchObject({
      backend: 'nftables',
      enabled: true,
      basis: 'ruleset',
      defaults: { ipv4: KEPT_OUT, ipv6: { input: 'drop', forward: 'accept' } },
      attention: [],
    });
    expect(found.notes).toEqual([expect.stringContaining('node ports')]);
  });

  it('that leave IPv6 open, and lie in two places', () => {
    const found = judged({ ruleset: listed('nft/iptables-nft.json'), running: { legacyTables: ['filter'] } });
    expect(found).toMatchObject({
      backend: 'iptables-nft',
      enabled: true,
      defaults: { ipv4: KEPT_OUT_FORWARD, ipv6: { input: null } },
    });
    expect(found.attention).toEqual([expect.stringContaining('both in legacy iptables and in nf_tables')]);
    const alone = judged({ ruleset: listed('nft/iptables-nft.json') });
    expect(alone.attention).toEqual(['IPv4 is kept out by default, but IPv6 is let in']);
  });

  it('none at all is no firewall, and only then', () => {
    const empty = { ...listed('nft/firewalld.json'), owners: [], baseChains: [], chains: 0 };
    expect(judged({ ruleset: empty })).toMatchObject({ backend: 'none', enabled: false, basis: 'ruleset', notes: [] });
    const legacy = judged({ ruleset: empty, running: { kernelModules: ['iptable_filter'] } });
    expect(legacy).toMatchObject({ backend: 'iptables-legacy', enabled: null, defaults: UNKNOWN });
  });

  it('too long ago say nothing of now', () => {
    const found = judged({ ruleset: listed('nft/ufw.json', true) });
    expect(found).toMatchObject({ backend: 'none', enabled: false, basis: 'units', defaults: UNKNOWN });
  });
});

const KEPT_OUT_FORWARD = { input: 'drop', forward: 'drop', output: null };

describe('services and files', () => {
  const running = { units: [unit('nftables')] };
  const defaults = { ipv4: KEPT_OUT, ipv6: KEPT_OUT };

  it.each([
    ['a file that drops', ruleFile({ defaults }), true],
    ['a file that filters nothing', ruleFile({ rules: 0 }), false],
    ['a file that only includes others', ruleFile({ rules: 0, includes: ['/etc/nftables.d/*.nft'] }), true],
  ])('nftables.service with %s', (_, file, enabled) => {
    const found = judged({ configured: { ruleFiles: [file] }, running });
    expect(found).toMatchObject({ backend: 'nftables', enabled, basis: 'units' });
    expect(found.attention).toHaveLength(enabled ? 0 : 1);
  });

  it.each([
    [['iptable_filter'], 'iptables-legacy'],
    [['nft_compat', 'nf_tables'], 'iptables-nft'],
    [null, 'iptables'],
  ])('iptables with the modules %j: %s', (kernelModules, backend) => {
    const file = ruleFile({ path: '/etc/iptables/rules.v4', format: 'iptables', defaults });
    const units = [unit('netfilter-persistent')];
    const found = judged({ configured: { ruleFiles: [file] }, running: { units, kernelModules } });
    expect(found).toMatchObject({ backend, enabled: true, basis: 'units', defaults });
  });

  it('say of a file that nothing loads that nothing does, and what the kernel hints at', () => {
    const found = judged({
      configured: { ruleFiles: [ruleFile({ defaults })] },
      running: { kernelModules: ['nft_compat'] },
    });
    expect(found).toMatchObject({ backend: 'iptables-nft', enabled: null, basis: null, defaults: UNKNOWN });
    expect(found.notes).toEqual([
      expect.stringContaining('telemcp-nft.timer'),
      'no active service loads /etc/nftables.conf',
      'the kernel has nft_compat loaded, so something may have set rules',
    ]);
  });

  it('nftables.service without a file that may be read loads nobody knows what', () => {
    expect(judged({ running })).toMatchObject({
      backend: 'nftables',
      enabled: null,
      basis: 'units',
      defaults: UNKNOWN,
    });
  });

  it('of nobody known leave open whether a module of legacy iptables filters, root or not', () => {
    const found = judged({ running: { kernelModules: ['iptable_filter'] } });
    expect(found).toMatchObject({ backend: 'iptables-legacy', enabled: null, defaults: UNKNOWN });
  });

  it('without systemd are what files say, and nothing more', () => {
    const file = ruleFile({ defaults });
    expect(judged({ configured: { ruleFiles: [file] }, running: { units: null } })).toMatchObject({
      backend: 'nftables',
      enabled: null,
      basis: 'configuration',
      defaults,
    });
    expect(judged({ running: { units: null } })).toMatchObject({ backend: 'unknown', enabled: null, basis: null });
  });

  it('that failed are told', () => {
    const found = judged({ running: { units: [unit('nftables', 'failed')] } });
    expect(found.attention).toEqual(['nftables.service has failed: its rules may not be loaded']);
  });
});
