import { describe, expect, it } from 'vitest';
import { logContainer } from '../../../test/kubernetes-log.ts';
import { logSummary } from './log-summary.ts';
import type { LogReading } from './pod-logs.ts';

function reading(options: Partial<LogReading> = {}): LogReading {
  const { lines = 10 } = options;
  const base = { container: logContainer(), bytes: 0, excluded: 0, lastTime: null, stopped: null, problem: null };
  const newest = Array.from({ length: lines }, () => ({ time: null, lines: ['x'], more: 0 }));
  return { ...base, lines, entries: lines, kept: lines, newest, ...options };
}

const search = { lines: 100, isSearch: true, kinds: null, failed: 0 };
const tail = { lines: 100, isSearch: false, kinds: null, failed: 0 };

describe('logSummary', () => {
  it.each([
    [[], search, 'no log to read'],
    [[reading({ lines: 0 })], tail, 'the log is empty'],
    [[reading({ lines: 0 })], search, 'no lines in this window'],
    [[reading({ lines: 0, stopped: 'time' })], tail, 'no line could be read'],
    [[reading({ lines: 0 }), reading({ lines: 0, problem: 'x' })], search, 'no line could be read'],
    [[reading({ lines: 1 })], tail, '1 line, all there are'],
    [[reading({ stopped: new Error('cut') })], tail, '10 lines, not all there are'],
    [[reading()], { ...tail, failed: 1 }, '10 lines, not all there are'],
    [[reading({ lines: 0 })], { ...tail, failed: 1 }, 'no line could be read'],
    [[reading({ lines: 101 })], tail, 'last 101 lines read, older ones exist'],
    [[reading({ lines: 30, entries: 12, kept: 12 })], search, '30 lines in 12 messages read'],
    [[reading({ kept: 3, excluded: 2 }), reading({ kept: 1 })], search, '20 lines read, 2 excluded, 4 match'],
    [[reading({ kept: 0 })], search, '10 lines read, none match'],
    [
      [reading()],
      { ...search, kinds: { kinds: [], entries: 10, unlisted: 0 } },
      '10 lines read: 0 kinds of lines, errors first',
    ],
  ])('%#: says what was read and nothing more', (readings, shown, summary) => {
    expect(logSummary(readings, shown)).toBe(summary);
  });
});
