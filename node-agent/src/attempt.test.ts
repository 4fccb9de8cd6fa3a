import { describe, expect, it } from 'vitest';
import { attempt, withDeadline } from './attempt.ts';
import { FactError } from './fact-error.ts';

const patient = () => new AbortController().signal;
const never = () => new Promise<never>(() => undefined);

describe('attempt', () => {
  it('keeps a FactError as a value', async () => {
    const error = new FactError('timeout', 'late');
    expect(await attempt(Promise.reject(error))).toEqual({ ok: false, error });
  });

  it('throws a bug on', async () => {
    await expect(attempt(Promise.reject(new TypeError('bug')))).rejects.toThrow('bug');
  });
});

describe('withDeadline', () => {
  it('gives the result', async () => {
    expect(await withDeadline('work', 1000, patient(), async () => 7)).toBe(7);
  });

  it('leaves work behind that does not hear, and tells it', async () => {
    let inner: AbortSignal | undefined;
    const work = withDeadline('work', 20, patient(), (signal) => {
      inner = signal;
      return never();
    });
    await expect(work).rejects.toMatchObject({ reason: 'timeout', message: expect.stringContaining('20 ms') });
    expect(inner?.aborted).toBe(true);
  });

  it('ends with the collection around it, also when that is over already', async () => {
    const outer = new AbortController();
    const work = withDeadline('work', 60_000, outer.signal, never);
    outer.abort();
    await expect(work).rejects.toMatchObject({ reason: 'timeout' });
    await expect(withDeadline('work', 60_000, outer.signal, never)).rejects.toMatchObject({ reason: 'timeout' });
  });
});
