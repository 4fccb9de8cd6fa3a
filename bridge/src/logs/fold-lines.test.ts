import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFolder } from './fold-lines.ts';

const entry = (text: string, second = 0) => ({
  time: new Date(Date.UTC(2026, 10, 22, 10, 0, second)).toISOString(),
  lines: [text],
  more: 0,
});

describe('createFolder', () => {
  it('counts what differs in ids only, errors and warnings first, of each the newest first', () => {
    const folder = createFolder();
    for (let index = 0; index < 50; index += 1) folder.add(entry(`INFO request ${index} took ${index}ms`, index), 'a');
    folder.add(entry('WARN disk at 91%', 3), 'b');
    folder.add(entry('ERROR payment 17 failed', 1), 'a');
    folder.add(entry('ERROR ledger is gone', 2), 'a');
    folder.add(entry('ERROR payment 18 failed', 9), 'b');
    const { kinds, entries, unlisted } = folder.folded();
    expect({ entries, unlisted }).toEqual({ entries: 54, unlisted: 0 });
    expect(kinds.map(({ count, level, template }) => [count, level, template])).toEqual([
      [2, 'error', 'ERROR payment <n> failed'],
      [1, 'error', 'ERROR ledger is gone'],
      [1, 'warn', 'WARN disk at <n>%'],
      [50, 'info', 'INFO request <n> took <dur>'],
    ]);
    expect(kinds[0]).toMatchObject({
      first: '2026-11-22T10:00:01.000Z',
      last: '2026-11-22T10:00:09.000Z',
      sample: { lines: ['ERROR payment 17 failed'] },
      sources: new Set(['a', 'b']),
    });
  });

  it('takes traces for one kind by their exception, not by their frames', () => {
    const folder = createFolder();
    for (const frame of ['a', 'b'])
      folder.add(
        { time: null, lines: ['ERROR boom', 'java.io.IOException: disk full', `  at ${frame}.X(X.java:1)`], more: 0 },
        's',
      );
    folder.add({ time: null, lines: ['ERROR boom', 'java.io.IOException: no route'], more: 0 }, 's');
    expect(folder.folded().kinds.map((kind) => kind.count)).toEqual([2, 1]);
  });

  it('stays small when every line is of another kind, keeps the errors, and loses no count', () => {
    const folder = createFolder(100);
    const word = (index: number) => [...String(index)].map((digit) => 'ghijkmopqu'[Number(digit)]).join('');
    folder.add(entry('ERROR the one that matters'), 'a');
    for (let index = 0; index < 5000; index += 1) folder.add(entry(`INFO ${word(index)} happened`), 'a');
    const { kinds, entries, unlisted } = folder.folded();
    expect(kinds.length).toBeLessThanOrEqual(100);
    expect(kinds[0]?.template).toBe('ERROR the one that matters');
    expect(kinds.reduce((sum, kind) => sum + kind.count, 0) + unlisted).toBe(entries);
  });

  it('gives the same whatever order the logs come in', () => {
    const lines = ['ERROR a 1', 'ERROR b 2', 'WARN c', 'd', 'e', 'INFO f'];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          lines.map((line, index) => entry(line, index)),
          { minLength: 6 },
        ),
        (entries) => {
          const folder = createFolder();
          for (const each of entries) folder.add(each, 's');
          expect(folder.folded().kinds.map((kind) => kind.template)).toEqual([
            'ERROR b <n>',
            'ERROR a <n>',
            'WARN c',
            'INFO f',
            'e',
            'd',
          ]);
        },
      ),
    );
  });
});
