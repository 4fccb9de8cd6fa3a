import { describe, expect, it } from 'vitest';
import { describeTotals } from './event-totals.ts';
import type { TemplatedEvent } from './fold-events.ts';

const event = (type: string, reason: string, count = 1): TemplatedEvent => ({
  namespace: null,
  group: '',
  kind: 'Pod',
  name: 'web',
  type,
  reason,
  message: '',
  template: '',
  first: 0,
  last: 0,
  count,
});

describe('describeTotals', () => {
  it.each([
    [[event('Normal', 'Pulled')], '1 event, no warnings: Pulled ×1'],
    [[event('Warning', 'Failed', 1_234_567)], '1 event seen 1,234,567 times, all warnings: Failed ×1,234,567'],
    [[event('Warning', 'Failed'), event('Normal', 'Pulled', 9)], '2 events seen 10 times, 1 warning: Failed ×1'],
    [
      'abcdefg'.split('').map((reason, index) => event('Warning', reason, index + 1)),
      '7 events seen 28 times, all warnings: g ×7, f ×6, e ×5, d ×4, c ×3 and 2 more',
    ],
    [[event('', '')], '1 event, no warnings: - ×1'],
  ])('counts events, times and reasons', (events, said) => {
    expect(describeTotals(events)).toBe(said);
  });
});
