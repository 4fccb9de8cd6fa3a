import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillVariables, isBlankQuery, unclosedQuote, variablesOf } from './query-variables.ts';

const namesIn = (query: string) => variablesOf(query).map(({ name, place, line }) => [name, place, line]);

describe('variablesOf', () => {
  it.each([
    ['up{job=~"$job"}', [['job', 'string', 1]]],
    ['rate(x[$range])', [['range', 'duration', 1]]],
    ['rate(x[ $range:1m])', [['range', 'duration', 1]]],
    ['sum(\n  x{a="1"}\n) > $limit', [['limit', 'elsewhere', 3]]],
    ['x{a=~"^b$|$c$"}', [['c', 'string', 1]]],
    ['{a="b"} | line_format `{{ $x := .y }}`', []],
    ["x{a='$job'}", []],
    ['x # $job', []],
    [
      'x{a="# $b", c="\\"$d"}',
      [
        ['b', 'string', 1],
        ['d', 'string', 1],
      ],
    ],
    ['x{a="#"} # "$b"\n + y{c="$d"}', [['d', 'string', 2]]],
  ])('finds those of %s', (query, expected) => {
    expect(namesIn(query)).toEqual(expected);
  });

  it('knows a quote that nothing closes, and its line', () => {
    expect(unclosedQuote('x\n{a="b}')).toBe(2);
    expect(unclosedQuote('{a="b"} |~ `x\ny')).toBe(1);
    expect(unclosedQuote('{a="b"} |~ `x\ny` # it\'s')).toBeNull();
  });

  it('takes comments for no query', () => {
    expect(isBlankQuery('# up\n\n  # "\n')).toBe(true);
    expect(isBlankQuery('# up\nup')).toBe(false);
  });
});

describe('fillVariables', () => {
  const fill = (query: string, values: Record<string, string>) => fillVariables(query, new Map(Object.entries(values)));

  it('leaves what is not its own as it is', () => {
    expect(fill('x{a=~"^$b$|$c"} # $b', { b: 'B' })).toBe('x{a=~"^B$|$c"} # $b');
  });

  it('does not fill what a value brings', () => {
    expect(fill('x{a="$a",b="$b"}', { a: '$b', b: '$a' })).toBe('x{a="$b",b="$a"}');
  });

  it('never lets a value out of its string', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '`', "'", '}', '#', '$a', 'b', ' or ') }), (value) => {
        const filled = fill('x{a=~"$a"} + y', { a: value });
        const literal = /^x\{a=~("(?:[^"\\]|\\.)*")\} \+ y$/.exec(filled)?.[1];
        expect(JSON.parse(literal ?? 'null')).toBe(value);
      }),
    );
  });
});
