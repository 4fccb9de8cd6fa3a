import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { fixtureText, mutatedText } from '../../test/mutated-text.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { parseUfwDefaults, parseUfwRules, readUfw } from './ufw.ts';

const RULES = fixtureText('root-ubuntu-24.04/etc/ufw/user.rules');

async function read(overrides: Parameters<typeof fixtureHost>[1] = {}) {
  const files = createHostReader(fixtureHost('ubuntu-24.04', overrides));
  return { ufw: await readUfw(files), missing: files.missing };
}

describe('rules that ufw 0.36 wrote', () => {
  it('let in what `ufw status` shows as ALLOW IN and LIMIT IN, and nothing else', () => {
    const { ruleCount, allowed } = parseUfwRules(RULES, false);
    expect(ruleCount).toBe(9);
    expect(allowed.map(({ port, protocol, from, interface: nic }) => [port, protocol, from, nic])).toEqual([
      ['22', 'tcp', null, null],
      ['2222', 'tcp', null, null],
      ['6443', 'tcp', '10.0.0.0/8', null],
      ['30000-32767', 'tcp', null, null],
      ['53', 'udp', null, 'lo'],
      ['443', 'any', null, null],
    ]);
  });

  it.each([
    ['allow tcp 22 0.0.0.0/0 any 0.0.0.0/0', 1],
    ['allow_log tcp 22 0.0.0.0/0 any 0.0.0.0/0 in', 1],
    ['allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 OpenSSH - in_eth0', 1],
    ['allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 out', 0],
    ['deny tcp 22 0.0.0.0/0 any 0.0.0.0/0 in', 0],
    ['route:allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0!out_eth1', 0],
    ['allow tcp 22', 0],
  ])('%s: %i allowed', (tuple, count) => {
    const found = parseUfwRules(`### tuple ### ${tuple}\n`, false);
    expect(found.ruleCount).toBe(1);
    expect(found.allowed).toHaveLength(count);
  });

  it('stop being listed at a hundred, and go on being counted', () => {
    const found = parseUfwRules('### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n'.repeat(150), true);
    expect(found.ruleCount).toBe(150);
    expect(found.allowed).toHaveLength(100);
  });

  it('may be mangled in any way', () => {
    const property = fc.property(mutatedText(RULES), (text) => {
      const { ruleCount, allowed } = parseUfwRules(text, false);
      expect(allowed.length).toBeLessThanOrEqual(ruleCount);
      expect(JSON.stringify(allowed)).not.toMatch(/\\u00|\u202e/);
    });
    fc.assert(property, { numRuns: 10_000 });
  });
});

describe('defaults', () => {
  it('hold for IPv6 as well, unless ufw is told to leave it: then it drops all of it', () => {
    const text = 'DEFAULT_INPUT_POLICY="REJECT"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\nDEFAULT_FORWARD_POLICY="DROP"\n';
    const ipv4 = { input: 'reject', forward: 'drop', output: 'accept' };
    expect(parseUfwDefaults(`${text}IPV6=yes`).defaults).toEqual({ ipv4, ipv6: ipv4 });
    const dropped = { input: 'drop', forward: 'drop', output: 'drop' };
    expect(parseUfwDefaults(`${text}IPV6=no`).defaults).toEqual({ ipv4, ipv6: dropped });
    expect(parseUfwDefaults(text).defaults.ipv6.input).toBeNull();
  });
});

describe('readUfw', () => {
  it('reads both kinds of rules', async () => {
    const { ufw, missing } = await read();
    expect(missing).toEqual([]);
    expect(ufw).toMatchObject({ enabled: true, ipv6: true, ruleCount: 17 });
    expect(ufw?.allowed?.filter(({ ipv6 }) => ipv6)).toHaveLength(5);
  });

  it('says that it may not read the rules, rather than that there are none', async () => {
    const closed = new FactError('permission_denied', '/etc/ufw/user.rules: EACCES');
    const { ufw, missing } = await read({ '/etc/ufw/user.rules': closed });
    expect(ufw).toMatchObject({ enabled: true, ruleCount: null, allowed: null });
    expect(missing).toEqual([{ what: '/etc/ufw/user.rules', reason: 'permission_denied', detail: closed.message }]);
  });

  it('does not miss the rules of a ufw that is switched off', async () => {
    const closed = new FactError('permission_denied', '/etc/ufw/user.rules: EACCES');
    const { ufw, missing } = await read({ '/etc/ufw/ufw.conf': 'ENABLED=no', '/etc/ufw/user.rules': closed });
    expect(ufw).toMatchObject({ enabled: false, ruleCount: null });
    expect(missing).toEqual([]);
  });

  it('is null where ufw is not installed', async () => {
    expect((await read({ '/etc/ufw/ufw.conf': null })).ufw).toBeNull();
  });
});
