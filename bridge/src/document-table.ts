import type { Table } from './answer.ts';
import { redact } from './redact.ts';

/** A document such as YAML as a table that is shown as it is. Redacted as a whole, since a key in PEM spans lines. */
export function documentTable(text: string, name?: string): Table {
  const lines = redact(text).replace(/\n+$/, '').split('\n');
  return {
    ...(name === undefined ? {} : { name }),
    columns: ['text'],
    rows: lines.map((line) => [line]),
    verbatim: true,
    order: 'from the start',
  };
}
