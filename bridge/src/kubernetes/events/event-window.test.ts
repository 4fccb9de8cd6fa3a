import { describe, expect, it } from 'vitest';
import { isWithin } from './event-window.ts';

const now = new Date('2026-11-22T13:02:11Z');

describe('isWithin', () => {
  it('keeps what is as old as the window, and what has no time', () => {
    expect([now.getTime(), now.getTime() + 1, null, now.getTime() - 1].map((last) => isWithin(last, now))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
