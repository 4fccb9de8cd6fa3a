import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPart } from '../../scripts/parts.ts';

/** A file system on which every call hangs: a FUSE mount whose server never says a word, as an NFS server that is gone. */
export interface DeadFilesystem {
  path: string;
  /** Ends the server: calls that hang return with an error. */
  abort(): Promise<void>;
  /** Unmounts it. */
  remove(): Promise<void>;
}

/** Mounts FUSE at its argument and keeps the connection open without ever answering. */
const SERVER = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open('/dev/fuse', os.O_RDWR)
options = f'fd={fd},rootmode=40000,user_id=0,group_id=0'.encode()
if libc.mount(b'dead', sys.argv[1].encode(), b'fuse', 0, options) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
print('mounted', flush=True)
sys.stdin.read()
`;

/** Why this machine cannot have one; null when it can. */
export function deadFilesystemUnavailable(): string | null {
  if (process.getuid?.() !== 0 || !existsSync('/dev/fuse')) return 'needs root and /dev/fuse';
  return missingPart('python3')?.why ?? null;
}

export async function mountDeadFilesystem(): Promise<DeadFilesystem> {
  const path = mkdtempSync(join(tmpdir(), 'telemcp-dead-'));
  const server = spawn('python3', ['-c', SERVER, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const [first] = await Promise.race([once(server.stdout, 'data'), ended]);
  if (!String(first).startsWith('mounted')) throw new Error('the FUSE server did not start');
  const abort = async () => {
    // Its end of the connection closes with it, also when this process is killed.
    server.stdin.end();
    await ended;
  };
  return {
    path,
    abort,
    remove: async () => {
      await abort();
      spawnSync('umount', ['--lazy', path]);
      rmdirSync(path);
    },
  };
}
