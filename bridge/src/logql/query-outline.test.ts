import { describe, expect, it } from 'vitest';
import { exactly, outlineQuery, withMatchers } from './query-outline.ts';

describe('outlineQuery', () => {
  it.each([
    ['{app="cart"}', 'lines', false, 0, 1],
    ['  ({app="cart"} | json)', 'lines', false, 0, 1],
    ['# a comment {x="y"}\n{app="cart"} |= "a | b = c"', 'lines', true, 0, 1],
    ['{app="cart"} | json | line_format "{{.msg}} = {{.x}}"', 'lines', false, 0, 1],
    ['{app="cart"} | logfmt | ms > 10', 'lines', true, 0, 1],
    ['{app="cart"} != `x`', 'lines', true, 0, 1],
    ['sum by (app) (rate({app=~".+"} |= "{" [5m]))', 'numbers', true, 300, 1],
    ['sum(rate({a="b"}[1h] offset 1d)) / sum(rate({c="d"} | json [2h]))', 'numbers', true, 93_600, 2],
    ['vector(1)', 'numbers', false, 0, 0],
    ['', 'numbers', false, 0, 0],
  ])('%s', (logql, type, hasFilter, lookback, selectors) => {
    const query = outlineQuery(logql);
    expect({ ...query, selectors: query.selectors.length }).toMatchObject({ type, lookback, selectors });
    if (type === 'lines') expect(query.hasFilter).toBe(hasFilter);
  });

  it('is one line, without comments', () => {
    expect(outlineQuery('{a="b"} # all\n |= "x"').text).toBe('{a="b"} |= "x"');
  });
});

describe('withMatchers', () => {
  it.each([
    ['{a="b"} |= "x"', '{a="b", c="d"} |= "x"'],
    ['rate({a="b" , }[5m])', 'rate({a="b", c="d"}[5m])'],
    ['{} |= "}"', '{c="d"} |= "}"'],
    ['vector(1)', 'vector(1)'],
  ])('%s', (logql, narrower) => {
    expect(withMatchers(outlineQuery(logql), 0, exactly('c', 'd'))).toBe(narrower);
  });

  it('escapes what would end the string', () => {
    expect(exactly('path', 'C:\\"x"')).toBe('path="C:\\\\\\"x\\""');
  });
});
