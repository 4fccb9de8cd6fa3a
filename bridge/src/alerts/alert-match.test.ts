import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolError } from '../errors.ts';
import { parseMatch } from './alert-match.ts';

const ALERTS = [
  {
    labels: { alertname: 'TargetDown', namespace: 'shop', job: 'cart' },
    annotations: { summary: 'Targets are gone.' },
  },
  { labels: { alertname: 'TargetDownLong', namespace: 'payments', pod: 'ledger-0' }, annotations: {} },
  { labels: { alertname: 'Quoted', path: 'a"b\\c, d' }, annotations: {} },
];
const NAMES = new Set(ALERTS.map(({ labels }) => labels.alertname));

const matched = (text: string) => ALERTS.filter(parseMatch(text, NAMES)).map(({ labels }) => labels.alertname);

describe('parseMatch', () => {
  it.each([
    ['TargetDown', ['TargetDown']],
    [' targetdown ', ['TargetDown']],
    ['down', ['TargetDown', 'TargetDownLong']],
    ['GONE shop', ['TargetDown']],
    ['shop nowhere', []],
    ['namespace="shop"', ['TargetDown']],
    ['namespace=shop', ['TargetDown']],
    ["{namespace='shop',job!=cart}", []],
    ['TargetDown{namespace="shop"}', ['TargetDown']],
    ['TargetDown{}', ['TargetDown']],
    ['namespace=~"shop|payments", pod!="ledger-1"', ['TargetDown', 'TargetDownLong']],
    ['alertname=~"Target.*",namespace!~"sh.+"', ['TargetDownLong']],
    // Whole values only, as in Prometheus.
    ['namespace=~"sho"', []],
    // What is absent is empty.
    ['namespace=""', ['Quoted']],
    ['pod!~".+"', ['TargetDown', 'Quoted']],
    ['path="a\\"b\\\\c, d"', ['Quoted']],
  ])('%s', (text, names) => {
    expect(matched(text)).toEqual(names);
  });

  it.each([
    ['namespace="shop', 'no label matcher at "namespace=\\"shop"'],
    ['{namespace=}', 'no label matcher at "namespace="'],
    ['job="cart" and namespace="shop"', 'no label matcher at'],
    ['job=~"(cart"', '"(cart" is no regular expression'],
  ])('refuses %s with a word on what is wrong', (text, words) => {
    expect(() => matched(text)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    expect(() => matched(text)).toThrow(words);
  });

  it('finds each label by its own value, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const matches = parseMatch(`x="${value.replace(/["\\]/g, '\\$&')}"`, NAMES);
        expect(matches({ labels: { alertname: 'A', x: value }, annotations: {} })).toBe(true);
        expect(matches({ labels: { alertname: 'A', x: `${value}.` }, annotations: {} })).toBe(false);
      }),
    );
  });

  it('takes any text or refuses it, and comes to an end', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a="~!{}(|*)\\\' ,`') }), (text) => {
        try {
          parseMatch(text, NAMES)({ labels: { alertname: 'a'.repeat(5000) }, annotations: {} });
        } catch (error) {
          expect(error).toBeInstanceOf(ToolError);
        }
      }),
    );
  });
});
