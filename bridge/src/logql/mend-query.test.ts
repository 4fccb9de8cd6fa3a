import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askLoki, queriesOf } from '../../test/loki/ask-loki.ts';
import { shopStreams } from '../../test/loki/seed-streams.ts';
import { ToolError } from '../errors.ts';
import { mendQuery } from './mend-query.ts';

describe('mendQuery', () => {
  it.each([
    ['{namespace="shop"', '{namespace="shop"}'],
    ['{namespace="shop" |= "error"', '{namespace="shop"} |= "error"'],
    ['{namespace=shop, app=~cart.*}', '{namespace="shop", app=~"cart.*"}'],
    ["{namespace='shop'} |= 'it\"s'", '{namespace="shop"} |= "it\\"s"'],
    ['{namespace="shop" app="cart"}', '{namespace="shop", app="cart"}'],
    ['{namespace="shop" and app="cart"}', '{namespace="shop", app="cart"}'],
    ['{app=="cart"}', '{app="cart"}'],
    ['app="cart" |= "x"', '{app="cart"} |= "x"'],
    ['{app="cart"} |= error |~ fail', '{app="cart"} |= "error" |~ "fail"'],
    ['{app="cart"} | = "error"', '{app="cart"} |= "error"'],
    ['{app="cart"} | "error"', '{app="cart"} |= "error"'],
    ['rate({app="cart"})', 'rate({app="cart"} [5m])'],
    [
      'sum by (app) (count_over_time({app="cart"} |= "x (y)"))',
      'sum by (app) (count_over_time({app="cart"} |= "x (y)" [5m]))',
    ],
    ['sum(rate({app="cart"}[5m])', 'sum(rate({app="cart"}[5m]))'],
  ])('%s', (wrong, right) => {
    expect(mendQuery(wrong)).toBe(right);
  });

  it.each([
    '{namespace="shop", app=~"a|b"} |= "x=y, z" | json | status >= 400 | line_format "{{.msg}}"',
    'sum by (app) (rate({namespace="shop"} | logfmt | unwrap ms [5m]))',
    '{a="1"} |= `{"x": "\'"}` != "b" | label_format a=b',
    'topk(3, sum by (app) (rate({a="b"} |= "in (brackets" [1m] offset 1h)))',
  ])('leaves what is right as it is: %s', (right) => {
    expect(mendQuery(right)).toBe(right);
  });

  it.each([
    ['spaces between matchers', `${'a="x"    '.repeat(200)}!`],
    ['more than a query', '{a="x" '.repeat(40_000)],
  ])('does not take forever over %s', (_, text) => {
    expect(mendQuery(text)).toContain('a="x"');
  });

  it('ends on any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]()"\'`=~|!, a0\\\n') }),
        (text) => typeof mendQuery(text) === 'string',
      ),
    );
  });
});

async function refusalOf(logql: string): Promise<{ error: ToolError; queries: string[] }> {
  const { query, seen } = await askLoki(shopStreams());
  const error: unknown = await query(logql).catch((refused: unknown) => refused);
  if (!(error instanceof ToolError)) throw new Error('not refused');
  return { error, queries: queriesOf(seen) };
}

describe('a query that Loki cannot read', () => {
  it('comes with one that it takes, tried first', async () => {
    const { error, queries } = await refusalOf('{namespace="shop"');
    expect(error).toMatchObject({
      code: 'bad_query',
      message: 'parse error at line 1, col 18: syntax error: unexpected $end, expecting } or ,',
      hint: 'This runs: {namespace="shop"}',
    });
    expect(queries.at(-1)).toBe('{namespace="shop"}');
  });

  it('of matchers that may all be empty is mended as Loki says', async () => {
    expect((await refusalOf('{app=~".*"} |= ".*"')).error.hint).toBe('This runs: {app=~".+"} |= ".*"');
  });

  it('that nobody can guess comes with what stands at the place', async () => {
    expect((await refusalOf('sum(frobnicate({app="cart"}[5m]))')).error.hint).toBe(
      'Column 5 is behind "sum(", at "frobnicate({app=\\"cart\\"}[5m]))".',
    );
  });

  it('and whose mended form is refused as well comes without one', async () => {
    const { error } = await refusalOf('{app=cart} frob');
    expect(error.hint).not.toContain('This runs');
  });

  it('shows no secret of the query', async () => {
    const { error } = await refusalOf('{app="cart"} |= "password=hunter2-of-the-tests" frob frob');
    expect(error.hint ?? '').not.toContain('hunter2');
  });
});
