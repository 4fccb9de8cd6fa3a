import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { posix } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { machineFiles, machineScript, OVERLAY } from './systemd-machine-script.ts';

const run = promisify(execFile);
const BOOT_DEADLINE_MS = 60_000;
const NEEDED = ['systemd-nspawn', 'dbus-daemon', 'unshare', 'nsenter', 'setpriv'] as const;
const INSTALL = 'apt-get install -y systemd-container dbus';

/** A real systemd with a real D-Bus, booted for one test. */
export interface SystemdMachine {
  /** Its PID 1, as the host sees it. */
  pid: number;
  /** Its root directory, as the host sees it. */
  root: string;
  busAddress: string;
  /** Milliseconds from start to `running` or `degraded`. */
  bootedInMs: number;
  /** Runs a command inside, as root. @returns its stdout. @throws with its stderr when it fails */
  exec(...command: readonly string[]): Promise<string>;
  /** Ends the message bus, and keeps it from being started by whoever connects. */
  killBus(): Promise<void>;
  startBus(): Promise<void>;
  /** Ends every process of the machine at once and waits until nothing of it is left. */
  stop(): Promise<void>;
}

/** Why this machine cannot boot a systemd of its own, with the line that would mend it; null when it can. */
export function systemdUnavailable(): string | null {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root (overlay mounts and systemd-nspawn)';
  const paths = (process.env.PATH ?? '').split(':');
  const absent = NEEDED.filter((program) => !paths.some((path) => isExecutable(posix.join(path, program))));
  if (absent.length > 0) return `needs ${absent.join(', ')}: ${INSTALL}`;
  const probe = spawnSync('unshare', ['--mount', '--pid', '--fork', 'sh', '-ec', OVERLAY.join('\n')], {
    encoding: 'utf8',
  });
  return probe.status === 0 ? null : `needs overlay mounts: ${probe.stderr.trim()}`;
}

/**
 * Boots a machine from an overlay of `/`, with the units of systemd-machine-script.ts. The host is not changed: its mounts live in a
 * namespace that ends with it, and it is killed when the calling process ends, however that ends.
 * @param options.loadUnits how many instances of `telemcp-load@.service` it starts, 300 unless told
 * @param options.files further files by path, for example units in `/etc/systemd/system`
 */
