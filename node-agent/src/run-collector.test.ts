import { describe, expect, it } from 'vitest';
import { FactError } from './fact-error.ts';
import { runCollector } from './run-collector.ts';

const bugs: [string, unknown][] = [];
const onBug = (name: string, error: unknown) => void bugs.push([name, error]);

describe('runCollector', () => {
  it('answers ok with source, total and data', async () => {
    const look = async () => ({ data: { a: 1 }, source: 'file:/x', total: 3, truncated: true });
    const envelope = await runCollector({ name: 'os', timeoutMs: 1000, look }, onBug);
    expect(envelope).toMatchObject({
      status: 'ok',
      reason: null,
      source: 'file:/x',
      total: 3,
      truncated: true,
      missing: [],
      data: { a: 1 },
    });
    expect(Math.abs(Date.now() - Date.parse(envelope.collectedAt))).toBeLessThan(5000);
  });

  it('is partial when something is missing, and the reason is the first one', async () => {
    const missing = [{ what: '/x', reason: 'permission_denied' as const, detail: 'EACCES' }];
    const envelope = await runCollector(
      { name: 'os', timeoutMs: 1000, look: async () => ({ data: 1, source: '', missing }) },
      onBug,
    );
    expect(envelope).toMatchObject({ status: 'partial', reason: 'permission_denied', missing, data: 1 });
  });

  it('tells why it could not look, with the hint', async () => {
    const look = () => Promise.reject(new FactError('unreachable', 'no bus', { hint: 'Start it.' }));
    expect(await runCollector({ name: 'systemd', timeoutMs: 1000, look }, onBug)).toMatchObject({
      status: 'unavailable',
      reason: 'unreachable',
      hint: 'Start it.',
      missing: [{ what: 'systemd', reason: 'unreachable', detail: 'no bus' }],
      data: null,
    });
  });

  it('ends with timeout although the collector does not, and aborts its signal', async () => {
    let signal: AbortSignal | undefined;
    const look = (given: AbortSignal) => {
      signal = given;
      return new Promise<never>(() => undefined);
    };
    expect(await runCollector({ name: 'x', timeoutMs: 20, look }, onBug)).toMatchObject({
      status: 'unavailable',
      reason: 'timeout',
    });
    expect(signal?.aborted).toBe(true);
  });

  it.each([
    [async () => Promise.reject(new TypeError('secret detail'))],
    [
      () => {
        throw new TypeError('secret detail');
      },
    ],
  ])('keeps the details of a bug out of the answer', async (look) => {
    const envelope = await runCollector({ name: 'x', timeoutMs: 1000, look }, onBug);
    expect(envelope).toMatchObject({ status: 'unavailable', reason: 'internal_error' });
    expect(JSON.stringify(envelope)).not.toContain('secret');
    expect(bugs.at(-1)).toEqual(['x', expect.any(TypeError)]);
  });

  it('what a look left behind is told to end with it', async () => {
    const given: AbortSignal[] = [];
    const look = async (signal: AbortSignal) => {
      given.push(signal);
      expect(signal.aborted).toBe(false);
      return { data: 1, source: 'test' };
    };
    await runCollector({ name: 'certificates', timeoutMs: 1000, look }, () => undefined);
    expect(given.map((signal) => signal.aborted)).toEqual([true]);
  });
});
