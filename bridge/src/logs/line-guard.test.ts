import { describe, expect, it } from 'vitest';
import { createLineGuard } from './line-guard.ts';

function guarded(...lines: string[]): string[] {
  const guard = createLineGuard();
  return lines.map((text) => guard({ text, lost: 0 }));
}

const KEY_LINE = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDU8yUxkpZYfB3g';
const HIDDEN = '[redacted: private key]';

describe('createLineGuard', () => {
  it('hides the lines of a private key, also after a logger’s own words', () => {
    const lines = guarded(
      'loading',
      '-----BEGIN RSA PRIVATE KEY-----',
      KEY_LINE,
      `2026-11-22 INFO ${KEY_LINE}`,
      'request served in between',
      'c2hvcnQ=',
      '-----END RSA PRIVATE KEY-----',
      'listening',
    );
    expect(lines[1]).toMatch(/^\[redacted:[0-9a-f]{6}\]$/);
    expect(lines.slice(2)).toEqual([HIDDEN, HIDDEN, 'request served in between', HIDDEN, HIDDEN, 'listening']);
  });

  it('hides what is left of a key where the log is read from its middle, and no ordinary word', () => {
    expect(guarded(KEY_LINE, KEY_LINE, '-----END PRIVATE KEY-----', 'ready')).toEqual([
      HIDDEN,
      HIDDEN,
      HIDDEN,
      'ready',
    ]);
    expect(guarded('Starting', 'ok', KEY_LINE)).toEqual(['Starting', 'ok', KEY_LINE]);
  });

  it('shows a log again when a key never ends', () => {
    const lines = guarded('-----BEGIN PRIVATE KEY-----', ...Array.from({ length: 500 }, () => KEY_LINE));
    expect(lines.slice(1, 400)).toEqual(Array.from({ length: 399 }, () => HIDDEN));
    expect(lines.at(-1)).toBe(KEY_LINE);
  });

  it('redacts before anything is cut: a key in a line of which the rest was not held', () => {
    const guard = createLineGuard();
    const line = guard({ text: `{"a":1,"password":"${'hunter2'.repeat(1000)}`, lost: 5_000_000 });
    expect(line).toMatch(/^\{"a":1,"password":"\[redacted:[0-9a-f]{6}\]… \(5000000 more bytes\)$/);
  });

  it('finds a credential that colours hide', () => {
    expect(guarded('x', '\u001b[1mpass\u001b[0mword=\u001b[31mhunter22\u001b[0m')[1]).toMatch(/^password=\[redacted:/);
  });

  it.each([
    ['JSON', ['{', '  "name": "DB_PASSWORD",', '  "value": "pl4in-w0rd",', '}']],
    ['YAML', ['env:', '- name: DB_PASSWORD', '  value: pl4in-w0rd', '- name: LOG_LEVEL']],
    ['a block', ['password: |', '  pl4in-w0rd', '  pl4in-w0rd', 'user: app']],
    ['a field', ['  "password":', '    "pl4in-w0rd",', '  "user": "app"']],
  ])('finds a credential on the line after its name, in %s', (_, lines) => {
    const shown = guarded(...lines);
    expect(shown.join('\n')).not.toContain('pl4in-w0rd');
    expect(shown.at(-1)).toBe(lines.at(-1));
    expect(shown[0]).toBe(lines[0]);
  });

  it.each([
    ['- name: LOG_LEVEL', '  value: debug'],
    ['Enter password:', 'Starting the server'],
    ['password:', '  is missing'],
    ['panic: token:', '  at main.go:3'],
  ])('leaves what follows %j', (first, second) => {
    expect(guarded(first, second)).toEqual([first, second]);
  });

  it('keeps indentation and nothing invisible', () => {
    expect(guarded('\tat x.Y', '   two  words \u0000\u200b', '\u0007')).toEqual(['  at x.Y', '   two words', '']);
  });
});
