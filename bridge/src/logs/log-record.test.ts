import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gravity, LEVELS } from './log-level.ts';
import { levelOf, parseRecord } from './log-record.ts';

describe('parseRecord', () => {
  it('tells level, time and message of JSON from its other fields', () => {
    expect(parseRecord('{"level":"warning","ts":17.5,"msg":"slow","rows":3,"of":{"a":[1]},"err":null}')).toEqual({
      level: 'warn',
      time: '17.5',
      message: 'slow',
      fields: [
        ['rows', '3'],
        ['of', '{"a":[1]}'],
        ['err', 'null'],
      ],
    });
  });

  it('keeps a field whose name is taken by a better one', () => {
    expect(parseRecord('{"msg":"a","message":"b","level":30,"event":7}')).toEqual({
      level: 'info',
      time: null,
      message: 'a',
      fields: [
        ['message', 'b'],
        ['event', '7'],
      ],
    });
  });

  it('reads logfmt with quotes', () => {
    expect(parseRecord('ts=1 level=error msg="a \\"b\\" c=d" err="x: y" empty=')).toEqual({
      level: 'error',
      time: '1',
      message: 'a "b" c=d',
      fields: [
        ['err', 'x: y'],
        ['empty', ''],
      ],
    });
  });

  it.each(['', 'plain text', 'a=b', '{', '{"a":', '[1,2]', '"text"', 'x=1 and more', 'msg="open', 'null', '{}x'])(
    'finds no record in %j',
    (line) => {
      expect(parseRecord(line)).toBeNull();
    },
  );

  it('takes any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((text) => `a=${text}`),
        ),
        (text) => {
          expect(gravity(levelOf(text))).toBeLessThanOrEqual(LEVELS.length);
        },
      ),
    );
  });
});

describe('levelOf', () => {
  it.each([
    ['2026-11-22 10:00:00,1 ERROR [main] boom', 'error'],
    ['[WARN] low disk', 'warn'],
    ['[error] 7#7: *1 connect() failed', 'error'],
    ['W1122 10:00:00.000001       1 reflector.go:5] watch ended', 'warn'],
    ['error: no such file', 'error'],
    ['panic: runtime error', 'fatal'],
    ['Exception in thread "main" java.lang.NullPointerException', 'error'],
    ['Traceback (most recent call last):', 'error'],
    ['{"severity":"CRITICAL","message":"x"}', 'fatal'],
    ['{"level":60,"msg":"x"}', 'fatal'],
    ['{"msg":"ERROR: x"}', 'error'],
    ['1.2.3.4 - - [22/Nov/2026:10:00:00 +0000] "GET /error HTTP/1.1" 502 12 "-" "x"', 'error'],
    ['1.2.3.4 - - [22/Nov/2026:10:00:00 +0000] "GET /error HTTP/1.1" 200 12 "-" "x"', null],
    ['no errors found', null],
    ['errors=0', null],
    ['handled ErrorPage', null],
    ['', null],
  ])('of %j is %s', (line, level) => {
    expect(levelOf(line)).toBe(level);
  });
});
