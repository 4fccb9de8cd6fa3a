import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FactsAnswer } from '@telemcp/shared/families';
import { expect, onTestFinished, test } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** The program as a process of its own, and what it has written so far. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    written.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    written.err += text;
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, written };
}

async function run(...args: string[]) {
  const { child, written } = start(...args);
  const [code] = await once(child, 'close');
  return { code, ...written };
}

/** Resolves with the line of the log that says where it listens. */
async function listening({ child, written }: ReturnType<typeof start>): Promise<{ address: string }> {
  while (!written.err.includes('listening on')) {
    if (child.exitCode !== null) throw new Error(`it ended: ${written.err}`);
    await once(child.stderr, 'data');
  }
  return JSON.parse(written.err.split('\n').find((line) => line.includes('listening on')) ?? '');
}

async function stop(child: ChildProcess, signal: NodeJS.Signals) {
  child.kill(signal);
  return once(child, 'exit');
}

test('serve answers, logs JSON, and ends with 0 when told to', async () => {
  const agent = start('serve', '--listen=127.0.0.1:0', '--node-name=node-0007');
  const { address } = await listening(agent);
  const answer = FactsAnswer.parse(await (await fetch(`${address}/v1/facts?families=os`)).json());
  expect([answer.node, answer.families.os?.data === null]).toEqual(['node-0007', false]);
  expect(await stop(agent.child, 'SIGTERM')).toEqual([0, null]);
  const lines = agent.written.err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ signal: 'SIGTERM', node: 'node-0007', msg: 'stopping' });
  expect(agent.written.out).toBe('');
});

test('a second agent on the same port says so and ends with 1', async () => {
  const { address } = await listening(start('serve', '--listen=127.0.0.1:0'));
  const second = await run('serve', `--listen=${address.replace('http://', '')}`);
  expect([second.code, second.out]).toEqual([1, '']);
  expect(second.err).toBe(
    `telemcp-node-agent: cannot listen on ${address}: the address is in use. Stop what listens there, or choose another in TELEMCP_AGENT_LISTEN.\n`,
  );
});

test('over a unix socket the Host header is nobody’s business', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'agent-')), 'agent.sock');
  const agent = start('serve', `--listen=unix:${path}`);
  await listening(agent);
  const asking = request({ socketPath: path, path: '/healthz', headers: { host: 'whatever' } }).end();
  const [response] = await once(asking, 'response');
  response.resume();
  expect(response.statusCode).toBe(200);
  expect(await stop(agent.child, 'SIGINT')).toEqual([0, null]);
});

test('wrong settings end with 1 and a wrong command line with 2, both on standard error only', async () => {
  const settings = await run('serve', '--listen=0.0.0.0:9110', '--log-level=loud');
  expect([settings.code, settings.out]).toEqual([1, '']);
  expect(settings.err).toMatch(/2 settings are wrong:\n.*--log-level.*\n.*--listen: anyone who can reach/);
  const command = await run('srve');
  expect([command.code, command.out]).toEqual([2, '']);
  expect(command.err).toMatch(/no such command: srve; there are serve and facts\.\nTry telemcp-node-agent --help/);
});

test('facts prints this machine, and --version and --help print themselves', async () => {
  const facts = await run('facts', 'os', '--json', '--node-name=node-0007');
  expect([facts.code, facts.err]).toEqual([0, '']);
  expect(FactsAnswer.parse(JSON.parse(facts.out)).node).toBe('node-0007');
  expect(await run('--version')).toEqual({ code: 0, out: expect.stringMatching(/^telemcp-node-agent \d/), err: '' });
  expect((await run('--help')).out).toMatch(/certificates {2}.*\n[\s\S]*TELEMCP_DBUS_ADDRESS/);
});
