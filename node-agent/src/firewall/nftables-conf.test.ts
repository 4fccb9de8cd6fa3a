import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureText, mutatedText } from '../../test/mutated-text.ts';
import { parseNftablesConf } from './nftables-conf.ts';

const KUBERNETES = fixtureText('nft/kubernetes.nft');
const inputOf = (statements: string) =>
  parseNftablesConf(`table inet t {\n chain c {\n type filter hook input priority 0; ${statements}\n }\n}\n`);

describe('parseNftablesConf', () => {
  it("finds that Debian's own file filters nothing", () => {
    const found = parseNftablesConf(fixtureText('root-debian-12/etc/nftables.conf'));
    expect(found).toEqual({
      rules: 0,
      includes: [],
      chains: ['input', 'forward', 'output'].map((hook) => ({
        family: 'inet',
        hook,
        isFilter: true,
        policy: 'accept',
      })),
    });
  });

  it('finds base chains among others, and rules with sets in them', () => {
    const { chains, rules } = parseNftablesConf(KUBERNETES);
    expect(rules).toBe(14);
    expect(chains.map(({ family, hook, isFilter, policy }) => `${family} ${hook} ${isFilter} ${policy}`)).toEqual([
      'ip input true accept',
      'ip forward true drop',
      'ip output true accept',
      'ip output false accept',
      'inet input true accept',
      'inet input true drop',
    ]);
  });

  it.each([
    ['policy drop;', 'drop'],
    ['policy accept; tcp dport 22 accept\n drop', 'drop'],
    ['tcp dport { 22, 80 } accept\n counter packets 0 bytes 0 reject with icmpx admin-prohibited', 'reject'],
    ['log prefix "[nft] " counter drop comment "the rest"', 'drop'],
    ['counter ip saddr 10.0.0.0/8 drop', 'accept'],
    ['iifname "lo" accept', 'accept'],
    ['tcp dport vmap { 22 : accept, 23 : drop }', 'accept'],
    ['policy $default;', 'accept'],
    ['# policy drop;', 'accept'],
  ])('%j: %s', (statements, policy) => {
    expect(inputOf(statements).chains[0]?.policy).toBe(policy);
  });

  it('reads chains added by commands, and names what it would have to read besides', () => {
    const text =
      'include "/etc/nftables.d/*.nft"\nadd table ip6 t\nadd chain ip6 t in { type filter hook input priority 0 ; policy drop ; }\nadd rule ip6 t in tcp dport 22 accept\n';
    expect(parseNftablesConf(text)).toEqual({
      chains: [{ family: 'ip6', hook: 'input', isFilter: true, policy: 'drop' }],
      rules: 1,
      includes: ['/etc/nftables.d/*.nft'],
    });
  });

  it('takes elements of sets for no rules', () => {
    const text = 'table inet t {\n set s {\n type ipv4_addr\n elements = { 10.0.0.1,\n 10.0.0.2 }\n }\n}\n';
    expect(parseNftablesConf(text)).toEqual({ chains: [], rules: 0, includes: [] });
  });

  it('takes any text', () => {
    const property = fc.property(mutatedText(KUBERNETES), (text) => {
      expect(parseNftablesConf(text).chains.length).toBeLessThan(50);
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  it('takes time only in proportion', () => {
    const startedAt = performance.now();
    for (const piece of ['{', '}', '"', 'a', 'a ', '#\n', '\\\n', 'table ip t { '])
      parseNftablesConf(piece.repeat(100_000));
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
