import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureText, mutatedText } from '../../test/mutated-text.ts';
import { FactError } from '../fact-error.ts';
import { parseNftChains } from './nft-chains.ts';

const KUBERNETES = fixtureText('root-kubeadm/run/telemcp/nft-chains.json');
const ownersOf = (text: string) =>
  parseNftChains(text).owners.map(
    ({ owner, tables, chains, baseChains }) => `${owner} ${tables} ${chains} ${baseChains}`,
  );
const chainNamed = (name: string, more: object = {}) => ({
  chain: { family: 'inet', table: 't', name, handle: 1, ...more },
});
const listOf = (...entries: object[]) => JSON.stringify({ nftables: [{ metainfo: { version: '1.1.3' } }, ...entries] });

describe('what real nft listed', () => {
  it('of ufw over iptables-nft', () => {
    expect(ownersOf(fixtureText('nft/ufw.json'))).toEqual(['ufw 2 63 0', 'iptables 2 6 6']);
  });

  it('of firewalld', () => {
    const list = parseNftChains(fixtureText('nft/firewalld.json'));
    expect(list.owners).toHaveLength(1);
    expect(list.owners[0]).toMatchObject({ owner: 'firewalld', tables: 1 });
    // Its last rule rejects; the policy does not say so.
    expect(list.baseChains[0]).toMatchObject({ table: 'firewalld', hook: 'input', priority: 10, policy: 'accept' });
  });

  it('of iptables-nft set by hand', () => {
    const list = parseNftChains(fixtureText('nft/iptables-nft.json'));
    expect(list.nftVersion).toBe('1.0.6');
    expect(list.baseChains.map(({ family, hook, policy }) => [family, hook, policy])).toEqual([
      ['ip', 'input', 'drop'],
      ['ip6', 'input', 'accept'],
      ['ip', 'forward', 'drop'],
    ]);
  });

  it('of a Kubernetes node', () => {
    expect(ownersOf(KUBERNETES)).toEqual([
      'kube-proxy 2 13 0',
      'iptables 2 6 6',
      'calico 2 5 0',
      'docker 2 4 0',
      'cni 1 1 0',
      'fail2ban 1 1 1',
      'other 1 1 1',
    ]);
  });
});

describe('parseNftChains', () => {
  it('keeps what filters input when there are more base chains than it keeps', () => {
    const nat = Array.from({ length: 150 }, (_, index) =>
      chainNamed(`n${index}`, { type: 'nat', hook: 'prerouting', prio: -100, policy: 'accept' }),
    );
    const list = parseNftChains(
      listOf(...nat, chainNamed('in', { type: 'filter', hook: 'input', prio: 0, policy: 'drop' })),
    );
    expect(list).toMatchObject({ baseChainCount: 151, chains: 151 });
    expect(list.baseChains).toHaveLength(100);
    expect(list.baseChains[0]).toMatchObject({ name: 'in', policy: 'drop' });
  });

  it('shows no control characters and takes odd values for unknown', () => {
    const odd = chainNamed('a\u001b[31mb', { type: 3, hook: 'input', prio: 'filter', policy: null });
    expect(parseNftChains(listOf(odd)).baseChains).toEqual([
      { family: 'inet', table: 't', name: 'ab', type: null, hook: 'input', priority: null, policy: null },
    ]);
  });

  it.each([
    ['', 'is empty'],
    ['\n', 'is empty'],
    ['netlink: Error: cache initialization failed: Operation not permitted', 'is not JSON'],
    [KUBERNETES.slice(0, 2000), 'cut short'],
    ['{}', 'not what `nft -j` writes'],
    ['null', 'not what `nft -j` writes'],
    ['{"nftables": {}}', 'not what `nft -j` writes'],
    [listOf({ chain: { name: 'x' } }), 'without family, table and name'],
  ])('refuses %j', (text, says) => {
    expect(() => parseNftChains(text)).toThrow(says);
  });

  it('reads mutations or refuses them', () => {
    const property = fc.property(mutatedText(KUBERNETES), (text) => {
      try {
        expect(parseNftChains(text).chains).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(FactError);
      }
    });
    fc.assert(property, { numRuns: 10_000 });
  });
});
