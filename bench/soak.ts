import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { FactsAnswer } from '@telemcp/shared/families';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { Pool } from 'undici';
import { freePort, startProgram, usageOf } from '../test/real/program.ts';
import { bootSystemd } from '../test/real/systemd-machine.ts';
import { AGENT_ENV, type BenchOptions, type BenchRow, NODE_FLAGS } from './agent.ts';

/** The whole of it, five minutes; the least that sees the bus die and come back. */
const MINUTES = 5;
const LEAST_MS = 11_000;
const BUS_EVERY_MS = 5000;
const CLIENTS = 4;
/** 60 requests a second or so: 10,000 in three minutes. */
const PAUSE_MS = 60;

const PATHS = [
  '/v1/facts',
  '/v1/systemd/units?limit=1000',
  '/v1/systemd/units/dbus.service',
  '/v1/packages?name=lib*',
  '/metrics',
  '/healthz',
  ...FAMILY_NAMES.map((family) => `/v1/facts/${family}`),
];

interface Sample {
  rssMb: number;
  anonymousMb: number;
  fds: number;
}

/** The agent on a real systemd whose bus is killed and comes back every five seconds: does it grow, and what does it say? */
export async function benchSoak({ scale }: BenchOptions): Promise<BenchRow[]> {
  execFileSync(process.execPath, ['scripts/build.ts', 'node-agent'], { stdio: 'ignore' });
  const machine = await bootSystemd();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const agent = await startProgram(process.execPath, [...NODE_FLAGS, 'node-agent/dist/main.js', 'serve'], {
    readyUrl: `${origin}/healthz`,
    env: {
      ...AGENT_ENV,
      TELEMCP_AGENT_LISTEN: `127.0.0.1:${port}`,
      TELEMCP_HOST_ROOT: machine.root,
      TELEMCP_DBUS_ADDRESS: machine.busAddress,
    },
  });
  const pool = new Pool(origin, { connections: CLIENTS });
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const look = async (): Promise<Sample> => {
    const { rssMb, anonymousMb } = await usageOf(agent.pid);
    return { rssMb, anonymousMb, fds: readdirSync(`/proc/${agent.pid}/fd`).length };
  };
  const until = performance.now() + Math.max(LEAST_MS, MINUTES * 60_000 * scale);
  const isOver = () => performance.now() >= until;
  let requests = 0;
  let slowestMs = 0;

  const client = async () => {
    while (!isOver()) {
      const path = PATHS[requests++ % PATHS.length] ?? '/healthz';
      const startedAt = performance.now();
      const { statusCode, body } = await pool.request({ path, method: 'GET' });
      const text = await body.text();
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      if (statusCode !== 200) count(`HTTP ${statusCode} ${path.split('?')[0]}`);
      else if (path === '/v1/facts')
        for (const [family, envelope] of Object.entries(FactsAnswer.parse(JSON.parse(text)).families))
          if (envelope?.status !== 'ok') count(`${family} ${envelope?.status}: ${envelope?.reason}`);
      await wait(PAUSE_MS);
    }
  };
  let kills = 0;
  const killer = async () => {
    while (!isOver()) {
      await wait(BUS_EVERY_MS);
      await machine.killBus();
      kills += 1;
      // Long enough for answers without a bus.
      await wait(1000);
      await machine.startBus();
    }
  };
  const samples: Sample[] = [];
  const watcher = async () => {
    while (!isOver()) {
      samples.push(await look());
      await wait(500);
    }
  };
  try {
    const start = await look();
    await (await fetch(`${origin}/v1/facts`)).arrayBuffer();
    const warm = await look();
    await Promise.all([...Array.from({ length: CLIENTS }, client), killer(), watcher()]);
    await wait(1000);
    // What the agent says of the bus once it is back for good: the backoff after a failed attempt is a minute at most.
    const recoveredMs = await timeTo(async () => {
      const { families } = FactsAnswer.parse(await (await fetch(`${origin}/v1/facts?families=systemd`)).json());
      return families.systemd?.status === 'ok';
    });
    const end = await look();
    const half = samples[Math.floor(samples.length / 2)] ?? end;
    const most = (key: keyof Sample) => Math.max(...samples.map((sample) => sample[key]));
    const row = (what: string, key: keyof Sample, digits = 0): BenchRow => ({
      what,
      idle: start[key].toFixed(digits),
      'first answer': warm[key].toFixed(digits),
      'half way': half[key].toFixed(digits),
      end: end[key].toFixed(digits),
      max: most(key).toFixed(digits),
    });
    const single = (what: string, value: string | number): BenchRow => ({
      what,
      idle: '',
      'first answer': '',
      'half way': '',
      end: value,
      max: '',
    });
    return [
      row('RSS MB', 'rssMb', 1),
      row('anonymous MB', 'anonymousMb', 1),
      row('open files', 'fds'),
      single('requests', requests),
      single('bus killed', kills),
      single('slowest answer, ms', Math.round(slowestMs)),
      single('systemd ok again after the last, ms', Math.round(recoveredMs)),
      ...[...counts].sort(([, a], [, b]) => b - a).map(([what, times]) => single(what, times)),
    ];
  } finally {
    await pool.close();
    await agent.stop();
    await machine.stop();
  }
}

async function timeTo(isSo: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > 70_000) return Number.POSITIVE_INFINITY;
    await wait(100);
  }
  return performance.now() - startedAt;
}
