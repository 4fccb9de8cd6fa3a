import { describe, expect, it } from 'vitest';
import { severityFilter, severityRank } from './severity.ts';

describe('severityRank', () => {
  it('knows the words that rules use, whatever their case, and puts strange ones between warning and info', () => {
    const worstFirst = ['critical', 'error', 'Warning', 'sev-7', 'info', 'none'];
    expect(worstFirst.toReversed().sort((a, b) => severityRank(a) - severityRank(b))).toEqual(worstFirst);
    expect(severityRank('PAGE')).toBe(severityRank('critical'));
    expect(severityRank(null)).toBe(severityRank('sev-7'));
  });
});

describe('severityFilter', () => {
  it('takes one or several, letter case aside', () => {
    const wanted = severityFilter('Critical, warning');
    expect(['critical', 'WARNING', 'info', null].filter(wanted)).toEqual(['critical', 'WARNING']);
  });

  it('takes all where nothing is asked, and what has no severity as none', () => {
    expect([null, 'info'].filter(severityFilter(undefined))).toEqual([null, 'info']);
    expect([null, 'none', 'info'].filter(severityFilter('none'))).toEqual([null, 'none']);
  });
});