export async function bootSystemd(
  options: { loadUnits?: number; files?: Readonly<Record<string, string>> } = {},
): Promise<SystemdMachine> {
  const startedAt = performance.now();
  const files = { ...machineFiles(randomBytes(16).toString('hex'), options.loadUnits ?? 300), ...options.files };
  removeStaleCgroups();
  const cgroups = createCgroups(`${CGROUP_PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
  const script = machineScript(files, cgroups);
  // pdeathsig outlives exec, so unshare ends with this process; --kill-child makes the namespace end with unshare.
  const command = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const shell = spawn('setpriv', [...command, 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let console = '';
  const keep = (chunk: Buffer) => {
    console = (console + chunk.toString('utf8')).slice(-4_000);
  };
  shell.stdout.on('data', keep);
  shell.stderr.on('data', keep);
  const exited = new Promise<void>((resolve) => {
    shell.once('close', () => resolve());
    shell.once('error', (error) => {
      keep(Buffer.from(error.message));
      resolve();
    });
  });

  const stop = async () => {
    // The namespace's first process: its end is the end of all others, and unshare waits for that.
    const first = shell.pid === undefined ? undefined : childrenOf(shell.pid)[0];
    if (first === undefined) shell.kill('SIGKILL');
    else process.kill(first, 'SIGKILL');
    await exited;
    for (const directory of cgroups) removeCgroup(directory);
  };

  try {
    const deadline = startedAt + BOOT_DEADLINE_MS;
    const pid = await until(deadline, 'systemd to start', () => {
      if (shell.exitCode !== null || shell.signalCode !== null || shell.pid === undefined)
        throw new Error('ended during boot');
      return systemdBelow(shell.pid);
    });
    const exec = async (...args: readonly string[]) =>
      (await run('nsenter', ['--target', String(pid), '--all', ...args], { maxBuffer: 16 * 1024 * 1024 })).stdout;
    const root = `/proc/${pid}/root`;
    await until(deadline, 'the manager', () => existsSync(`${root}/run/systemd/private`) || undefined);
    // Says "degraded" with an exit status of its own, which is what this machine is meant to be.
    const state = await run('nsenter', ['--target', String(pid), '--all', 'systemctl', 'is-system-running', '--wait'], {
      timeout: Math.max(1, Math.ceil(deadline - performance.now())),
    }).then(
      ({ stdout }) => stdout.trim(),
      (error: { stdout?: string }) => (error.stdout ?? '').trim(),
    );
    if (state !== 'degraded' && state !== 'running') throw new Error(`is in state "${state}" after the boot deadline`);
    return {
      pid,
      root,
      busAddress: `unix:path=${root}/run/dbus/system_bus_socket`,
      bootedInMs: performance.now() - startedAt,
      exec,
      stop,
      killBus: async () => {
        // The socket first: while systemd listens on it, the next client would have the bus started again.
        await exec('systemctl', 'stop', 'dbus.socket');
        await exec('sh', '-c', 'systemctl kill --signal=KILL dbus.service 2>/dev/null || true');
      },
      startBus: async () => {
        await exec('systemctl', 'start', 'dbus.socket', 'dbus.service');
      },
    };
  } catch (error) {
    await stop();
    throw new Error(
      `The test machine ${String(error instanceof Error ? error.message : error)}. Its console:\n${console}`,
    );
  }
}

/** systemd below `ancestor`: PID 1 of the innermost PID namespace. */
function systemdBelow(ancestor: number): number | undefined {
  const nspawn = childrenOf(ancestor)[0];
  if (nspawn === undefined) return undefined;
  return childrenOf(nspawn).find((pid) => {
    const status = readText(`/proc/${pid}/status`);
    return /^Name:\s+systemd$/m.test(status) && /^NSpid:(\s+\d+){2,}\s+1$/m.test(status);
  });
}

function childrenOf(pid: number): number[] {
  return readText(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

const CGROUP_PREFIX = 'telemcp-machine-';

/**
 * A cgroup for the machine below the one this process is in, in every hierarchy that systemd uses: machines do not meet, and
 * what they leave can be removed.
 */
function createCgroups(name: string): string[] {
  return ownCgroups().map((parent) => {
    const directory = posix.join(parent, name);
    mkdirSync(directory);
    return directory;
  });
}

/** Where this process is in the unified hierarchy and in systemd's own one, as far as they are mounted. */
function ownCgroups(): string[] {
  const mounts = readText('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' '))
    .map((fields) => ({ root: fields[3] ?? '', at: fields[4] ?? '', rest: fields.slice(fields.indexOf('-') + 1) }));
  return readText('/proc/self/cgroup')
    .split('\n')
    .flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      const mount = mounts.find(({ rest }) =>
        controllers === ''
          ? rest[0] === 'cgroup2'
          : controllers === 'name=systemd' && rest[0] === 'cgroup' && rest[2]?.includes('name=systemd'),
      );
      if (mount === undefined || path === undefined) return [];
      return [posix.join(mount.at, posix.relative(mount.root, path))];
    });
}

/** Cgroups of machines whose test process is gone. */
function removeStaleCgroups(): void {
  for (const parent of ownCgroups()) {
    for (const name of readdirSync(parent)) {
      const owner = name.startsWith(CGROUP_PREFIX) ? name.slice(CGROUP_PREFIX.length).split('-')[0] : undefined;
      if (owner !== undefined && !existsSync(`/proc/${owner}`)) removeCgroup(posix.join(parent, name));
    }
  }
}

function removeCgroup(directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(posix.join(directory, entry.name));
  }
  rmdirSync(directory);
}

async function until<T>(deadline: number, what: string, look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`did not get as far as ${what} in ${BOOT_DEADLINE_MS} ms`);
    await delay(20);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, 1);
    return true;
  } catch {
    return false;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    return '';
  }
}
