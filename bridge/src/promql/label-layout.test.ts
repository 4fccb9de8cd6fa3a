import { describe, expect, it } from 'vitest';
import { bestGrouping, layOutLabels } from './label-layout.ts';

describe('the layout of labels', () => {
  it('says once what all series have, and gives the rest columns', () => {
    const all = [
      { __name__: 'up', job: 'a', pod: 'x' },
      { __name__: 'up', job: 'a', pod: 'y', zone: '1' },
    ];
    const layout = layOutLabels(all, all);
    expect(layout.common).toEqual({ __name__: 'up', job: 'a' });
    expect(layout.columns).toEqual(['pod', 'zone']);
    expect(all.map(layout.cells)).toEqual([
      ['x', null],
      ['y', '1'],
    ]);
    expect(layout.last).toBeNull();
  });

  it('takes for common only what the series that are not shown have as well', () => {
    const all = [{ job: 'a' }, { job: 'b' }];
    expect(layOutLabels(all, all.slice(0, 1))).toMatchObject({ common: {}, columns: ['job'] });
  });

  it('keeps columns for many labels that most series have', () => {
    const all = [1, 2, 3].map((n) => ({ a: `${n}`, b: `${n}`, c: `${n}`, d: `${n}`, e: `${n}`, f: `${n}` }));
    expect(layOutLabels(all, all).columns).toHaveLength(6);
  });

  it('puts many sparse labels into one cell at the end', () => {
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index) => ({ [name]: `v ${index}`, id: `${index}` }));
    const layout = layOutLabels(all, all);
    expect(layout.columns).toEqual([]);
    expect(layout.last?.(all[1] ?? {})).toBe('b="v 1", id=1');
  });

  it('of no series is empty', () => {
    expect(layOutLabels([], [])).toMatchObject({ common: {}, columns: [], last: null });
  });
});

describe('the label to group by', () => {
  const all = Array.from({ length: 100 }, (_, index) => ({
    job: 'a',
    le: `${index % 5}`,
    pod: `p${index}`,
    zone: `z${index % 3}`,
    team: `t${index % 10}`,
  }));

  it('makes the most groups that can be taken in', () => {
    expect(bestGrouping(all, 20)).toEqual({ label: 'team', groups: 10 });
    expect(bestGrouping(all, 5)).toEqual({ label: 'zone', groups: 3 });
    // One for each series would be the same series once more.
    expect(bestGrouping(all, 100)).toEqual({ label: 'team', groups: 10 });
  });

  it('makes the fewest where all make too many', () => {
    expect(bestGrouping(all, 2)).toEqual({ label: 'zone', groups: 3 });
  });

  it('is none where every label is unique or the same', () => {
    const unique = all.map(({ job, pod }) => ({ job, pod }));
    expect(bestGrouping(unique, 20)).toBeNull();
  });
});
