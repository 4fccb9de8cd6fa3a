import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as V1StdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bootSystemd, type SystemdMachine, systemdUnavailable } from './real/systemd-machine.ts';
import { bridgeCommand, startAgent, startBridge, stdioBridge, type Tier } from './real/tiers.ts';

const unavailable = systemdUnavailable();
const isSkipped = unavailable !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

describe.skipIf(isSkipped)(
  `a question about a real systemd, through both tiers${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    let machine: SystemdMachine;
    let agent: Tier;
    let bridge: Tier;

    beforeAll(async () => {
      machine = await bootSystemd();
      agent = await startAgent({
        TELEMCP_NODE_NAME: 'node-1',
        TELEMCP_DBUS_ADDRESS: machine.busAddress,
        TELEMCP_HOST_ROOT: machine.root,
      });
      bridge = await startBridge({ TELEMCP_AGENT_URLS: agent.url });
    });

    afterAll(async () => {
      await bridge?.stop();
      await agent?.stop();
      await machine?.stop();
    });

    const ask = async (...words: string[]) => {
      const { exitCode, stdout } = await bridgeCommand(['ask', ...words, '--url', bridge.url]);
      return { exitCode, text: stdout.trim() };
    };

    it('says of a failed unit that it failed, how, and since when', async () => {
      const { exitCode, text } = await ask('systemd.status', 'unit=telemcp-failing.service');
      expect(exitCode).toBe(0);
      expect(text).toMatch(
        /^telemcp-failing\.service on node-1 · as of \S+Z · from node agent · failed: exit-code, status 3$/m,
      );
      // A machine booted just before midnight failed on another day, which is then said.
      expect(text).toMatch(/^since (?:\d{4}-\d\d-\d\dT\d\d:\d\d|\d\d:\d\d:\d\d)Z \(\d+s ago\)$/m);
    });

    it('says of a unit that does not exist that it does not exist', async () => {
      const { text } = await ask('systemd.status', 'unit=no-such-thing.service');
      expect(text).toContain('node-1 has no unit no-such-thing.service');
    });

    it('lists timers by a pattern', async () => {
      const { text } = await ask('systemd_status', 'unit=*.timer');
      expect(text).toContain('telemcp-tick.timer');
    });

    it('pages through 300 units by the cursors it gives', async () => {
      const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(new StreamableHTTPClientTransport(new URL(bridge.url)));
      const seen = new Set<string>();
      let cursor: string | undefined;
      do {
        const result = await client.callTool({
          name: 'systemd_status',
          arguments: { unit: 'telemcp-load@*', ...(cursor === undefined ? {} : { cursor }) },
        });
        const text = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
        for (const [unit] of text.matchAll(/telemcp-load@\d+\.service/g)) seen.add(unit);
        cursor = /cursor="([^"]+)"/.exec(text)?.[1];
      } while (cursor !== undefined);
      expect(seen.size).toBe(300);
      await client.close();
    });

    it('rolls the family up, with the failed unit in it, and leads to the restarting one', async () => {
      const { text } = await ask('host.facts', 'family=systemd', 'node=node-1');
      expect(text).toMatch(/^telemcp-failing\.service failed \S+ \S+ exit-code, status 3$/m);
      expect(text).toMatch(/ · degraded, (?:\d+ queued jobs?, )?systemd \d+/);
      // It is neither failed nor watched, so the family counts it only.
      expect(text).toMatch(/^note: \d+ units? starting, stopping or restarting, not among these rows$/m);
      const list = await ask('systemd.status', 'unit=*', 'node=node-1');
      expect(list.text).toMatch(
        /^telemcp-looping\.service "activating \(auto-restart\)" (?:exit-code, status 1, )?\d+ restarts?$/m,
      );
    });

    it('proposes only calls that work', async () => {
      const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(new StreamableHTTPClientTransport(new URL(bridge.url)));
      const answerTo = async (name: string, args: Record<string, unknown>) => {
        const result = await client.callTool({ name, arguments: args });
        expect(result.isError, `${name} ${JSON.stringify(args)}`).not.toBe(true);
        return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      };
      const first = [
        ['systemd_status', { unit: '*' }],
        ['systemd_status', { unit: 'no-such.service' }],
        ['systemd_status', { unit: 'telemcp-failing' }],
        ['host_facts', { family: 'systemd' }],
      ] as const;
      const proposed = new Set<string>();
      for (const [name, args] of first) {
        for (const [, tool = '', list = ''] of (await answerTo(name, args)).matchAll(/^next: (\w+)\((.*)\)$/gm)) {
          const pairs = [...list.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|[^,]+)/g)];
          const call = Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, JSON.parse(value)]));
          proposed.add(`${tool} ${list}`);
          await answerTo(tool, call);
        }
      }
      expect(proposed.size).toBeGreaterThanOrEqual(4);
      await client.close();
    });

    it('says within 3 s that the bus is gone and why, and recovers by itself within 60 s', async () => {
      await machine.killBus();
      await vi.waitFor(
        async () => {
          const { text } = await ask('systemd.status', 'unit=telemcp-failing.service');
          expect(text).toMatch(/no answer: node-1 .*(?:bus|unreachable|not_found)/);
        },
        { timeout: 3000, interval: 50 },
      );
      await machine.startBus();
      await vi.waitFor(
        async () => {
          const { text } = await ask('systemd.status', 'unit=telemcp-failing.service');
          expect(text).toContain('exit-code');
        },
        { timeout: 60_000, interval: 500 },
      );
    });

    it.each(['legacy', 'auto', 'pinned'] as const)('answers the v2 client (%s) over stdio', async (mode) => {
      const negotiation = {
        legacy: {},
        auto: { versionNegotiation: { mode: 'auto' } },
        pinned: { versionNegotiation: { mode: { pin: '2026-07-28' } } },
      } as const;
      const client = new Client({ name: 'test', version: '0' }, negotiation[mode]);
      await client.connect(new StdioClientTransport(stdioBridge({ TELEMCP_AGENT_URLS: agent.url })));
      const result = await client.callTool({ name: 'systemd.status', arguments: { unit: 'telemcp-failing' } });
      expect(JSON.stringify(result.content)).toContain('exit-code');
      await client.close();
    });

    it('answers the v1 client over stdio', async () => {
      const client = new V1Client({ name: 'test', version: '0' });
      await client.connect(new V1StdioTransport(stdioBridge({ TELEMCP_AGENT_URLS: agent.url })));
      const result = await client.callTool({ name: 'systemd_status', arguments: { unit: 'telemcp-failing' } });
      expect(JSON.stringify(result.content)).toContain('exit-code');
      await client.close();
    });

    it('prints the same as JSON', async () => {
      const { text } = await ask('systemd.status', 'unit=telemcp-failing.service', '--json');
      expect(JSON.parse(text)).toMatchObject({
        title: 'telemcp-failing.service on node-1',
        summary: 'failed: exit-code, status 3',
      });
    });
  },
);

describe('ask without a bridge', () => {
  it('says that none answers and how to start one', async () => {
    const { exitCode, stderr } = await bridgeCommand([
      'ask',
      'systemd.status',
      'unit=x',
      '--url',
      'http://127.0.0.1:1/mcp',
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /no bridge answers at http:\/\/127\.0\.0\.1:1\/mcp: .*\nStart one with: telemcp-bridge serve/,
    );
  });
});
