import { describe, expect, it } from 'vitest';
import { showEntry, showLine, showTime } from './show-entry.ts';

const now = new Date('2026-11-22T13:00:00Z');
const time = '2026-11-22T10:00:00.123456789Z';

describe('showLine', () => {
  it.each([
    [
      '{"level":"error","ts":"2026-11-22T10:00:00.12Z","msg":"payment failed","order":17,"err":"no route"}',
      'error payment failed order=17 err="no route"',
    ],
    ['{"level":30,"time":1795341600123,"msg":"ok","tags":["a"],"empty":""}', 'info ok tags="[\\"a\\"]" empty=""'],
    ['{"ts":1795341600.5,"msg":"ok"}', 'ok'],
    ['{"time":"2026-11-22T11:00:00","msg":"local time"}', 'time=2026-11-22T11:00:00 local time'],
    ['{"order":17}', '{"order":17}'],
    ['{"msg":"cut', '{"msg":"cut'],
    ['2026-11-22T10:00:00.120Z INFO started', 'INFO started'],
    ['2026-11-22 10:00:00,120 INFO started', 'INFO started'],
    ['[2026-11-22 10:00:00 +0000] [7] started', '[7] started'],
    ['time="2026-11-22T10:00:00Z" level=info msg=ok', 'level=info msg=ok'],
    ['2026/11/22 10:00:00 [error] 7#7: x', '[error] 7#7: x'],
    ['2026-11-22T12:00:00.120 INFO in another zone', '2026-11-22T12:00:00.120 INFO in another zone'],
    ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00Z'],
  ])('%j is %j', (line, shown) => {
    expect(showLine(line, time)).toBe(shown);
  });

  it('keeps the time of a line of which the runtime says none', () => {
    expect(showLine('2026-11-22T10:00:00Z x', null)).toBe('2026-11-22T10:00:00Z x');
  });
});

describe('showEntry', () => {
  it('keeps the lines that name exceptions and counts the frames it leaves out', () => {
    const frames = (count: number) => Array.from({ length: count }, (_, index) => `  at a.B.c(B.java:${index})`);
    const lines = ['ERROR boom', 'java.lang.Exception: x', ...frames(30), 'Caused by: y', ...frames(3)];
    expect(showEntry({ time, lines, more: 9 }, now)).toEqual([
      '10:00:00 ERROR boom',
      '  java.lang.Exception: x',
      ...frames(4),
      '  … 24 more lines',
      ...frames(30).slice(-2),
      '  Caused by: y',
      ...frames(3),
      '  … 9 more lines',
    ]);
  });

  it('bounds what has no frames', () => {
    const shown = showEntry(
      { time, lines: ['dump', ...Array.from({ length: 100 }, (_, index) => `k${index}: v`)], more: 0 },
      now,
    );
    expect(shown).toHaveLength(17);
    expect(shown[14]).toBe('  … 85 more lines');
    expect(shown.at(-1)).toBe('  k99: v');
  });

  it('cuts a long line and says by how much', () => {
    expect(showEntry({ time, lines: ['x'.repeat(5000)], more: 0 }, now)).toEqual([
      `10:00:00 ${'x'.repeat(1500)}… (3500 more bytes)`,
    ]);
  });
});

describe('showTime', () => {
  it('says the day where it is another', () => {
    expect(showTime(time, now)).toBe('10:00:00');
    expect(showTime('2026-11-21T23:59:59.9Z', now)).toBe('11-21T23:59:59');
    expect(showTime('2026-11-22T01:00:00+02:00', now)).toBe('11-21T23:00:00');
  });
});
