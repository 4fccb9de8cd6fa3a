import { describe, expect, it } from 'vitest';
import { ToolError } from '../errors.ts';
import { withPlace } from './error-place.ts';

const hintOf = (message: string, expr: string) => withPlace(new ToolError('bad_query', message), expr).hint;

describe('the place of a syntax error', () => {
  it.each([
    ['1:6: parse error: expected type range vector', 'rate(up)', '1:6 is behind "rate(", at "up)".'],
    ['invalid parameter "query": 1:4: parse error: unexpected end', 'up{', '1:4 is behind "up{", at the end.'],
    ['2:3: parse error: no', 'sum(\n  up}', '2:3 is behind "  ", at "up}".'],
    ['1:12: parse error: no', 'up{a="ü"} + )', '1:12 is behind "up{a=\\"ü\\"} ", at "+ )".'],
  ])('%s in %j', (message, expr, hint) => {
    expect(hintOf(message, expr)).toBe(hint);
  });

  it.each([
    ['1:1: parse error: unknown function', 'foo(up)'],
    ['3:9: parse error: no such line', 'up'],
    ['1:900: parse error: no such column', 'up'],
    ['found duplicate series for the match group', 'a + b'],
  ])('is not said for %s', (message, expr) => {
    expect(hintOf(message, expr)).toBeNull();
  });

  it('has only what is near, and no secret in it', () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const long = `${'a + '.repeat(100)}b{x="${secret}"} }`;
    const hint = hintOf('1:401: parse error: no', long);
    expect(hint?.length).toBeLessThan(120);
    expect(hint).not.toContain('ghp_');
  });
});
