import { expect, it } from 'vitest';
import { RECOGNIZABLE } from '../test/secret-corpus.ts';
import { safeText } from './safe-text.ts';

it.each([
  ['a colour within its name', 'login: pass\u001b[0mword=pl4in-w0rd'],
  ['a colour before the value', 'login: password=\u001b[31mpl4in-w0rd\u001b[0m'],
  ['a character without width', 'login: passw\u200bord: pl4in-w0rd'],
  ['a change of direction', 'login: pa\u202essword=pl4in-w0rd'],
])('finds a credential in spite of %s', (_, text) => {
  expect(safeText(text)).toMatch(/^login: password[=:] ?\[redacted:[0-9a-f]{6}\]$/);
});

it.each(RECOGNIZABLE)('shows no %s', (_, text, secret) => {
  for (const line of secret.split('\n')) expect(safeText(`before\n${text}\nafter`)).not.toContain(line);
});

it('leaves the same after a second look', () => {
  const once = safeText('user=app password=pl4in-w0rd\n\u001b[1mdone');
  expect(safeText(once)).toBe(once);
});
