import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeK3sTree, type Planted } from '../node-agent/test/certificate-corpus.ts';
import { missingPart } from '../scripts/parts.ts';
import { bridgeCommand, startAgent, startBridge, type Tier } from './real/tiers.ts';

const missing = missingPart('openssl');
const isSkipped = missing !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

describe.skipIf(isSkipped)(
  `the certificates of a k3s server, through both tiers${missing === null ? '' : ` (${missing.why})`}`,
  () => {
    let root: string;
    let planted: Planted;
    let agent: Tier;
    let bridge: Tier;

    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'telemcp-k3s-'));
      cpSync(new URL('../node-agent/test/fixtures/root-k3s', import.meta.url).pathname, root, {
        recursive: true,
        verbatimSymlinks: true,
      });
      planted = makeK3sTree(root);
      agent = await startAgent({ TELEMCP_HOST_ROOT: root, TELEMCP_NODE_NAME: 'server-0', TELEMCP_LOG_LEVEL: 'trace' });
      bridge = await startBridge({ TELEMCP_AGENT_URLS: agent.url, TELEMCP_LOG_LEVEL: 'debug' });
    });

    afterAll(async () => {
      await bridge?.stop();
      await agent?.stop();
      rmSync(root, { recursive: true, force: true });
    });

    const ask = (...words: string[]) => bridgeCommand(['ask', ...words, '--url', bridge.url]);

    it('lists them soonest first: the expired one on top, the broken file as a row with its reason', async () => {
      const { stdout } = await ask('host.certificates');
      const [header = '', ...lines] = stdout.split('\n');
      expect(header).toMatch(/^certificates · as of \S+Z · from node agent · .*1 expired/);
      const days = lines.flatMap((line) => /^\d{4}-\d\d-\d\d (-?\d+)[dh]/.exec(line)?.[1] ?? []).map(Number);
      expect(days.length).toBeGreaterThan(10);
      expect(days).toEqual([...days].sort((a, b) => a - b));
      expect(days[0]).toBeLessThan(0);
      expect(stdout).toMatch(/^parse_error .*client-kube-proxy\.crt/m);
      expect(stdout).toContain('users[default].client-certificate-data');
    });

    it('shows no byte of a private key in any answer, error or log', async () => {
      const answers = [
        await ask('host.certificates'),
        await ask('host.certificates', '--json'),
        await ask('host.facts', 'family=certificates'),
        await ask('host.facts', 'family=certificates', 'filter=key'),
        await ask('host.certificates', 'role=none-such'),
      ].map(({ stdout, stderr }) => stdout + stderr);
      const raw = await Promise.all(
        ['/v1/facts', '/v1/facts/certificates', '/metrics'].map(async (path) => (await fetch(agent.url + path)).text()),
      );
      const said = [...answers, ...raw, agent.stderr(), bridge.stderr()].join('\n');
      expect(planted.secrets.length).toBeGreaterThan(0);
      for (const secret of planted.secrets) {
        const body = secret.replace(/\s/g, '');
        for (let at = 0; at + 16 <= body.length; at += 1) expect(said.includes(body.slice(at, at + 16))).toBe(false);
      }
    });
  },
);
