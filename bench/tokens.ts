import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import * as z from 'zod';
import { StructuredAnswer } from '../bridge/src/answer.ts';
import { inputJsonSchema } from '../bridge/src/tool-arguments.ts';
import { spellTool } from '../bridge/src/tool-names.ts';
import { tools } from '../bridge/src/tools.ts';
import type { BenchRow } from './agent.ts';

/** What the list of tools costs: what a model is given of each, and with the output schema that a client keeps. */
export async function benchTokens(): Promise<BenchRow[]> {
  const output = countTokens(JSON.stringify(z.toJSONSchema(StructuredAnswer, { io: 'output' })));
  const rows = tools.map((tool) => {
    const given = {
      name: spellTool(tool.name, 'underscore'),
      description: tool.description,
      inputSchema: inputJsonSchema(tool),
    };
    const tokens = countTokens(JSON.stringify(given));
    return { tool: tool.name, 'given to a model': tokens, 'with output schema': tokens + output };
  });
  const sum = (key: 'given to a model' | 'with output schema') => rows.reduce((total, row) => total + row[key], 0);
  return [
    ...rows,
    {
      tool: `all ${tools.length}`,
      'given to a model': sum('given to a model'),
      'with output schema': sum('with output schema'),
    },
  ];
}
