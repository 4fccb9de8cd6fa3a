import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { kubernetesOf } from '../../../test/kubernetes/connect.ts';
import { kubernetesWithLog, logContainer, logWork } from '../../../test/kubernetes-log.ts';
import { ToolError } from '../../errors.ts';
import { createFolder } from '../../logs/fold-lines.ts';
import { createLineFilter } from '../../logs/line-filter.ts';
import type { Kubernetes, LogOptions } from '../../upstreams/kubernetes.ts';
import { type LogReading, type LogWork, readPodLog } from './pod-logs.ts';

const TIME = '2026-11-22T10:00:00.123456789Z';

async function* chunksOf(...chunks: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

function read(log: () => AsyncIterable<Buffer>, work: Partial<LogWork> = {}): Promise<LogReading> {
  return readPodLog(kubernetesWithLog(log), logContainer(), {}, logWork(work));
}

const textsOf = (reading: LogReading) => reading.newest.map((entry) => entry.lines.join('\n'));

describe('readPodLog', () => {
  it('tells the time from the line, wherever chunks end, with CRLF and without a last line end', async () => {
    const reading = await read(() => chunksOf(`${TIME} one\r\n${TIME.slice(0, 9)}`, `${TIME.slice(9)} two`));
    expect(reading.newest).toEqual([
      { time: TIME, lines: ['one'], more: 0 },
      { time: TIME, lines: ['two'], more: 0 },
    ]);
    expect(reading).toMatchObject({ lines: 2, entries: 2, kept: 2, stopped: null, problem: null, lastTime: TIME });
  });

  it('asks for the container with times', async () => {
    const asked: LogOptions[] = [];
    const kubernetes = kubernetesWithLog((_, options) => {
      asked.push(options);
      return chunksOf();
    });
    await readPodLog(kubernetes, logContainer(), { tailLines: 7, previous: true }, logWork());
    expect(asked).toEqual([{ container: 'app', timestamps: true, tailLines: 7, previous: true }]);
  });

  it('counts what matches and what is excluded, of traces as a whole', async () => {
    const lines = ['GET /a', 'ERROR x', 'java.lang.Error: disk', '  at a.B(C.java:1)', 'GET /healthz', '', 'ERROR y'];
    const filter = createLineFilter({ grep: 'disk|GET', exclude: 'healthz' });
    const reading = await read(() => chunksOf(lines.map((line) => `${TIME} ${line}\n`).join('')), { filter });
    expect(reading).toMatchObject({ lines: 7, entries: 4, kept: 2, excluded: 1 });
    expect(textsOf(reading)).toEqual(['GET /a', 'ERROR x\njava.lang.Error: disk\n  at a.B(C.java:1)']);
  });

  it('does not let a search find out what was redacted', async () => {
    const log = () => chunksOf(`${TIME} login password=hunter22\n`);
    const guess = await read(log, { filter: createLineFilter({ grep: 'hunter22' }) });
    expect(guess).toMatchObject({ lines: 1, kept: 0 });
    expect(textsOf(await read(log))[0]).toMatch(/^login password=\[redacted:[0-9a-f]{6}\]$/);
  });

  it('redacts a line of five megabytes before it is cut, and says how much is left out', async () => {
    const secret = `token=${'s3cr3t'.repeat(20)}`;
    const line = `${'x'.repeat(7_990)} ${secret} ${'y'.repeat(5_000_000)}`;
    const [text = ''] = textsOf(await read(() => chunksOf(`${TIME} ${line}`, '\n')));
    expect(text).not.toContain('s3cr3t');
    expect(text).toMatch(/^x{7990} token=.{0,20}… \(\d+ more bytes\)$/);
    expect(text.length).toBeLessThan(8100);
    expect(Number(/\((\d+) more/.exec(text)?.[1])).toBeGreaterThan(4_900_000);
  });

  it('makes bytes and escape sequences harmless', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${TIME} `),
      Buffer.from([0, 1, 2, 0xff, 0xfe]),
      Buffer.from('\u001b[31mred\u001b[0m\u202e\u0007\n'),
    ]);
    expect(textsOf(await read(() => chunksOf(bytes)))).toEqual(['\ufffd\ufffdred']);
  });

  it('keeps what came before the connection broke', async () => {
    const reading = await read(async function* () {
      yield Buffer.from(`${TIME} one\n${TIME} tw`);
      throw new ToolError('unreachable', 'connection reset');
    });
    expect(textsOf(reading)).toEqual(['one']);
    expect(reading.stopped).toMatchObject({ message: 'connection reset' });
  });

  it.each(['cut', 'stalled'])('keeps what came through a connection that is %s', async (fault) => {
    const patience = new AbortController();
    const server = createServer((_, response) => {
      response.write(`${TIME} one\n${TIME} tw`);
      if (fault === 'cut') response.write('o', () => setImmediate(() => response.destroy()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const kubernetes = kubernetesOf({ url: `http://127.0.0.1:${port}` });
    const splitOff: Kubernetes = {
      ...kubernetes,
      log: async function* (...asked) {
        for await (const chunk of kubernetes.log(...asked)) {
          yield chunk;
          if (fault === 'stalled') patience.abort();
        }
      },
    };
    try {
      const reading = await readPodLog(splitOff, logContainer(), {}, logWork({ patience: patience.signal }));
      expect(textsOf(reading)).toEqual(['one']);
      expect(reading.stopped).toEqual(fault === 'cut' ? expect.any(ToolError) : 'time');
    } finally {
      await kubernetes.close();
      server.closeAllConnections();
      server.close();
    }
  });

  it('throws what failed before anything came', async () => {
    const denied = new ToolError('denied', 'pods is forbidden');
    const log = () =>
      Readable.from([])
        .map(() => Buffer.alloc(0))
        .destroy(denied);
    await expect(read(log)).rejects.toBe(denied);
  });

  it('ends with what it has when its time is up, whether the server heeds the signal or not', async () => {
    const patience = new AbortController();
    const reading = await read(
      async function* () {
        yield Buffer.from(`${TIME} one\n`);
        patience.abort();
        await new Promise(() => {});
      },
      { patience: patience.signal },
    );
    expect(textsOf(reading)).toEqual(['one']);
    expect(reading.stopped).toBe('time');
  });

  it('throws the reason when nobody waits any more', async () => {
    const caller = new AbortController();
    const log = async function* () {
      yield Buffer.from(`${TIME} one\n`);
      caller.abort(new ToolError('timeout', 'the caller cancelled the call'));
      await new Promise(() => {});
    };
    await expect(read(log, { signal: caller.signal })).rejects.toThrow('the caller cancelled the call');
  });

  it('stops at its share of bytes, ends the request, and shows no half line', async () => {
    let isEnded = false;
    const log = async function* () {
      try {
        for (;;) yield Buffer.from(`${TIME} line\n`.repeat(100));
      } finally {
        isEnded = true;
      }
    };
    const budget = { bytes: 1_000_000 };
    const reading = await read(log, { maxBytes: 10_010, budget });
    expect(reading).toMatchObject({ stopped: 'bytes', bytes: 10_010 });
    expect(new Set(textsOf(reading))).toEqual(new Set(['line']));
    expect(budget.bytes).toBe(1_000_000 - 10_010);
    expect(isEnded).toBe(true);
    expect(await read(log, { budget: { bytes: 0 } })).toMatchObject({ stopped: 'bytes', lines: 0 });
  });

  it('takes the kubelet’s own words for a failure, not for a line', async () => {
    const reading = await read(() => chunksOf('unable to retrieve container logs for containerd://1234'));
    expect(reading).toMatchObject({ lines: 0, problem: 'unable to retrieve container logs for containerd://1234' });
  });

  it('reads 64 MB, every line of it another, in the memory of a few chunks', async () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    const heap = () => {
      if (typeof collect === 'function') collect();
      return process.memoryUsage().heapUsed;
    };
    const chunk = (index: number) =>
      Buffer.from(
        Array.from(
          { length: 64 },
          (_, line) =>
            `${TIME} INFO ${(index * 64 + line).toString(2).replaceAll('0', 'o')} ${'filler '.repeat(140)}\n`,
        ).join(''),
      );
    const start = heap();
    let most = 0;
    const log = async function* () {
      for (let index = 0, bytes = 0; bytes < 64_000_000; index += 1) {
        const next = chunk(index);
        bytes += next.length;
        if (index % 100 === 99) most = Math.max(most, heap() - start);
        yield next;
      }
    };
    const reading = await read(log, { folder: createFolder(), filter: createLineFilter({ grep: 'o1o1' }) });
    expect(reading.lines).toBeGreaterThan(60_000);
    expect(reading.newest).toHaveLength(100);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(24_000_000);
  }, 60_000);
});
