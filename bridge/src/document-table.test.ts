import { describe, expect, it } from 'vitest';
import { documentTable } from './document-table.ts';
import { renderAnswer } from './render-answer.ts';

const KEY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';

function render(text: string, budget = 24_000) {
  const answer = { title: 't', source: 's', asOf: new Date(0), summary: 'done', tables: [documentTable(text)] };
  return renderAnswer(answer, {
    budget,
    from: null,
    toolName: (name) => name,
    continueAt: ({ row }) => ({ tool: 'k8s.get', arguments: { cursor: `row ${row}` } }),
  });
}

describe('a document', () => {
  it('keeps its lines and their indentation in both forms', () => {
    const text = 'spec:\n  containers:\n  - name: "main"\n\n    image: a:1';
    expect(render(`${text}\n`).text).toBe(`t · as of 1970-01-01T00:00:00Z · from s · done\n${text}`);
    expect(render(text).structured.tables).toEqual([{ text }]);
  });

  it('is redacted before it is split: a key in PEM spans lines', () => {
    const { text, structured } = render(
      `a: |\n  -----BEGIN PRIVATE KEY-----\n  ${KEY}\n  -----END PRIVATE KEY-----\nb: 1`,
    );
    expect(text).not.toContain(KEY);
    expect(JSON.stringify(structured)).not.toContain(KEY);
    expect(text).toContain('b: 1');
  });

  it('is cut between lines, and says how to go on', () => {
    const { text } = render(
      Array.from({ length: 100 }, (_, index) => `line${index}: ${'x'.repeat(40)}`).join('\n'),
      1000,
    );
    expect(text).toMatch(/^shown (\d+) of 100, from the start$/m);
    expect(text).toMatch(/^next: k8s.get\(cursor="row \d+"\)$/m);
    expect(text.length).toBeLessThanOrEqual(1000);
  });

  it('cannot act on a terminal', () => {
    expect(render('a: \u001b[31mred\u001b[0m\u200b').text).toContain('\na: red');
  });
});
