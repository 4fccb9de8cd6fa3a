import type { PackageRow } from '@telemcp/shared/facts/packages';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { agentsOf, askTool, structuredLimit } from '../../test/ask-tool.ts';
import {
  type FakeAgent,
  type FakeAgentOptions,
  GOLDEN_NOW,
  golden,
  startFakeAgent,
  unavailable,
} from '../../test/fake-agent.ts';
import { hostFacts } from '../tools/host-facts.ts';
import type { NodeAgents } from '../upstreams/node-agents.ts';

const started: FakeAgent[] = [];
const opened: NodeAgents[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: GOLDEN_NOW });
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.splice(0).map((agents) => agents.close()));
  await Promise.all(started.splice(0).map((fake) => fake.close()));
});

async function fleet(options: readonly FakeAgentOptions[]) {
  const numbered = options.map((option, at) => ({ node: `node-${String(at + 1).padStart(4, '0')}`, ...option }));
  const fakes = await Promise.all(numbered.map(startFakeAgent));
  const agents = agentsOf(fakes);
  started.push(...fakes);
  opened.push(agents);
  return { agents, fakes };
}

const rows = golden.packageList.data?.packages ?? [];
const row = (name: string, version: string, change: Partial<PackageRow> = {}): PackageRow => ({
  name,
  version,
  architecture: 'amd64',
  state: 'installed',
  held: false,
  ...change,
});
const ask = (agents: NodeAgents, filter: string, node?: string) =>
  askTool(hostFacts, { family: 'packages', filter, ...(node === undefined ? {} : { node }) }, agents);

describe('packages by name', () => {
  it('on one node: versions, and what is not simply installed', async () => {
    const { agents, fakes } = await fleet([{}]);
    const asked = await ask(agents, '*');
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/host-facts-packages-filter.txt');
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    expect(fakes[0]?.requests).toEqual(['/v1/packages?name=*&limit=200']);
    const named = await ask(agents, 'ssl', 'node-0001');
    expect(named.answer.tables[0]?.rows.map(([name]) => name)).toEqual(['libssl3', 'openssl']);
    expect(fakes[0]?.requests.at(-1)).toBe('/v1/packages?name=*ssl*&limit=500');
  });

  it('over the fleet: the version that most have, and who deviates', async () => {
    const many = Array.from({ length: 100 }, (_, at): FakeAgentOptions => {
      const openssl = row('openssl', at % 40 === 3 ? '3.0.14-1~deb12u2' : '3.0.15-1~deb12u1');
      const others = [
        row('libssl3', '3.0.15-1~deb12u1'),
        row('libssl3', '3.0.15-1~deb12u1', { architecture: 'i386' }),
        ...(at === 7 ? [row('python3-openssl', '23.0.0-1')] : []),
      ];
      return { packages: { packages: at === 9 ? others : [openssl, ...others] } };
    });
    const { agents } = await fleet(many);
    const asked = await ask(agents, 'ssl');
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/host-facts-packages-filter-fleet.txt');
    expect(asked.tokens).toBeLessThanOrEqual(400);
  });

  it('puts the package of exactly that name first, and tells several versions on one node', async () => {
    const packages = [row('a-kernel', '1'), row('kernel', '5.14'), row('kernel', '5.15'), row('kernel-core', '5.15')];
    const { agents } = await fleet([{ packages: { packages } }, { packages: { packages: packages.slice(0, 2) } }]);
    const { answer } = await ask(agents, 'kernel');
    expect(answer.summary).toBe('3 packages with "kernel" on 2 nodes, versions differ for 1');
    expect(answer.tables[0]?.rows).toEqual([
      ['kernel', '5.14 5.15', 1, '5.14: node-0002'],
      ['kernel-core', '5.15', 1, 'not on node-0002'],
      ['a-kernel', '1', 2, null],
    ]);
  });

  it('says that nothing has the name, and does not say so of a node that could not look', async () => {
    const { agents } = await fleet([
      { packages: { packages: rows } },
      {
        envelope: unavailable('unsupported', 'the ndb format of rpm is not read', 'Ask the host itself with rpm -qa.'),
      },
    ]);
    const { text, answer } = await ask(agents, 'vim');
    expect(answer.summary).toBe('0 installed packages with "vim"');
    expect(text).toContain('asked 2, answered 1');
    expect(text).toContain('unsupported: the ndb format of rpm is not read');
  });

  it('tells a list that the agent has cut', async () => {
    const packages = Array.from({ length: 300 }, (_, at) => row(`lib${at}`, '1'));
    const { agents } = await fleet([{ packages: { packages } }, { packages: { packages } }]);
    const { answer } = await ask(agents, 'lib');
    expect(answer.notes).toContain('node-0001: 200 of 300 matching packages were read; narrow the filter');
  });

  it.each(['open ssl', 'a[b', 'lib?', 'ä'])('refuses %j, which no package can have in its name', async (filter) => {
    const { agents, fakes } = await fleet([{}]);
    await expect(ask(agents, filter)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(fakes[0]?.requests).toEqual([]);
  });
});

describe('packages over a fleet', () => {
  it('costs at most 400 tokens for 100 nodes that all differ', async () => {
    const { agents } = await fleet(
      Array.from({ length: 100 }, (_, at) => ({
        facts: {
          packages: (facts) => ({
            ...facts,
            installed: 600 + at,
            pending: { updates: at, securityUpdates: at % 7, countedAt: null },
            held: { total: at % 3, names: ['kubelet', 'kubeadm'].slice(0, at % 3) },
            listsChangedAt: new Date(Date.parse('2026-11-22T06:00:00Z') - at * 8_000_000).toISOString(),
            lastUpdateSuccessAt: null,
            rebootRequiredBy: at % 10 === 0 ? ['dbus'] : [],
            broken: at === 12 ? facts.broken : { total: 0, packages: [] },
          }),
        },
      })),
    );
    const asked = await askTool(hostFacts, { family: 'packages' }, agents);
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/host-facts-packages-100-nodes.txt');
    expect(asked.tokens).toBeLessThanOrEqual(400);
  });
});
