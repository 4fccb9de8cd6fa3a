import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outline, selectorText } from './expression-outline.ts';

const selectorsOf = (expr: string) => outline(expr).selectors.map((selector) => selectorText(selector));

describe('the selectors of an expression', () => {
  it.each<[string, string[]]>([
    ['up', ['up']],
    ['up{job="a", instance!~"b.*"}', ['up{job="a",instance!~"b.*"}']],
    ['{job="a"}', ['{job="a"}']],
    ['{__name__="up",job="a"}', ['up{job="a"}']],
    ['{"http.requests", code="500"}', ['{__name__="http.requests",code="500"}']],
    ['sum by (job, le) (rate(a_total{x="1"}[5m])) / on(job) group_left(team) b', ['a_total{x="1"}', 'b']],
    ['sum(a) without (b) > bool 3 and c or d unless e', ['a', 'c', 'd', 'e']],
    ['max_over_time(rate(a[5m])[1h:1m]) * 1e3 + 0x1f - Inf', ['a']],
    ['label_replace(a, "x", "$1", "y", "(.*)")', ['a']],
    ['a # b{c="d"}\n+ e', ['a', 'e']],
    ['a{x="}",y=\'{"\',z=`"`}', ['a{x="}",y=\'{"\',z=`"`}']],
    ['job:rate:5m > 2', ['job:rate:5m']],
    ['1 + time()', []],
    ['"text"', []],
    ['topk(3, quantile by (x) (0.9, y))', ['y']],
  ])('%s', (expr, expected) => {
    expect(selectorsOf(expr)).toEqual(expected);
  });

  it('have their window, their shift in time and their place', () => {
    const [first, second, third] = outline('rate(a[1h30m] offset -5m) + b{} @ 1700000000 offset 1d - c').selectors;
    expect(first).toMatchObject({ window: '1h30m', shift: ' offset -5m', start: 5, end: 6 });
    expect(second).toMatchObject({ window: null, shift: ' @ 1700000000 offset 1d' });
    expect(third).toMatchObject({ metric: 'c', shift: '' });
  });

  it('have the text of their matchers unquoted', () => {
    const [selector] = outline(String.raw`a{b="say \"hi\" \\d"}`).selectors;
    expect(selector?.matchers).toEqual([
      { label: 'b', operator: '=', value: String.raw`say "hi" \d`, text: String.raw`b="say \"hi\" \\d"` },
    ]);
  });

  it('can be written without one matcher', () => {
    const [selector] = outline('a{b="1",c="2"}').selectors;
    expect(selector === undefined ? '' : selectorText(selector, 0)).toBe('a{c="2"}');
  });
});

describe('the stretches of time in an expression', () => {
  it.each<[string, [string, string | null][]]>([
    ['rate(a[5m])', [['5m', null]]],
    [
      'max_over_time(rate(a[5m])[1h30m:1m])',
      [
        ['5m', null],
        ['1h30m', '1m'],
      ],
    ],
    ['a[1h:]', [['1h', '']]],
    ['a[1h : 30s]', [['1h', '30s']]],
    ['a{b="[5m]"}', []],
    ['a[', []],
    ['a[b]', []],
  ])('%s', (expr, expected) => {
    const { stretches } = outline(expr);
    expect(stretches.map(({ window, resolution }) => [window, resolution])).toEqual(expected);
    for (const { window, start, end } of stretches) expect(expr.slice(start, end)).toBe(window);
  });
});

describe('an expression that is one selector', () => {
  it.each(['up', ' up{a="b"}[5m] offset 5m # x', '{a="b"}', 'up @ 12 offset -1d'])('is %s', (expr) => {
    const { only, selectors } = outline(expr);
    expect(only).not.toBeNull();
    expect(only).toBe(selectors[0]);
  });

  it.each(['sum(up)', '-up', 'up + 1', 'up offset -5m + 1', '1', ''])('is not %j', (expr) => {
    expect(outline(expr).only).toBeNull();
  });
});

describe('what is around an expression', () => {
  it.each<[string, string | null]>([
    ['topk(3, a)', 'topk'],
    ['((sort_desc(a)))', 'sort_desc'],
    ['sum by (x) (a)', 'sum'],
    ['bottomk(2, a) by (x)', 'bottomk'],
    ['topk(3, a) / b', null],
    ['topk(3, a) + topk(3, b)', null],
    ['(sort(a)) / (b)', null],
    ['a', null],
    ['', null],
  ])('%s: %s', (expr, expected) => {
    expect(outline(expr).outermost).toBe(expected);
  });
});

describe('the text of an expression', () => {
  it('can stand inside another: no comment, no line break', () => {
    expect(outline('sum( # all of them\n  a{b="# not one"} # end').text).toBe('sum( a{b="# not one"}');
  });
});

describe('any text', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...['up', 'sum', 'by', 'offset', '@', '(', ')', '{', '}', '[', ']', ',', '"', '`', '=', '=~', '#', '\n', '5m'],
      ),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 40 },
  );

  it('has an outline', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const expr = parts.join(' ');
        for (const { start, end } of outline(expr).selectors) {
          expect(start).toBeLessThanOrEqual(end);
          expect(end).toBeLessThanOrEqual(expr.length);
        }
      }),
    );
  });

  it.each(['(', '{', '[', '"', 'sum by (', 'a{b="c",'])('of 16,000 times %j is read to its end', (piece) => {
    const { text } = outline(piece.repeat(16_000 / piece.length));
    expect(text.length).toBeGreaterThan(15_000);
  });
});
