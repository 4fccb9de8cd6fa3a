import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { MUTATIONS, mutatedText } from '../../test/mutated-text.ts';
import { attributeAddresses, parseFibTrie, parseIfInet6 } from './addresses.ts';
import { parseRoutes } from './routes.ts';

const trie = await fixtureHost('k3s').readText('/proc/1/net/fib_trie');
const inet6 = await fixtureHost('debian-12').readText('/proc/1/net/if_inet6');
const { connected } = parseRoutes(await fixtureHost('k3s').readText('/proc/1/net/route'), 'LE');

it('finds each own address once, and neither loopback nor broadcast', () => {
  expect(parseFibTrie(trie)).toEqual(['10.42.0.1', '192.168.1.30', '10.43.0.1', '10.43.0.10']);
});

it('says on which network an address is only where one interface has it', () => {
  const networks = [
    ...connected,
    { interface: 'wg0', network: 0xc0a80100, mask: 0xffffff00, prefixLength: 24 },
    { interface: 'veth', network: 0x0a2b0001, mask: 0xffffffff, prefixLength: 32 },
  ];
  const unknown = { prefixLength: null, interface: null, interfaceFrom: null };
  expect(attributeAddresses(['10.42.0.1', '192.168.1.30', '10.43.0.1'], networks)).toEqual([
    { address: '10.42.0.1', prefixLength: 24, interface: 'cni0', interfaceFrom: 'route' },
    { address: '192.168.1.30', ...unknown },
    { address: '10.43.0.1', ...unknown },
  ]);
});

it('prefers the narrower network', () => {
  const networks = [
    { interface: 'eth0', network: 0x0a000000, mask: 0xff000000, prefixLength: 8 },
    { interface: 'eth1', network: 0x0a010000, mask: 0xffff0000, prefixLength: 16 },
  ];
  expect(attributeAddresses(['10.1.2.3'], networks)[0]).toMatchObject({ interface: 'eth1', prefixLength: 16 });
});

it('leaves out link-local and loopback addresses of IPv6', () => {
  expect(parseIfInet6(inet6).map(({ address }) => address)).toEqual(['2001:db8:a::aa']);
});

it('gets through any damage', () => {
  fc.assert(
    fc.property(mutatedText(trie), mutatedText(inet6), (changed, changed6) => {
      for (const address of parseFibTrie(changed)) expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      for (const { prefixLength } of parseIfInet6(changed6)) expect(prefixLength).toBeLessThanOrEqual(128);
    }),
    MUTATIONS,
  );
});

it('takes time in proportion to the text, also where no address belongs to what follows', () => {
  const startedAt = performance.now();
  expect(parseFibTrie('/32 host LOCAL\n'.repeat(200_000))).toEqual([]);
  expect(parseFibTrie(`|-- 10.0.0.1\n${'/32 host LOCAL\n'.repeat(200_000)}`)).toEqual(['10.0.0.1']);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});
