import { describe, expect, it } from 'vitest';
import { entriesOf } from './stream-entries.ts';

function read(...lines: readonly string[]) {
  const entries = lines.map((line, index) => ({ time: BigInt(index) * 1_000_000n, line, metadata: {}, parsed: {} }));
  return entriesOf({ labels: {}, entries: entries.toReversed() }, 'backward');
}

describe('entriesOf', () => {
  it('joins a trace that came line by line, newest first, and knows when it began and ended', async () => {
    const [one, two, ...others] = await read(
      'ERROR boom',
      'java.io.IOException: x',
      '\tat a.B.c(B.java:1)',
      'INFO next',
    );
    expect(one).toMatchObject({
      lines: ['ERROR boom', 'java.io.IOException: x', '  at a.B.c(B.java:1)'],
      at: 0n,
      until: 2_000_000n,
    });
    expect(two).toMatchObject({ lines: ['INFO next'], at: 3_000_000n, until: 3_000_000n });
    expect(others).toEqual([]);
  });

  it('keeps together what the collector put together, and drops empty lines', async () => {
    expect((await read('Traceback:\r\n  File "x"\n\nValueError: y\n', '', 'next')).map(({ lines }) => lines)).toEqual([
      ['Traceback:', '  File "x"', 'ValueError: y'],
      ['next'],
    ]);
  });

  it('hides a private key that spans entries, also when it is read backwards', async () => {
    const key = Array.from({ length: 4 }, (_, index) => `MIIE${String(index).repeat(60)}`);
    const found = await read('-----BEGIN RSA PRIVATE KEY-----', ...key, '-----END RSA PRIVATE KEY-----', 'done');
    const text = found.flatMap(({ lines }) => lines).join('\n');
    expect(text).not.toContain('MIIE');
    expect(text).toContain('done');
  });

  it('redacts before it cuts a huge line, and says what is lost', async () => {
    const [entry] = await read(`${'x'.repeat(64 * 1024 - 12)} token=${'s3cr3tToken'.repeat(10)}`);
    expect(entry?.lines[0]).not.toContain('s3cr3t');
    expect(entry?.lines[0]).toMatch(/… \(\d+ more bytes\)$/);
  });

  it('takes the level that Loki found where the line names none', async () => {
    const entry = { time: 1n, line: 'disk full', metadata: { detected_level: 'error' }, parsed: {} };
    expect((await entriesOf({ labels: {}, entries: [entry] }, 'forward'))[0]?.level).toBe('error');
  });
});
