import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { shippedFiles } from '../bridge/src/resources/shipped-files.ts';
import { freePort, type Program, startProgram } from './real/program.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const place = mkdtempSync(join(tmpdir(), 'telemcp-saved-'));
const own = join(place, 'own');

describe('saved queries of a bridge that runs from its bundle', () => {
  let bridge: Program;
  let origin: string;

  beforeAll(async () => {
    mkdirSync(own);
    writeFileSync(join(own, 'orders.promql'), '# title: Orders\n# description: Orders placed.\norders_total\n');
    writeFileSync(join(own, 'node-cpu.promql'), '# title: Mine\n# description: As we count it.\nours\n');
    writeFileSync(join(own, 'bad.promql'), '# title: Bad\n# description: d\nx{a="$b"}\n');
    const built = spawnSync(process.execPath, [join(root, 'scripts/build.ts'), 'bridge', join(place, 'dist')]);
    expect(built.status).toBe(0);
    origin = `http://127.0.0.1:${await freePort()}`;
    bridge = await startProgram(process.execPath, [join(place, 'dist/main.js'), 'serve'], {
      readyUrl: `${origin}/healthz`,
      env: {
        TELEMCP_LISTEN: origin.replace('http://', ''),
        TELEMCP_KUBERNETES: 'off',
        TELEMCP_DASHBOARDS_DIR: own,
      },
    });
  });

  afterAll(async () => {
    await bridge?.stop();
    rmSync(place, { recursive: true });
  });

  it('says at start which file cannot be served, and which take the place of shipped ones', async () => {
    await vi.waitFor(() => expect(bridge.stderr()).toContain('saved queries that cannot be served'));
    expect(bridge.stderr()).toContain('bad.promql:3: $b is not among');
    expect(bridge.stderr()).toContain('"replaced":["node-cpu.promql"]');
  });

  it('lists shipped and own ones to those who have no MCP', async () => {
    const Surface = z.object({ resources: z.array(z.unknown()), resourceTemplates: z.array(z.unknown()) });
    const schema = Surface.parse(await (await fetch(`${origin}/mcp/schema`)).json());
    expect(schema.resources).toHaveLength(shippedFiles().length + 1);
    expect(schema.resources).toContainEqual(
      expect.objectContaining({
        name: 'node-cpu.promql',
        title: 'Mine',
        description: expect.stringContaining('In place'),
      }),
    );
    expect(schema.resourceTemplates).toMatchObject([{ uriTemplate: expect.stringContaining('{file}/result{?range,') }]);
  });

  it('gives one to a client, and follows a change', async () => {
    const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`)));
    const read = async (file: string) => {
      const { contents } = await client.readResource({ uri: `res://dashboards/${file}` }, { cacheMode: 'bypass' });
      return JSON.stringify(contents);
    };
    expect(await read('orders.promql')).toContain('orders_total');
    expect(await read('pod-restarts.promql')).toContain('kube_pod_container_status_restarts_total');
    writeFileSync(join(own, 'orders.promql'), '# title: Orders\n# description: Orders placed.\nsum(orders_total)\n');
    await vi.waitFor(async () => expect(await read('orders.promql')).toContain('sum(orders_total)'), {
      timeout: 15_000,
      interval: 250,
    });
    await expect(read('orders.promql/result')).rejects.toThrow(/not_configured .*\n?.*TELEMCP_PROMETHEUS_URL/);
    await client.close();
  });
});
