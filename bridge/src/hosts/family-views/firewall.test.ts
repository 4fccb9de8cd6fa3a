import type { FirewallFacts } from '@telemcp/shared/facts/firewall';
import { afterEach, describe, expect, it } from 'vitest';
import { agentsOf, askTool } from '../../../test/ask-tool.ts';
import { type FakeAgent, startFakeAgent } from '../../../test/fake-agent.ts';
import { hostFacts } from '../../tools/host-facts.ts';
import type { NodeAgents } from '../../upstreams/node-agents.ts';

const started: FakeAgent[] = [];
const opened: NodeAgents[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((agents) => agents.close()));
  await Promise.all(started.splice(0).map((fake) => fake.close()));
});

async function ask(changes: readonly Partial<FirewallFacts>[], args: Record<string, string> = {}) {
  const fakes = await Promise.all(
    changes.map((change, index) =>
      startFakeAgent({
        node: `node-${String(index + 1).padStart(4, '0')}`,
        facts: { firewall: (golden) => ({ ...golden, ...change }) },
      }),
    ),
  );
  const agents = agentsOf(fakes);
  started.push(...fakes);
  opened.push(agents);
  return askTool(hostFacts, { family: 'firewall', ...args }, agents);
}

const UNKNOWN = { input: null, forward: null, output: null };
const NONE: Partial<FirewallFacts> = {
  backend: 'none',
  enabled: false,
  basis: 'units',
  defaults: { ipv4: UNKNOWN, ipv6: UNKNOWN },
  attention: [],
  ruleset: null,
};
const OPEN = { input: 'accept', forward: 'accept', output: 'accept' } as const;
const SHUT = { input: 'drop', forward: 'drop', output: 'accept' } as const;

describe('the firewall of one node', () => {
  it.each<[string, Partial<FirewallFacts>]>([
    ['default-drop input (ufw, enabled)', {}],
    ['default-drop input, IPv6 accept (ufw, enabled)', { defaults: { ipv4: SHUT, ipv6: OPEN } }],
    [
      'default-accept input (nftables, NOT enabled)',
      { backend: 'nftables', enabled: false, defaults: { ipv4: OPEN, ipv6: OPEN } },
    ],
    [
      'input default not known (unknown, whether enabled is not known)',
      { backend: 'unknown', enabled: null, defaults: { ipv4: UNKNOWN, ipv6: UNKNOWN } },
    ],
    ['no firewall seen; the kernel was not asked, so rules set by hand would not be seen', NONE],
    ['no firewall: nothing filters what comes in', { backend: 'none', enabled: false, basis: 'ruleset' }],
  ])('%s', async (summary, change) => {
    expect((await ask([change])).answer.summary).toBe(summary);
  });

  it('costs at most 400 tokens', async () => {
    expect((await ask([{}])).tokens).toBeLessThanOrEqual(400);
  });

  it('shows every base chain to who looks for one', async () => {
    const { answer } = await ask([{}], { filter: 'f2b*' });
    expect(answer.tables[0]?.rows).toEqual([['input', 'filter', -1, 'accept', 'inet/f2b-table/f2b-chain']]);
  });

  it('does not take rules that may not be read for none', async () => {
    const ufw = { enabled: true, ipv6: true, defaults: { ipv4: SHUT, ipv6: SHUT }, ruleCount: null, allowed: null };
    const firewalld = { defaultZone: 'public', backend: null, zones: null };
    const { text } = await ask([{ configured: { ufw, firewalld, ruleFiles: [] } }]);
    expect(text).toContain('ufw enabled, rules not readable');
    expect(text).toContain('firewalld default zone public, zones not readable');
  });
});

describe('the firewalls of many', () => {
  it('are counted by what they keep out, the worst first, in at most 400 tokens', async () => {
    const unsure: Partial<FirewallFacts> = { enabled: null, basis: 'configuration' };
    const changes = Array.from({ length: 100 }, (_, index) =>
      index % 25 === 7 ? NONE : index % 25 === 8 ? unsure : { attention: [] },
    );
    const asked = await ask(changes);
    expect(asked.answer.summary).toBe('none seen on 4, not known on 4, input kept out by default on 92');
    expect(asked.text).toContain('backend ufw 96 none: node-0008, node-0033, node-0058, node-0083');
    expect(asked.tokens).toBeLessThanOrEqual(400);
  });
});
