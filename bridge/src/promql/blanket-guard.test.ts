import { describe, expect, it } from 'vitest';
import { refuseBlanketSelectors } from './blanket-guard.ts';
import { outline } from './expression-outline.ts';

describe('the guard against blanket selectors', () => {
  it.each([
    '{__name__=~".+"}',
    '{__name__=~".*"}',
    '{__name__=~"(.+)"}',
    '{__name__=~"[a-zA-Z_].*|.*", job!="x"}',
    'count({__name__!=""})',
    'topk(10, count by (__name__) ({job=~".+"}))',
    '{}',
    '{ }',
    '{job=""}',
    '{job=~"(?i).*"}',
    'up + {instance!~"a.*"}',
  ])('refuses %s and names a query that runs', (expr) => {
    expect(() => refuseBlanketSelectors(outline(expr))).toThrow(
      expect.objectContaining({ code: 'too_large', hint: expect.stringContaining('topk(20, scrape_samples_scraped)') }),
    );
  });

  it.each([
    'up',
    'up{job=~".+"}',
    '{job="node"}',
    '{__name__=~"node_.+"}',
    '{__name__=~".+", job="node"}',
    // Of JavaScript's own expressions this one would keep the bridge busy for years.
    `{job=~"(${'.|'.repeat(20)}.)*!"}`,
    '{job=~"(?i)NODE"}',
    '{__name__=~".+_total"}',
    '{"http.requests"}',
    'sum(rate(a[5m])) by (b)',
    // What is no selector, or no regular expression, is for Prometheus to refuse in its own words.
    '{job=}',
    '{job=~"("}',
    'up{',
    '',
  ])('lets %s pass', (expr) => {
    expect(() => refuseBlanketSelectors(outline(expr))).not.toThrow();
  });
});
