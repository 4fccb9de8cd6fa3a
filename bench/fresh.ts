import { execFileSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { FactsAnswer } from '@telemcp/shared/families';
import { Pool } from 'undici';
import { freePort, type Program, startProgram, usageOf } from '../test/real/program.ts';
import { bootSystemd, type SystemdMachine } from '../test/real/systemd-machine.ts';
import { AGENT_ENV, type BenchOptions, type BenchRow, NODE_FLAGS } from './agent.ts';

const ROUNDS = 10;
const PER_SECOND = 50;
const SECONDS = 20;

/**
 * Makes the agent believe at every SIGUSR2 that an hour went by, so that all it keeps is out of date: ten rounds then take
 * seconds, where waiting for the longest time anything is kept would take ten minutes.
 */
const CLOCK = `data:text/javascript,${encodeURIComponent(
  'const now = performance.now.bind(performance); let skew = 0; ' +
    "process.on('SIGUSR2', () => { skew += 3_600_000; }); performance.now = () => now() + skew;",
)}`;

interface Rival {
  what: string;
  program: Program;
  url: string;
  /** Makes the next answer a fresh one, where it would not be. */
  expire(): Promise<void>;
  /** When each part of an answer was collected. @throws when the answer is not what was to be measured */
  check(body: string): string[];
}

/** Agent and node_exporter on one and the same systemd: what a fresh look at everything costs, and how late answers come. */
export async function benchFresh({ scale }: BenchOptions): Promise<BenchRow[]> {
  execFileSync(process.execPath, ['scripts/build.ts', 'node-agent'], { stdio: 'ignore' });
  const machine = await bootSystemd();
  const rivals: Rival[] = [];
  try {
    rivals.push(await startAgent(machine), await startExporter(machine));
    const rows: BenchRow[] = [];
    for (const rival of rivals) rows.push(await measure(rival, scale));
    return rows;
  } finally {
    await Promise.all(rivals.map(({ program }) => program.stop()));
    await machine.stop();
  }
}

async function startAgent(machine: SystemdMachine): Promise<Rival> {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const args = [...NODE_FLAGS, `--import=${CLOCK}`, 'node-agent/dist/main.js', 'serve'];
  const program = await startProgram(process.execPath, args, {
    readyUrl: `${origin}/healthz`,
    env: {
      ...AGENT_ENV,
      TELEMCP_AGENT_LISTEN: origin.replace('http://', ''),
      TELEMCP_HOST_ROOT: machine.root,
      TELEMCP_DBUS_ADDRESS: machine.busAddress,
    },
  });
  return {
    what: 'agent, /v1/facts: 12 families',
    program,
    url: `${origin}/v1/facts`,
    expire: async () => {
      process.kill(program.pid, 'SIGUSR2');
      // A request may be taken in the same turn of the event loop, and before the signal.
      await wait(20);
      await (await fetch(`${origin}/healthz`)).arrayBuffer();
    },
    check: (body) => {
      const { families } = FactsAnswer.parse(JSON.parse(body));
      if (families.systemd?.status !== 'ok') throw new Error(`systemd: ${families.systemd?.reason}`);
      return Object.values(families).map((envelope) => envelope?.collectedAt ?? '');
    },
  };
}

async function startExporter(machine: SystemdMachine): Promise<Rival> {
  const address = `127.0.0.1:${await freePort()}`;
  const program = await startProgram(
    'prometheus-node-exporter',
    ['--collector.systemd', '--log.level=error', `--web.listen-address=${address}`],
    { readyUrl: `http://${address}/`, env: { DBUS_SYSTEM_BUS_ADDRESS: machine.busAddress } },
  );
  return {
    what: 'node_exporter, /metrics with systemd',
    program,
    url: `http://${address}/metrics`,
    expire: async () => undefined,
    check: (body) => {
      if (!body.includes('telemcp-failing.service')) throw new Error('its systemd collector saw nothing');
      return [];
    },
  };
}

async function measure({ what, program, url, expire, check }: Rival, scale: number): Promise<BenchRow> {
  const ask = async () => {
    const response = await fetch(url);
    const body = await response.text();
    if (response.status !== 200) throw new Error(`${url}: HTTP ${response.status}: ${body.slice(0, 300)}`);
    return body;
  };
  const idle = await usageOf(program.pid);
  const startedWith = idle.cpuSeconds;
  let before: readonly string[] = check(await ask());
  const first = await usageOf(program.pid);
  let wallMs = 0;
  let cpuMs = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    await expire();
    const { cpuSeconds } = await usageOf(program.pid);
    const startedAt = performance.now();
    const collected = check(await ask());
    wallMs += performance.now() - startedAt;
    if (collected.some((at) => before.includes(at))) throw new Error(`${what}: not all of the answer was fresh`);
    before = collected;
    // What a look leaves to be done when the answer is out is part of its cost.
    await wait(200);
    cpuMs += ((await usageOf(program.pid)).cpuSeconds - cpuSeconds) * 1000;
  }
  const latencies = await paced(url, Math.max(1, SECONDS * scale));
  const quantile = (q: number) =>
    (latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0).toFixed(1);
  const after = await usageOf(program.pid);
  return {
    what,
    'ready ms': Math.round(program.readyMs),
    'first cpu ms': Math.round((first.cpuSeconds - startedWith) * 1000),
    'fresh cpu ms': (cpuMs / ROUNDS).toFixed(0),
    'fresh wall ms': (wallMs / ROUNDS).toFixed(0),
    [`p50 ms at ${PER_SECOND}/s`]: quantile(0.5),
    p99: quantile(0.99),
    max: quantile(1),
    'RSS MB idle': idle.rssMb.toFixed(0),
    'RSS MB after': after.rssMb.toFixed(0),
    'anon MB idle': idle.anonymousMb.toFixed(0),
    'anon MB after': after.anonymousMb.toFixed(0),
  };
}

/** Asks 50 times a second whether the answer before has come or not. @returns latencies, milliseconds, in order */
async function paced(url: string, seconds: number): Promise<number[]> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 32 });
  const startedAt = performance.now();
  const asked: Promise<number>[] = [];
  for (let index = 0; index < seconds * PER_SECOND; index += 1) {
    const due = startedAt + (index * 1000) / PER_SECOND;
    await wait(Math.max(0, due - performance.now()));
    asked.push(askAt(pool, pathname));
  }
  const latencies = await Promise.all(asked);
  await pool.close();
  return latencies.sort((a, b) => a - b);
}

async function askAt(pool: Pool, path: string): Promise<number> {
  const startedAt = performance.now();
  const { statusCode, body } = await pool.request({ path, method: 'GET' });
  await body.arrayBuffer();
  if (statusCode !== 200) throw new Error(`${path}: HTTP ${statusCode}`);
  return performance.now() - startedAt;
}
