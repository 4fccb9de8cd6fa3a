import { describe, expect, it } from 'vitest';
import { ToolError } from '../errors.ts';
import { aside } from './aside.ts';

const { signal } = new AbortController();
const forever = () => new Promise<never>(() => undefined);

describe('a question beside the point', () => {
  it('has its answer', async () => {
    expect(await aside(5000, signal, async () => 7)).toBe(7);
  });

  it('has none where the upstream fails or is late, and is then told to stop', async () => {
    expect(await aside(5000, signal, () => Promise.reject(new ToolError('unreachable', 'gone')))).toBeNull();
    let asked: AbortSignal | null = null;
    const late = aside(1, signal, (inner) => {
      asked = inner;
      return forever();
    });
    expect(await late).toBeNull();
    expect(asked).toMatchObject({ aborted: true });
  });

  it('does not hide a bug, nor that the call itself has ended', async () => {
    await expect(aside(5000, signal, () => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug');
    const caller = new AbortController();
    const ended = aside(5000, caller.signal, forever);
    caller.abort();
    await expect(ended).rejects.toBeInstanceOf(ToolError);
  });
});
