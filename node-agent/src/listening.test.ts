import { linkSync, mkdtempSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { StartError, startListening } from './listening.ts';

function app() {
  const server = fastify();
  onTestFinished(async () => server.close());
  return server;
}

function socketPath(): string {
  return join(mkdtempSync(join(tmpdir(), 'listen-')), 'agent.sock');
}

async function listeningAt(path: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

test('the port that was taken is the one that is shown', async () => {
  const shown = await startListening(app(), { host: '127.0.0.1', port: 0 });
  expect(shown).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
});

test('a unix socket may be used by its owner and group only, and goes away with the server', async () => {
  const path = socketPath();
  const server = app();
  expect(await startListening(server, { path })).toBe(`unix:${path}`);
  expect(statSync(path).mode & 0o777).toBe(0o660);
  await server.close();
  expect(() => statSync(path)).toThrow('ENOENT');
});

test('a socket on which nobody answers any more is taken over', async () => {
  const path = socketPath();
  const dead = await listeningAt(path);
  // Node removes the file when it closes; a second name keeps what a killed process would leave.
  linkSync(path, `${path}.kept`);
  await new Promise((resolve) => dead.close(resolve));
  renameSync(`${path}.kept`, path);
  expect(statSync(path).isSocket()).toBe(true);
  expect(await startListening(app(), { path })).toBe(`unix:${path}`);
});

test('a socket on which somebody answers is left alone', async () => {
  const path = socketPath();
  const other = await listeningAt(path);
  onTestFinished(() => {
    other.close();
  });
  await expect(startListening(app(), { path })).rejects.toThrow(/cannot listen on unix:.*in use/);
  expect(statSync(path).isSocket()).toBe(true);
});

test('a file that is no socket is not removed', async () => {
  const path = socketPath();
  writeFileSync(path, 'precious');
  await expect(startListening(app(), { path })).rejects.toThrow(/not a socket/);
  expect(statSync(path).size).toBe(8);
});

test('what is wrong with an address is said in words', async () => {
  const busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    busy.close();
  });
  const address = busy.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const starting = startListening(app(), { host: '127.0.0.1', port });
  await expect(starting).rejects.toThrow(StartError);
  await expect(starting).rejects.toThrow(`http://127.0.0.1:${port}: the address is in use`);
  await expect(startListening(app(), { path: '/nonexistent/agent.sock' })).rejects.toThrow('no such directory');
  await expect(startListening(app(), { host: '192.0.2.1', port: 9110 })).rejects.toThrow('no such address');
});
