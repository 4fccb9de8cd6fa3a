import { expect, it } from 'vitest';
import * as z from 'zod';
import { fieldRows, namedObjects } from './schema-table.ts';

it('shows of every argument its type, whether it must be given, its default and its meaning', () => {
  const input = z.strictObject({
    expr: z.string().describe('PromQL'),
    limit: z.number().int().min(1).max(500).default(20),
    sort: z.enum(['cpu', 'memory']).optional(),
    nodes: z.array(z.string()).optional(),
  });
  expect(fieldRows(z.toJSONSchema(input, { io: 'input' }))).toEqual([
    { path: 'expr', type: 'string', required: true, preset: '', description: 'PromQL' },
    { path: 'limit', type: 'integer 1 to 500', required: false, preset: '20', description: '' },
    { path: 'sort', type: '`cpu`, `memory`', required: false, preset: '', description: '' },
    { path: 'nodes', type: 'list of string', required: false, preset: '', description: '' },
  ]);
});

it('writes nested objects out under their path and gives named ones a table of their own', () => {
  const Unit = z.object({ name: z.string(), since: z.iso.datetime().nullable() });
  const Facts = z.object({
    kernel: z.object({ release: z.string().nullable() }),
    rows: z.array(z.object({ total: z.number().int().nonnegative() })),
    failed: z.array(Unit),
    first: Unit.nullable(),
    mode: z.enum(['a', 'b']).nullable(),
    byState: z.record(z.string(), z.boolean()),
  });
  const names = new Map<z.core.$ZodType, string>([
    [Facts, 'Facts'],
    [Unit, 'Unit'],
  ]);
  const shown = namedObjects(Facts, names).map(({ name, rows }) => [name, ...rows.map((row) => [row.path, row.type])]);
  expect(shown).toEqual([
    [
      'Facts',
      ['kernel', 'object'],
      ['kernel.release', 'string or null'],
      ['rows', 'list of object'],
      ['rows[].total', 'integer ≥ 0'],
      ['failed', 'list of [Unit](#unit)'],
      ['first', '[Unit](#unit) or null'],
      ['mode', '`a`, `b` or null'],
      ['byState', 'map of boolean'],
    ],
    ['Unit', ['name', 'string'], ['since', 'time (RFC 3339) or null']],
  ]);
});
