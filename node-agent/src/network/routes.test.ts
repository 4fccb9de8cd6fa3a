import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { MUTATIONS, mutatedText } from '../../test/mutated-text.ts';
import { parseDefaultRoutes6, parseRoutes } from './routes.ts';

const route = await fixtureHost('debian-12').readText('/proc/1/net/route');
const route6 = await fixtureHost('debian-12').readText('/proc/1/net/ipv6_route');

it('keeps the default routes and the networks without a gateway', () => {
  const { defaults, connected } = parseRoutes(route, 'LE');
  expect(defaults).toEqual([{ ipVersion: 4, gateway: '10.20.0.1', interface: 'bond0', metric: 0 }]);
  expect(connected).toEqual([
    { interface: 'bond0', network: 0x0a140000, mask: 0xfffffc00, prefixLength: 22 },
    { interface: 'bond0.100', network: 0x0a146400, mask: 0xffffff00, prefixLength: 24 },
  ]);
});

it('leaves out routes that refuse and routes that are not up', () => {
  const line = (flags: string) => `head\nppp0\t00000000\t00000000\t${flags}\t0\t0\t50\t00000000\t0\t0\t0`;
  expect(parseRoutes(line('0001'), 'LE').defaults).toEqual([
    { ipVersion: 4, gateway: null, interface: 'ppp0', metric: 50 },
  ]);
  expect(parseRoutes(line('0201'), 'LE').defaults).toEqual([]);
  expect(parseRoutes(line('0002'), 'LE').defaults).toEqual([]);
});

it('of IPv6 takes only what leads out', () => {
  expect(parseDefaultRoutes6(route6)).toEqual([{ ipVersion: 6, gateway: 'fe80::1', interface: 'bond0', metric: 1024 }]);
});

it('gets through any damage', () => {
  fc.assert(
    fc.property(mutatedText(route), mutatedText(route6), (changed, changed6) => {
      for (const { metric } of parseRoutes(changed, 'LE').defaults) expect(metric).toBeGreaterThanOrEqual(0);
      for (const { metric } of parseDefaultRoutes6(changed6)) expect(metric).toBeGreaterThanOrEqual(0);
    }),
    MUTATIONS,
  );
});
