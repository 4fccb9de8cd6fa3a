import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askTool, structuredLimit, tokensOfTool } from '../../test/ask-tool.ts';
import { type ApiServer, startApiServer } from '../../test/kubernetes/api-server.ts';
import { kubernetesOf } from '../../test/kubernetes/connect.ts';
import { pod } from '../../test/kubernetes/pod-objects.ts';
import { SEED_NOW } from '../../test/kubernetes/seed-time.ts';
import { CRASHING, dated, LEDGER_PODS, ledgerCluster } from '../../test/ledger-logs.ts';
import { ToolError } from '../errors.ts';
import type { Kubernetes } from '../upstreams/kubernetes.ts';
import { tailPodLogs } from './tail-pod-logs.ts';

let server: ApiServer;
let kubernetes: Kubernetes;
beforeEach(async () => {
  server = await startApiServer(ledgerCluster());
  kubernetes = kubernetesOf(server);
});
afterEach(async () => {
  await kubernetes.close();
  await server.close();
});

const namespace = 'payments';
const [QUIET] = LEDGER_PODS;

function ask(args: Record<string, unknown>, options: { budget?: number; from?: { table: number; row: number } } = {}) {
  return askTool(tailPodLogs, { namespace, ...args }, null, { ...options, now: SEED_NOW, upstreams: { kubernetes } });
}

/** Gives a pod of its own a log. */
function withLog(name: string, log: string | (() => Iterable<string>)): void {
  server.cluster.add(pod({ namespace, name }));
  server.cluster.setLog({ namespace, pod: name, container: 'main' }, log);
}

