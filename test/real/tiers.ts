import { execFile } from 'node:child_process';
import { freePort, type Program, startProgram } from './program.ts';

const AGENT = new URL('../../node-agent/src/main.ts', import.meta.url).pathname;
const BRIDGE = new URL('../../bridge/src/main.ts', import.meta.url).pathname;

/** A tier that runs as a process of its own, as an operator would run it. */
export interface Tier extends Program {
  url: string;
}

/** Starts a node agent on a free port of the loopback. */
export async function startAgent(env: Readonly<Record<string, string>>): Promise<Tier> {
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const program = await startProgram(process.execPath, [AGENT, 'serve'], {
    readyUrl: `${url}/healthz`,
    // Tests run as root, and against machines of their own.
    env: { TELEMCP_AGENT_LISTEN: address, TELEMCP_AGENT_ALLOW_ROOT_BUS: 'true', ...env },
  });
  return { ...program, url };
}

/** Starts a bridge on a free port of the loopback; `url` is that of its MCP endpoint. */
export async function startBridge(env: Readonly<Record<string, string>>): Promise<Tier> {
  const address = `127.0.0.1:${await freePort()}`;
  const program = await startProgram(process.execPath, [BRIDGE, 'serve'], {
    readyUrl: `http://${address}/healthz`,
    env: { TELEMCP_LISTEN: address, ...env },
  });
  return { ...program, url: `http://${address}/mcp` };
}

/** Runs a command of the bridge's program to its end. */
export function bridgeCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BRIDGE, ...args], { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
  });
}

/** How to start the bridge for one client over standard input and output. */
export function stdioBridge(env: Readonly<Record<string, string>>): {
  command: string;
  args: string[];
  env: Record<string, string>;
} {
  return { command: process.execPath, args: [BRIDGE, 'stdio'], env: { PATH: process.env.PATH ?? '', ...env } };
}
