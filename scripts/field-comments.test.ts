import { expect, it } from 'vitest';
import { fieldComments } from './field-comments.ts';

it('reads what is said of a schema and of its fields, also nested and inherited ones', () => {
  const source = `import * as z from 'zod';

/** One row. */
export const Row = z.object({
  name: z.string(),
  /** In words of
   * the kernel. */
  state: z.string(),
  kernel: z.object({ release: z.string() }),
  cpu: z.object({
    /** Not the count: \`{a: 1}\`. */
    model: z.string(),
  }),
  // No comment for documents.
  size: z.number(),
});
export type Row = z.infer<typeof Row>;

/** One row and more. */
export const Detail = Row.extend({
  /** Since the last start. */
  restarts: z.number(),
});
`;
  expect(Object.fromEntries(fieldComments(source))).toEqual({
    Row: 'One row.',
    'Row.state': 'In words of the kernel.',
    'Row.cpu.model': 'Not the count: `{a: 1}`.',
    Detail: 'One row and more.',
    'Detail.state': 'In words of the kernel.',
    'Detail.cpu.model': 'Not the count: `{a: 1}`.',
    'Detail.restarts': 'Since the last start.',
  });
});
