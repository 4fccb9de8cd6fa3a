import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const LEAVE = new URL('leave.ts', import.meta.url).href;

/** How a process that runs `before` and then leaves with 3 ends. */
async function endOf(before: string) {
  const code = `import { leave } from '${LEAVE}'; import { open, readFile } from 'node:fs/promises';\n${before}\nawait leave(3);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'inherit' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return once(child, 'exit');
}

test('a process leaves with its status, also with a call under way that comes back', async () => {
  expect(await endOf('')).toEqual([3, null]);
  expect(await endOf("readFile('/proc/self/status');")).toEqual([3, null]);
});

test('a call that hangs in the kernel does not keep the process', async () => {
  const fifo = join(mkdtempSync(join(tmpdir(), 'leave-')), 'fifo');
  expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
  // Opening a FIFO to which nobody writes hangs as reading from a dead network file system does.
  expect(await endOf(`open('${fifo}');`)).toEqual([null, 'SIGKILL']);
});
