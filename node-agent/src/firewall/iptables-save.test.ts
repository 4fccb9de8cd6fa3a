import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureText, mutatedText } from '../../test/mutated-text.ts';
import { parseIptablesSave } from './iptables-save.ts';

const RHEL = fixtureText('nft/rhel.iptables');

it('reads policies', () => {
  expect(parseIptablesSave(fixtureText('root-no-systemd/etc/iptables/rules-save'))).toEqual({
    rules: 3,
    baseChains: 3,
    defaults: { input: 'drop', forward: 'drop', output: 'accept' },
  });
});

it('takes the last rule of RHEL for what it is, though the policy accepts', () => {
  expect(parseIptablesSave(RHEL)).toEqual({
    rules: 6,
    baseChains: 3,
    defaults: { input: 'reject', forward: 'reject', output: 'accept' },
  });
});

it.each([
  ['*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j DROP', 'accept'],
  ['*filter\n:INPUT ACCEPT [0:0]\n[3:180] -A INPUT -j DROP', 'drop'],
  ['*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\n-A INPUT -j DROP', 'accept'],
  ['*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "the rest" -j REJECT --reject-with x', 'reject'],
  ['*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROPPER', 'accept'],
  ['*nat\n:INPUT DROP [0:0]\n-A INPUT -j DROP', null],
  ['*filter\n:INPUT - [0:0]', null],
])('%j: input %s', (text, policy) => {
  expect(parseIptablesSave(text).defaults.input).toBe(policy);
});

it('takes any text', () => {
  const property = fc.property(mutatedText(RHEL), (text) => {
    expect(parseIptablesSave(text).rules).toBeGreaterThanOrEqual(0);
  });
  fc.assert(property, { numRuns: 10_000 });
});
