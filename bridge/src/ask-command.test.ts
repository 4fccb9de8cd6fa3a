import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readPng } from '../test/read-png.ts';
import { ask } from './ask-command.ts';
import { encodePng } from './charts/png.ts';
import { createCursors } from './cursor.ts';
import { createBridgeHttp } from './http.ts';
import { createMcpServerFactory, type ResultForms } from './mcp-server.ts';
import { defineTool } from './tool.ts';

const png = encodePng({ width: 2, height: 1, pixels: new Uint8Array([0, 1]) }, [
  [255, 255, 255],
  [0, 0, 0],
]);

const draw = defineTool({
  name: 'test.draw',
  title: 'Draw',
  description: 'Draws.',
  paged: false,
  input: z.strictObject({ picture: z.boolean().default(true) }),
  run: async ({ picture }) => ({
    title: 'drawing',
    source: 'test',
    asOf: new Date('2026-11-22T13:00:00Z'),
    summary: 'two pixels',
    tables: [{ columns: ['x'], rows: [[1]] }],
    ...(picture ? { picture: { mimeType: 'image/png', data: png } } : {}),
  }),
});

const apps: FastifyInstance[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

async function serve(results: ResultForms): Promise<string> {
  const factory = createMcpServerFactory({
    tools: [draw],
    resources: [],
    runtime: {
      upstreams: { prometheus: null, loki: null, alertmanager: null, agents: null, kubernetes: null },
      cursors: createCursors(Buffer.alloc(32)),
      deadlineMs: 5000,
      budget: 24_000,
      onBug: () => undefined,
    },
    version: '0.1.0',
    names: 'underscore',
    results,
  });
  const app = createBridgeHttp({
    factory,
    allowedHosts: ['127.0.0.1'],
    allowedOrigins: ['127.0.0.1'],
    schema: async () => ({}),
    readiness: { look: async () => [] },
    version: '0.1.0',
    onError: () => undefined,
  });
  apps.push(app);
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/mcp`;
}

describe('a picture', () => {
  it.each<ResultForms>(['both', 'text', 'structured'])(
    'reaches a client beside the text where results are %s',
    async (results) => {
      const client = new Client({ name: 'test', version: '0' });
      await client.connect(new StreamableHTTPClientTransport(new URL(await serve(results))));
      const { content } = await client.callTool({ name: 'test_draw', arguments: {} });
      await client.close();
      expect(content).toEqual([
        { type: 'text', text: expect.stringMatching(/^drawing .* two pixels/) },
        { type: 'image', mimeType: 'image/png', data: expect.any(String) },
      ]);
      const image = content.find((part) => part.type === 'image');
      expect(readPng(Buffer.from(image?.data ?? '', 'base64'))).toMatchObject({ width: 2, height: 1 });
    },
  );

  it.each([true, false])('is not dumped on a terminal (%s) but said where to be seen', async (terminal) => {
    const { out, exitCode } = await ask(['test.draw'], { url: await serve('both'), json: false, terminal });
    expect(exitCode).toBe(0);
    expect(out).toContain('two pixels');
    expect(out.split('\n').at(-1)).toBe(
      `picture: image/png, ${png.length}B, for clients that show images. As a file: add --json, then jq -r '.images[0].data' | base64 -d`,
    );
    expect(out).not.toContain(png.toString('base64').slice(0, 40));
  });

  it('is part of the JSON', async () => {
    const { out } = await ask(['test.draw'], { url: await serve('both'), json: true, terminal: false });
    const { images, summary } = z
      .object({ summary: z.string(), images: z.array(z.object({ mimeType: z.string(), data: z.string() })) })
      .parse(JSON.parse(out));
    expect(summary).toBe('two pixels');
    expect(images).toEqual([{ mimeType: 'image/png', data: png.toString('base64') }]);
  });
});

describe('an answer without one', () => {
  it('is printed as it was before there were any', async () => {
    const url = await serve('both');
    const asked = (json: boolean) => ask(['test.draw', 'picture=false'], { url, json, terminal: false });
    expect((await asked(false)).out).toBe('drawing · as of 2026-11-22T13:00:00Z · from test · two pixels\nx\n1');
    expect(JSON.parse((await asked(true)).out)).not.toHaveProperty('images');
  });
});
