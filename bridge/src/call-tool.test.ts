import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Answer } from './answer.ts';
import { callTool, type ToolRuntime } from './call-tool.ts';
import { createCursors } from './cursor.ts';
import { ToolError } from './errors.ts';
import { defineTool, type ToolContext } from './tool.ts';

const bugs: unknown[] = [];
const runtime: ToolRuntime = {
  upstreams: { prometheus: null, loki: null, alertmanager: null, agents: null, kubernetes: null },
  cursors: createCursors(Buffer.alloc(32)),
  deadlineMs: 50,
  budget: 24_000,
  onBug: (id, tool, error) => bugs.push({ id, tool, error }),
};
const client = { signal: new AbortController().signal, names: 'underscore' as const };

function toolThat(run: (args: { n?: number | undefined }, context: ToolContext) => Promise<Answer>) {
  return defineTool({
    name: 'x.y',
    title: 'X',
    description: 'x',
    paged: true,
    input: z.strictObject({ n: z.number().optional() }),
    run,
  });
}

const rows = (count: number): Answer => ({
  title: 'rows',
  source: 'test',
  asOf: new Date(0),
  summary: `${count} rows`,
  tables: [{ columns: ['i'], rows: Array.from({ length: count }, (_, i) => [i]), limit: 10 }],
});

describe('callTool', () => {
  it('pages to the end by the cursors it hands out', async () => {
    const tool = toolThat(async ({ n }) => rows(n ?? 0));
    const seen: unknown[] = [];
    let args: Record<string, unknown> = { n: 25 };
    for (let page = 0; page < 3; page += 1) {
      const outcome = await callTool(tool, args, runtime, client);
      if (!outcome.ok) throw new Error(outcome.text);
      seen.push(...z.array(z.array(z.number())).parse(outcome.structured.tables[0]?.rows).flat());
      const next = /next: x_y\(n=25, cursor="([^"]+)"\)/.exec(outcome.text)?.[1];
      expect(next === undefined).toBe(page === 2);
      args = { n: 25, cursor: next };
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => i));
  });

  it('ends at the deadline although the tool does not, and aborts its signal', async () => {
    let signal: AbortSignal | undefined;
    const tool = toolThat((_, context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    });
    const outcome = await callTool(tool, {}, runtime, client);
    expect(outcome).toMatchObject({
      ok: false,
      code: 'timeout',
      text: expect.stringContaining('nothing after 0.05 s'),
    });
    expect(signal?.aborted).toBe(true);
  });

  it('ends when the client cancels', async () => {
    const cancel = new AbortController();
    const outcome = callTool(
      toolThat(() => new Promise(() => undefined)),
      {},
      { ...runtime, deadlineMs: 60_000 },
      { ...client, signal: cancel.signal },
    );
    cancel.abort();
    expect(await outcome).toMatchObject({ ok: false, code: 'timeout', text: 'timeout: the caller cancelled the call' });
  });

  it('tells a failure with its code, upstream and hint, cleaned and redacted', async () => {
    const tool = toolThat(() =>
      Promise.reject(
        new ToolError('denied', 'http://u:p4ssw0rd@x said \u001b[31mno\u001b[0m', {
          upstream: 'prometheus',
          hint: 'Give it a token.',
        }),
      ),
    );
    const { text } = await callTool(tool, {}, runtime, client);
    expect(text).toMatch(/^denied \(prometheus\): http:\/\/u:\[redacted:\w+\]@x said no\nhint: Give it a token\.$/);
  });

  it('cuts an endless message', async () => {
    const tool = toolThat(() => Promise.reject(new ToolError('bad_query', 'y'.repeat(100_000))));
    expect((await callTool(tool, {}, runtime, client)).text.length).toBeLessThan(1100);
  });

  it('shows a bug by an id only and logs it under that id', async () => {
    const tool = toolThat(() => Promise.reject(new TypeError('x is not a function at /secret/path')));
    const outcome = await callTool(tool, {}, runtime, client);
    expect(outcome).toMatchObject({ ok: false, code: 'internal_error' });
    expect(outcome.text).not.toContain('secret');
    const id = /internal error ([0-9a-f]{8})/.exec(outcome.text)?.[1];
    expect(bugs).toContainEqual({ id, tool: 'x.y', error: expect.any(TypeError) });
  });

  it('refuses a cursor of another call', async () => {
    const cursor = runtime.cursors.make('x.y', { n: 1 }, { table: 0, row: 10 });
    expect(
      await callTool(
        toolThat(async () => rows(1)),
        { n: 2, cursor },
        runtime,
        client,
      ),
    ).toMatchObject({ ok: false, code: 'invalid_argument' });
  });
});
