import { describe, expect, it } from 'vitest';
import { createLineFilter } from './line-filter.ts';

describe('createLineFilter', () => {
  it.each([
    [{ grep: 'timeout' }, ['dial timeout'], 'kept'],
    [{ grep: 'timeout' }, ['dial Timeout'], 'unmatched'],
    [{ grep: '(?i)timeout|refused$' }, ['Connection REFUSED'], 'kept'],
    [{ grep: 'status=5\\d\\d' }, ['a', 'status=503'], 'kept'],
    [{ exclude: 'healthz' }, ['GET /healthz'], 'excluded'],
    [{ grep: 'GET', exclude: '^GET /healthz' }, ['GET /x'], 'kept'],
    [{}, ['anything'], 'kept'],
  ])('%j of %j: %s', (patterns, lines, verdict) => {
    const filter = createLineFilter(patterns);
    expect(filter.test(lines)).toBe(verdict);
    expect(filter.notes).toEqual([]);
  });

  it.each(['[error', 'a(?=b)', '*x'])('takes %j, which is no expression of RE2, as plain text and says so', (grep) => {
    const filter = createLineFilter({ grep });
    expect(filter.test([`x ${grep} y`])).toBe('kept');
    expect(filter.test(['error ab'])).toBe('unmatched');
    expect(filter.notes).toEqual([expect.stringMatching(/^grep was taken as plain text: no RE2 expression, /)]);
  });

  it('ends on expressions that take others forever', () => {
    const line = `${'a'.repeat(200_000)}!`;
    for (const grep of ['(a+)+$', '(a|aa)+$', '(.*a){12}b', '(x+x+)+y']) {
      expect(createLineFilter({ grep }).test([line])).toBe('unmatched');
    }
  });
});
