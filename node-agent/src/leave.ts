import { setTimeout as delay } from 'node:timers/promises';

/** How long file system calls that are still out may take to come back, milliseconds. */
const GRACE_MS = 1000;

/**
 * Ends the process with `status`. A call that hangs in a dead file system would keep `process.exit` waiting for its thread for
 * ever; the process then kills itself, which a supervisor would do later, and a person at a terminal could only guess.
 */
export async function leave(status: number): Promise<never> {
  for (const until = performance.now() + GRACE_MS; hasFileCalls() && performance.now() < until; ) await delay(20);
  if (hasFileCalls()) process.kill(process.pid, 'SIGKILL');
  return process.exit(status);
}

function hasFileCalls(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}
