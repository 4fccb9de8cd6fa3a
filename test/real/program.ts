import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A program that a test or a measurement started and ends. */
export interface Program {
  pid: number;
  /** From its start to its first answer, milliseconds. */
  readyMs: number;
  /** What it has said on standard error, the last 8 kB. */
  stderr(): string;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  /** Answers 200 when the program is ready; `log:` and a text, which it then writes to standard error. */
  readyUrl: string;
  /** Open files it is given, as 3 and on. */
  descriptors?: readonly number[];
  env?: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 30_000;

/** Starts a program and waits until it answers. It never outlives this process. */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Program> {
  const startedAt = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe', ...(options.descriptors ?? [])],
  });
  const exited = once(child, 'exit').catch(() => undefined);
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-8192);
  });
  const running = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    process.off('exit', killWithUs);
    if (running()) child.kill('SIGTERM');
    await exited;
  };
  try {
    await poll(`${command} at ${options.readyUrl}`, async () => {
      if (!running()) throw new Error(`${command} ended: ${words}`);
      if (options.readyUrl.startsWith('log:')) return words.includes(options.readyUrl.slice(4)) || null;
      const response = await fetch(options.readyUrl).catch(() => null);
      await response?.arrayBuffer();
      return response?.ok === true ? true : null;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, readyMs: performance.now() - startedAt, stderr: () => words, stop };
}

/** Asks until there is an answer, or throws after half a minute. */
export async function poll<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  const giveUp = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > giveUp) throw new Error(`waited ${PATIENCE_MS / 1000} s in vain for ${what}`);
    await wait(20);
  }
}

/** A port on loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Memory and processor time of a process: /proc/PID/status and /proc/PID/stat (proc(5)). */
export async function usageOf(pid: number): Promise<{ rssMb: number; anonymousMb: number; cpuSeconds: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  // Fields 14 and 15 counted after the command's name, which may hold spaces; in clock ticks of 10 ms.
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
  return { rssMb: kilobytes('VmRSS') / 1024, anonymousMb: kilobytes('RssAnon') / 1024, cpuSeconds };
}
