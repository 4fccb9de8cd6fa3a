import { describe, expect, it } from 'vitest';
import { kubernetesWithLog, logContainer } from '../../../test/kubernetes-log.ts';
import { ToolError } from '../../errors.ts';
import { createLineFilter } from '../../logs/line-filter.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';
import { readPodLogs } from './read-pod-logs.ts';

const containers = Array.from({ length: 20 }, (_, index) => logContainer({ name: `c${index}` }));

function readAll(log: Kubernetes['log'], options: { patienceMs?: number; previous?: boolean } = {}, of = containers) {
  const { signal } = new AbortController();
  const plan = { lines: 10, since: null, previous: false, isSearch: true, now: new Date() };
  const work = { filter: createLineFilter({}), isFolded: true, labelOf: ({ name }: { name: string }) => name };
  return readPodLogs(kubernetesWithLog(log), of, { ...plan, ...work, ...options }, signal);
}

const hello = () => Buffer.from('2026-11-22T10:00:00Z hello\n');

describe('readPodLogs', () => {
  it('reads eight logs at once and keeps them in order', async () => {
    let open = 0;
    let most = 0;
    const { readings, folded } = await readAll(async function* () {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      yield hello();
      open -= 1;
    });
    expect(most).toBe(8);
    expect(readings.map(({ container }) => container)).toEqual(containers);
    expect(folded?.kinds.map(({ count, sources }) => [count, sources.size])).toEqual([[20, 20]]);
  });

  it('loses no log to another that fails or never answers', async () => {
    const { readings, failures } = await readAll(
      async function* (_, { container }) {
        if (container === 'c3') throw new ToolError('denied', 'no');
        yield hello();
        if (container === 'c5') await new Promise(() => {});
      },
      { patienceMs: 50 },
    );
    expect(failures.map(({ container, error }) => [container.name, error.code])).toEqual([['c3', 'denied']]);
    expect(readings.map(({ lines }) => lines)).toEqual(Array.from({ length: 19 }, () => 1));
    expect(readings.filter(({ stopped }) => stopped === 'time').map(({ container }) => container.name)).toContain('c5');
  });

  it('throws when nothing could be read, and bugs always', async () => {
    const fail =
      (error: Error): Kubernetes['log'] =>
      () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
      });
    await expect(readAll(fail(new ToolError('denied', 'no')))).rejects.toMatchObject({ code: 'denied' });
    await expect(readAll(fail(new TypeError('a bug')))).rejects.toThrow('a bug');
  });

  it('asks no container that has no log', async () => {
    const waiting = logContainer({ name: 'w', waiting: 'ImagePullBackOff' });
    const { silent, readings } = await readAll(() => expect.unreachable(), {}, [waiting]);
    expect(readings).toEqual([]);
    expect(silent).toEqual([{ container: waiting, reason: 'no log yet, waiting to start: ImagePullBackOff' }]);
    const fresh = await readAll(() => expect.unreachable(), { previous: true }, [logContainer()]);
    expect(fresh.silent.map(({ reason }) => reason)).toEqual(['never restarted, so there is no previous log']);
  });
});