describe('tail.pod_logs', () => {
  it.each([
    ['crash', { pod: CRASHING, lines: 20 }],
    ['container', { pod: QUIET, container: 'app', lines: 12 }],
    ['workload', { workload: 'deployment/ledger', since: '1h' }],
    ['grep', { workload: 'ledger', container: 'app', grep: '(?i)failed|cannot', lines: 10, fold: false }],
    ['nothing', { pod: QUIET, grep: 'deadlock', since: '30m' }],
    ['previous', { workload: 'ledger', previous: true }],
  ])('answers as in the golden file: %s', async (name, args) => {
    const asked = await ask(args);
    // The marks of secrets are those of this process.
    const text = asked.text.replace(/\[redacted:[0-9a-f]{6}\]/g, '[redacted:3f9a1c]');
    await expect(`${text}\n`).toMatchFileSnapshot(`../../test/golden/tail-pod-logs-${name}.txt`);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    expect(asked.text).not.toContain('hunter2');
    expect((await ask(args)).text).toBe(asked.text);
  });

  it('costs a model little to know', () => {
    expect(tokensOfTool(tailPodLogs)).toBeLessThanOrEqual(225);
  });

  it('leaves the end of a log to the server, and asks it for nothing else', async () => {
    await ask({ pod: QUIET, lines: 20 });
    const logs = server.requests.filter(({ path }) => path.includes('/log?'));
    expect(logs.map(({ path }) => new URL(path, server.url).searchParams.get('tailLines'))).toEqual(['21', '21', '21']);
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('finds every error among a hundred thousand lines, and counts them right', async () => {
    withLog('busy', () => flood(120_000));
    const { text, tokens } = await ask({ pod: 'busy', since: '2d' });
    expect(text).toContain('100000 lines read');
    expect(text).toMatch(/^100 error \S+ \S+ ERROR failed to sync/m);
    expect(text).toContain('only the newest 100000 lines were searched');
    expect(tokens).toBeLessThan(400);
  }, 60_000);

  it('shows the newest lines where not all fit, and goes on to the older ones', async () => {
    withLog(
      'wordy',
      dated(
        Array.from({ length: 90 }, (_, index) => `line ${index} ${'x'.repeat(100)}`),
        1,
      ),
    );
    const first = await ask({ pod: 'wordy' }, { budget: 4000 });
    expect(first.text.length).toBeLessThanOrEqual(4000);
    expect(first.text).toContain('line 89 ');
    const seen: string[] = [];
    for (let row = 0; row < 90; ) {
      const page = await ask({ pod: 'wordy' }, { budget: 4000, from: { table: 0, row } });
      const lines = [...page.text.matchAll(/ line (\d+) /g)].map(([, number = '']) => number);
      expect(lines.length).toBeGreaterThan(0);
      seen.unshift(...lines);
      row += lines.length;
    }
    expect(seen).toEqual(Array.from({ length: 90 }, (_, index) => String(index)));
  });

  it('hides a secret that lies where a line is cut', async () => {
    const secret = 'hunter2-must-not-leak';
    for (const at of [1480, 1495, 1990, 7990]) {
      withLog('long', `${'x'.repeat(at)} password=${secret} ${'y'.repeat(9000)}\n`);
      const { text } = await ask({ pod: 'long' });
      expect(text).not.toContain('hunter2');
      expect(text).toMatch(/… \(\d+ more bytes\)/);
    }
  });

  it('says what could not be read, and shows the rest', async () => {
    server.faults.push({ path: 'container=proxy', fault: { kind: 'status', status: 500 } });
    const { text } = await ask({ pod: QUIET, lines: 5 });
    expect(text).toContain('asked 3, answered 2: ');
    expect(text).toMatch(/^no answer: proxy bad_response: .*HTTP 500/m);
    expect(text).toContain('booked');
  });

  it('tells a refusal as one when there is nothing else to tell', async () => {
    server.denied.push({ verb: 'get', resource: 'pods/log' });
    await expect(ask({ pod: QUIET })).rejects.toMatchObject({ code: 'denied' });
  });

  it('shows what came before a connection broke', async () => {
    const whole = kubernetes;
    kubernetes = {
      ...whole,
      log: async function* (...asked) {
        yield* whole.log(...asked);
        throw new ToolError('unreachable', 'the connection was cut');
      },
    };
    const { text } = await ask({ pod: QUIET, container: 'app', since: '2h', fold: false });
    expect(text).toContain('note: app: broke off after 300 lines at 13:01:41: the connection was cut');
    expect(text).toContain('booked');
  });

  it('says why a container has no log', async () => {
    const waiting = { waiting: 'ImagePullBackOff', message: 'Back-off pulling image "x:9"' };
    server.cluster.add(
      pod({
        namespace,
        name: 'new',
        containers: [
          { name: 'a', state: waiting },
          { name: 'b', state: waiting },
        ],
      }),
      pod({ namespace, name: 'homeless', node: null, unschedulable: '0/3 nodes are available' }),
    );
    const { text } = await ask({ pod: 'new' });
    expect(text).toContain('no log to read');
    expect(text).toContain('note: a, b: no log yet, waiting to start: ImagePullBackOff, Back-off pulling image "x:9"');
    expect((await ask({ pod: 'homeless' })).text).toContain('the pod has no node yet, 0/3 nodes are available');
    expect(server.requests.some(({ path }) => path.includes('/log'))).toBe(false);
  });

  it('says that a pattern was taken as plain text', async () => {
    expect((await ask({ pod: QUIET, grep: '[payment' })).text).toContain('note: grep was taken as plain text');
  });

  it('reads some pods of a workload that has too many, the troubled first, and says so', async () => {
    for (let index = 0; index < 30; index += 1) {
      server.cluster.add(
        pod({
          namespace,
          name: `ledger-7d9f8b6c5d-bbb${'bcdfghjklm'[index % 10]}${'bcd'[Math.floor(index / 10)]}`,
          labels: { app: 'ledger', 'pod-template-hash': '7d9f8b6c5d' },
          owner: { kind: 'ReplicaSet', name: 'ledger-7d9f8b6c5d' },
        }),
      );
    }
    const { text } = await ask({ workload: 'ledger', lines: 10 });
    expect(text).toContain('20 pods');
    expect(text).toContain('note: 13 of 33 pods were not read');
    expect(text).toContain(`${CRASHING}/app`);
  });

  it.each([
    [{}, 'invalid_argument', /pod: give either pod or workload/, /workload=/],
    [{ pod: 'a', workload: 'b' }, 'invalid_argument', /give either/, null],
    [{ pod: 'ledger-7d9f8b6c5d-x2x7y' }, 'not_found', /does not exist/, /ledger-7d9f8b6c5d-x2x7z/],
    [{ pod: CRASHING, container: 'ap' }, 'not_found', /has no container "ap"/, /app, proxy, migrate/],
    [{ pod: CRASHING, since: 'lunch' }, 'invalid_argument', /since/, null],
    [{ workload: 'ledgers' }, 'not_found', /no workload "ledgers"/, /ledger/],
  ])('refuses %j and says what would be right', async (args, code, message, hint) => {
    await expect(ask(args)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      ...(hint === null ? {} : { hint: expect.stringMatching(hint) }),
    });
  });

  it('refuses without a Kubernetes API', async () => {
    await expect(askTool(tailPodLogs, { namespace, pod: 'x' }, null)).rejects.toMatchObject({ code: 'not_configured' });
  });
});

/** Lines of which each thousandth is an error, the last at SEED_NOW. */
function* flood(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) {
    const at = new Date(SEED_NOW.getTime() - (count - index)).toISOString().replace('Z', '000000Z');
    yield index % 1000 === 999
      ? `${at} ERROR failed to sync shard ${index}: error 7\n`
      : `${at} INFO handled request ${index}\n`;
  }
}
