import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { StructuredAnswer } from './answer.ts';
import { callTool, type ToolRuntime } from './call-tool.ts';
import { createCursors } from './cursor.ts';
import { inputJsonSchema } from './tool-arguments.ts';
import { indexTools, spellTool } from './tool-names.ts';
import { tools } from './tools.ts';

const bugs: unknown[] = [];
const runtime: ToolRuntime = {
  upstreams: { prometheus: null, loki: null, alertmanager: null, agents: null, kubernetes: null },
  cursors: createCursors(Buffer.alloc(32)),
  deadlineMs: 5000,
  budget: 24_000,
  onBug: (...bug) => bugs.push(bug),
};
const client = { signal: new AbortController().signal, names: 'underscore' as const };

describe('the tools', () => {
  it('have names that every client takes and that cannot be confused', () => {
    indexTools(tools);
    for (const tool of tools) expect(spellTool(tool.name, 'underscore')).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    expect(tools.length).toBeLessThanOrEqual(20);
  });

  it('have flat inputs: no unions, no references, every argument described', () => {
    for (const tool of tools) {
      const schema = inputJsonSchema(tool);
      expect(schema.additionalProperties, tool.name).toBe(false);
      for (const [name, property] of Object.entries(
        z.record(z.string(), z.record(z.string(), z.unknown())).parse(schema.properties),
      )) {
        expect(property, `${tool.name} ${name}`).toSatisfy(isPlain);
      }
    }
  });

  // All tools together may cost 4,000 tokens of what a model is given and 8,000 with their output schemas; seventeen are planned.
  it('cost a model at most 235 tokens each on average, and 470 as listed', () => {
    const output = countTokens(JSON.stringify(z.toJSONSchema(StructuredAnswer, { io: 'output' })));
    const given = tools.map((tool) =>
      countTokens(
        JSON.stringify({
          name: spellTool(tool.name, 'underscore'),
          description: tool.description,
          inputSchema: inputJsonSchema(tool),
        }),
      ),
    );
    const sum = given.reduce((total, tokens) => total + tokens, 0);
    expect(sum / tools.length).toBeLessThanOrEqual(235);
    expect(sum / tools.length + output).toBeLessThanOrEqual(470);
  });
});

describe.each(tools.map((tool) => [tool.name, tool] as const))('%s', (_, tool) => {
  const names = Object.keys(inputJsonSchema(tool).properties ?? {});

  it('refuses an argument it does not have', async () => {
    const { text } = await callTool(tool, { nonsense: 1 }, runtime, client);
    expect(text).toContain('invalid_argument: nonsense: no such argument');
    for (const name of names) expect(text).toContain(name);
  });

  it.each(
    names.flatMap(
      (name) =>
        [
          [name, { a: 1 }],
          [name, ['x']],
          [name, 'x'.repeat(1_000_000)],
          [name, 'a\u0000b'],
          [name, '\u001b[31m'],
        ] as const,
    ),
  )('refuses a wrong %s by name (%#)', async (name, value) => {
    const outcome = await callTool(tool, { [name]: value }, runtime, client);
    expect(outcome).toMatchObject({ ok: false, code: 'invalid_argument', text: expect.stringContaining(`${name}: `) });
    expect(outcome.text.length).toBeLessThan(600);
    expect(bugs).toEqual([]);
  });
});

/** One type, and words on what to give: a description, or the choices themselves. */
function isPlain(property: Record<string, unknown>): boolean {
  return (
    typeof property.type === 'string' && (typeof property.description === 'string' || Array.isArray(property.enum))
  );
}
