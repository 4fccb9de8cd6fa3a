import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureText, mutatedText } from '../../test/mutated-text.ts';
import { parseAssignments, yesOrNo } from './shell-assignments.ts';

it("reads ufw's defaults", () => {
  expect(Object.fromEntries(parseAssignments(fixtureText('root-ubuntu-24.04/etc/default/ufw')))).toMatchObject({
    IPV6: 'yes',
    DEFAULT_INPUT_POLICY: 'DROP',
    DEFAULT_OUTPUT_POLICY: 'ACCEPT',
    DEFAULT_FORWARD_POLICY: 'DROP',
  });
});

it("reads firewalld's settings, not what is commented out", () => {
  const found = parseAssignments(fixtureText('root-rhel-9/etc/firewalld/firewalld.conf'));
  expect(found.get('DefaultZone')).toBe('public');
  expect(found.get('FirewallBackend')).toBe('nftables');
});

it.each([
  ['A=1\nA=2', '2'],
  ['A="x # y" # z', 'x # y'],
  ['A=x # y', 'x'],
  ["A='x", 'x'],
  [' A = x', 'x'],
  ['A=$B', undefined],
  ['A=1\nA=`id`', undefined],
  ['#A=1', undefined],
  ['A', undefined],
])('%j: A is %j', (text, value) => {
  expect(parseAssignments(text).get('A')).toBe(value);
});

it.each([
  ['yes', true],
  ['YES', true],
  ['no', false],
  ['maybe', null],
  [undefined, null],
])('%j is %s', (word, expected) => {
  expect(yesOrNo(word)).toBe(expected);
});

it('takes any text and gives nothing with control characters', () => {
  const file = mutatedText(fixtureText('root-ubuntu-24.04/etc/default/ufw'));
  const property = fc.property(file, (text) => {
    for (const value of parseAssignments(text).values()) expect(value).not.toMatch(/\p{Cc}/u);
  });
  fc.assert(property, { numRuns: 10_000 });
});
