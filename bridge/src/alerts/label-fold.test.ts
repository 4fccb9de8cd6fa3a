import { describe, expect, it } from 'vitest';
import { foldLabels, showLabels, tellingLabels } from './label-fold.ts';

const pods = (namespaces: readonly string[]) =>
  namespaces.map((namespace, index) => ({ namespace, pod: `cart-${index}`, job: 'ksm', instance: '10.0.0.1:8080' }));

describe('foldLabels', () => {
  it('has the place first, the most frequent values first, and only the number where each has its own', () => {
    expect(foldLabels(pods(['shop', 'ads', 'batch', 'ads', 'shop', 'shop']), new Set())).toBe(
      'namespace=shop,ads+1;pod=(6)',
    );
  });

  it('says the place also where all are in the same, and nothing else of what they share', () => {
    expect(foldLabels(pods(['shop', 'shop']), new Set())).toBe('namespace=shop;pod=cart-0,cart-1');
  });

  it('has all of a single one, what tells least last, and says how much is left', () => {
    const labels = { job: 'node', instance: 'n1:9100', zone: 'b', mountpoint: '/var', device: 'sda1', uid: '7' };
    expect(foldLabels([labels], new Set(['zone']))).toBe('mountpoint=/var;device=sda1;instance=n1:9100;job=node;+1');
  });

  it('shows a label that one of them lacks', () => {
    expect(foldLabels([{ slo: 'a' }, {}], new Set())).toBe('slo=-,a');
  });

  it('keeps values in one cell and hides secrets before it cuts', () => {
    const token = `ghp_${'a1B2'.repeat(12)}`;
    const shown = foldLabels([{ query: 'a b', url: `https://u:hunter2-secret@x.example/${token}` }], new Set()) ?? '';
    expect(shown).toContain("query='a b'");
    expect(shown).not.toContain('hunter2');
    expect(shown).not.toContain('a1B2');
  });

  it('is null where there is nothing to say', () => {
    expect(foldLabels([{ alertname: 'A' }], new Set(['alertname']))).toBeNull();
    expect(foldLabels([{ job: 'a' }, { job: 'a' }], new Set())).toBeNull();
  });
});

describe('showLabels', () => {
  it('has of one alert what tells it from its like', () => {
    const labels = pods(['shop', 'ads']);
    const names = tellingLabels(labels, new Set());
    expect(labels.map((each) => showLabels(each, names))).toEqual([
      'namespace=shop;pod=cart-0',
      'namespace=ads;pod=cart-1',
    ]);
  });
});
