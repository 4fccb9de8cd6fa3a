import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostSummary } from '@telemcp/shared/summary';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeK3sTree } from '../node-agent/test/certificate-corpus.ts';
import { missingPart } from '../scripts/parts.ts';
import { startAgent, type Tier } from './real/tiers.ts';

const missing = missingPart('promtool') ?? missingPart('openssl');
const isSkipped = missing !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

describe.skipIf(isSkipped)(`the metrics of an agent${missing === null ? '' : ` (${missing.why})`}`, () => {
  let root: string;
  let agent: Tier;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'telemcp-metrics-'));
    cpSync(new URL('../node-agent/test/fixtures/root-k3s', import.meta.url).pathname, root, {
      recursive: true,
      verbatimSymlinks: true,
    });
    makeK3sTree(root);
    agent = await startAgent({ TELEMCP_HOST_ROOT: root, TELEMCP_NODE_NAME: 'server-0' });
  });

  afterAll(async () => {
    await agent?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const scrape = async () => (await fetch(`${agent.url}/metrics`)).text();

  it('are what promtool wants them to be, by its own linter', async () => {
    const text = await scrape();
    // Without this an agent that saw nothing would pass.
    expect(text).toMatch(/^telemcp_certificate_not_after_timestamp_seconds\{path=".*serving-kubelet.crt",.*\} \d+$/m);
    expect(text).toMatch(/^telemcp_certificate_errors\{reason="parse_error"\} 1$/m);
    expect(text).toContain('telemcp_agent_family_status{family="certificates",status="partial"} 1');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([stdout, stderr, status]).toEqual(['', '', 0]);
  });

  it('would not pass with a name against the conventions: the linter does look', () => {
    const input = '# TYPE telemcp_restarts counter\ntelemcp_restarts 1\n';
    expect(spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' }).stderr).toContain('_total');
  });
});

describe.skipIf(isSkipped)('the summary of an agent', () => {
  it('is the same bytes while the host is the same, and 304 to who has them', async () => {
    const agent = await startAgent({
      TELEMCP_HOST_ROOT: new URL('../node-agent/test/fixtures/root-k3s', import.meta.url).pathname,
      TELEMCP_NODE_NAME: 'server-0',
    });
    try {
      const first = await fetch(`${agent.url}/v1/summary`);
      const etag = first.headers.get('etag') ?? '';
      expect(HostSummary.parse(await first.json()).disks?.failing.names).toEqual(['sda']);
      const again = await fetch(`${agent.url}/v1/summary`, { headers: { 'if-none-match': etag } });
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
    } finally {
      await agent.stop();
    }
  });
});
