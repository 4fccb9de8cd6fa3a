import { execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A daemon that a killed test run left behind ends by itself. */
const LIFETIME_SECONDS = '300';

/** A real chronyd on ports of its own, which leaves the clock of the system alone. */
export interface Chronyd {
  cmdPort: number;
  ntpPort: number;
  /** What chronyc makes of it, as text. */
  ask(...command: readonly string[]): Promise<string>;
  /** The same in chronyc's form for programs, as rows of values. */
  askRows(...command: readonly string[]): Promise<string[][]>;
  stop(): Promise<void>;
}

/** Why this machine has no chronyd, with the line that would mend it; null when it has. */
export function chronydUnavailable(): string | null {
  if (process.getuid?.() !== 0) return 'needs root (chronyd refuses to start without)';
  const absent = ['chronyd', 'chronyc'].filter((name) => spawnSync(name, ['--version']).status !== 0);
  return absent.length === 0 ? null : `needs ${absent.join(', ')}: apt-get install -y --no-install-recommends chrony`;
}

/** Starts chronyd with `lines` as its configuration, besides what keeps it to itself. */
export async function startChronyd(lines: readonly string[]): Promise<Chronyd> {
  const directory = mkdtempSync(join(tmpdir(), 'telemcp-chrony-'));
  const [cmdPort, ntpPort] = [await freeUdpPort(), await freeUdpPort()];
  const path = join(directory, 'chrony.conf');
  const config = [
    ...lines.map((line) => line.replace('NTP_PORT', String(ntpPort))),
    `cmdport ${cmdPort}`,
    'bindcmdaddress 127.0.0.1',
    'bindcmdaddress /',
    `pidfile ${join(directory, 'chronyd.pid')}`,
    'user root',
  ];
  writeFileSync(path, `${config.join('\n')}\n`);
  const daemon = spawn('timeout', [LIFETIME_SECONDS, 'chronyd', '-x', '-d', '-f', path], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(daemon, 'exit');
  const ready = Promise.withResolvers<void>();
  let log = '';
  daemon.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
    if (log.includes('Disabled control of system clock')) ready.resolve();
  });
  exited.then(() => ready.reject(new Error(`chronyd ended: ${log}`)), ready.reject);
  await ready.promise;
  const ask = async (...command: readonly string[]) =>
    (await run('chronyc', ['-n', '-h', '127.0.0.1', '-p', String(cmdPort), ...command])).stdout.trim();
  return {
    cmdPort,
    ntpPort,
    ask,
    askRows: async (...command) => (await ask('-c', ...command)).split('\n').map((line) => line.split(',')),
    stop: async () => {
      daemon.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A port that nobody has, until someone takes it. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
