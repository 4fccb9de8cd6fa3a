import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FactsAnswer } from '@telemcp/shared/families';
import { FAMILY_NAMES, type FamilyName } from '@telemcp/shared/family-names';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '../node-agent/src/routes.ts';
import { missingPart } from '../scripts/parts.ts';
import { type Chronyd, chronydUnavailable, startChronyd } from './real/chronyd.ts';
import { freePort, type Program, poll, startProgram } from './real/program.ts';
import { bootSystemd, type SystemdMachine, systemdUnavailable } from './real/systemd-machine.ts';

const unavailable = systemdUnavailable() ?? chronydUnavailable() ?? missingPart('strace')?.why ?? null;
const isSkipped = unavailable !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;
const ROOT = new URL('..', import.meta.url).pathname;

const OPENS = ['open', 'openat', 'openat2'];
const PROCESSES = ['fork', 'vfork', 'clone', 'clone3', 'execve', 'execveat'];
const NETWORK = ['connect', 'sendto', 'sendmsg', 'sendmmsg'];
/** Every way to change a file system, a process or the machine that needs no file opened for writing. */
const CHANGES = [
  ...[
    'creat',
    'truncate',
    'ftruncate',
    'fallocate',
    'copy_file_range',
    'unlink',
    'unlinkat',
    'rmdir',
    'mkdir',
    'mkdirat',
  ],
  ...[
    'rename',
    'renameat',
    'renameat2',
    'link',
    'linkat',
    'symlink',
    'symlinkat',
    'mknod',
    'mknodat',
    'chmod',
    'fchmod',
  ],
  ...['fchmodat', 'chown', 'fchown', 'lchown', 'fchownat', 'utime', 'utimes', 'utimensat', 'futimesat', 'setxattr'],
  ...['lsetxattr', 'fsetxattr', 'removexattr', 'mount', 'umount2', 'move_mount', 'setns', 'unshare', 'ptrace', 'kill'],
  ...[
    'tkill',
    'reboot',
    'sethostname',
    'settimeofday',
    'clock_settime',
    'adjtimex',
    'init_module',
    'finit_module',
    'bpf',
  ],
];

interface Call {
  name: string;
  args: string;
}

describe.skipIf(isSkipped)(`the agent's process${unavailable === null ? '' : ` (${unavailable})`}`, () => {
  let machine: SystemdMachine;
  let chronyd: Chronyd;
  let directory: string;
  let program: string;

  beforeAll(async () => {
    if (unavailable !== null) throw new Error(unavailable);
    machine = await bootSystemd({ loadUnits: 5 });
    chronyd = await startChronyd(['local stratum 3']);
    directory = mkdtempSync(join(tmpdir(), 'telemcp-traps-'));
    program = join(directory, 'agent/main.js');
    execFileSync(process.execPath, ['scripts/build.ts', 'node-agent', join(directory, 'agent')], { cwd: ROOT });
  });
  afterAll(async () => {
    await chronyd?.stop();
    await machine?.stop();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  });

  /** As root, who would be refused nothing: what it does not do, it does not try. */
  const environment = (hostRoot: string) => ({
    TELEMCP_HOST_ROOT: hostRoot,
    TELEMCP_DBUS_ADDRESS: machine.busAddress,
    TELEMCP_CHRONY_ADDRESS: `127.0.0.1:${chronyd.cmdPort}`,
    TELEMCP_AGENT_ALLOW_ROOT_BUS: 'true',
    TELEMCP_LOG_LEVEL: 'error',
  });
  /** -D: the tracer stands aside, so that the process is ours to stop. */
  const strace = (log: string) => {
    const calls = [...OPENS, ...PROCESSES, ...NETWORK, ...CHANGES].map((name) => `?${name}`);
    return ['-D', '-f', '-s', '4096', '-e', 'signal=none', '-o', log, '-e', `trace=${calls.join(',')}`];
  };
  const serve = async (command: string, args: readonly string[], hostRoot: string) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { ...environment(hostRoot), TELEMCP_AGENT_LISTEN: `127.0.0.1:${port}` };
    const agent = await startProgram(command, [...args, program, 'serve'], { readyUrl: `${url}/healthz`, env });
    return { agent, url };
  };

  it.each(['serve', 'facts'])(
    'opens no file to write, starts no process and reaches nobody but the bus and chronyd: %s',
    async (command) => {
      const log = join(directory, `${command}.strace`);
      const calls = command === 'serve' ? await traceServing(log) : await traceToItsEnd(log, ['facts', '--json']);
      const of = (...names: string[]) => calls.filter(({ name }) => names.includes(name));
      const opened = of(...OPENS);
      const paths = opened.map(({ args }) => /"(.*?)"/.exec(args)?.[1] ?? args);
      // That the trap was armed: it saw the work.
      expect(paths).toEqual(expect.arrayContaining(['/proc/1/mountinfo', '/proc/1/net/tcp', '/proc/stat']));

      expect(opened.filter(({ args }) => /O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)/.test(args))).toEqual([]);
      expect(of(...CHANGES)).toEqual([]);
      expect(of('execve', 'execveat')).toHaveLength(1);
      expect(of('fork', 'vfork')).toEqual([]);
      const threads = of('clone', 'clone3');
      expect(threads.length).toBeGreaterThan(3);
      expect(threads.filter(({ args }) => !args.includes('CLONE_THREAD'))).toEqual([]);

      const reached = new Set(of('connect').map(({ args }) => args.replace(/^\d+, /, '').replace(/, \d+\).*$/, '')));
      expect([...reached].sort()).toEqual([
        `{sa_family=AF_INET, sin_port=htons(${chronyd.cmdPort}), sin_addr=inet_addr("127.0.0.1")}`,
        `{sa_family=AF_UNIX, sun_path="${machine.busAddress.replace('unix:path=', '')}"}`,
      ]);
      expect(of('sendto', 'sendmsg', 'sendmmsg').filter(({ args }) => /sa_family=/.test(args))).toEqual([]);

      // Its own network is looked at only to tell whether it is the host's, which is that of process 1.
      const networks = paths.filter((path) => /^\/proc\/.*\bnet\b/.test(path) && !path.startsWith('/proc/sys/'));
      expect(networks.filter((path) => !/^\/proc\/1\/net\/|^\/proc\/\d+\/net\/dev$/.test(path))).toEqual([]);
    },
  );

  async function traceServing(log: string): Promise<Call[]> {
    const { agent, url } = await serve('strace', [...strace(log), process.execPath], '/');
    try {
      const routes = Object.values(PATHS).flatMap((path) =>
        path.includes(':family')
          ? FAMILY_NAMES.map((family) => path.replace(':family', family))
          : [path.replace(':unit', 'dbus')],
      );
      for (const route of [...routes, `${PATHS.packages}?name=lib*`, `${PATHS.units}?pattern=*.timer`]) {
        const answer = await fetch(`${url}${route}`);
        expect(answer.status, `${route}: ${await answer.text()}`).toBe(200);
      }
      expect((await fetch(`${url}/no/such/route`)).status).toBe(404);
    } finally {
      await agent.stop();
    }
    return readCalls(log, agent);
  }

  async function traceToItsEnd(log: string, args: readonly string[]): Promise<Call[]> {
    const env = { ...process.env, ...environment('/') };
    const { pid, status } = spawnSync('strace', [...strace(log), process.execPath, program, ...args], { env });
    expect(status).toBe(0);
    return readCalls(log, { pid });
  }

  it('is not held up by files that never answer, some in each of six families', async () => {
    const PIPES: Partial<Record<FamilyName, readonly string[]>> = {
      certificates: ['/etc/kubernetes/pki/ca.crt', '/etc/kubernetes/admin.conf'],
      // Not os-release or adjtime, which systemd itself would hang in.
      os: ['/etc/machine-id', '/etc/hostname'],
      filesystems: ['/etc/fstab'],
      network: ['/etc/resolv.conf'],
      packages: ['/var/lib/dpkg/status'],
      firewall: ['/etc/ufw/ufw.conf'],
    };
    const lay = Object.values(PIPES)
      .flat()
      .map((path) => `mkdir -p ${path.replace(/\/[^/]*$/, '')}; rm -f ${path}; mkfifo ${path}`);
    await machine.exec('sh', '-ec', lay.join('\n'));
    const { agent, url } = await serve(process.execPath, [], machine.root);
    try {
      const startedAt = performance.now();
      const { families } = FactsAnswer.parse(await (await fetch(`${url}/v1/facts`)).json());
      expect(performance.now() - startedAt).toBeLessThan(2500);
      for (const family of FAMILY_NAMES) {
        const { data, missing = [] } = families[family] ?? {};
        const reasons = missing.map(({ what, reason }) => `${what}: ${reason}`).join(', ');
        expect(reasons, family).not.toMatch(/timeout/);
        if (PIPES[family] === undefined) expect(data, `${family}: ${reasons}`).not.toBeNull();
        else expect(reasons, family).toMatch(/not_a_file/);
      }
    } finally {
      await agent.stop();
    }
  });
});

/** What the tracer wrote, once it has written that the process is gone. */
async function readCalls(log: string, { pid }: Pick<Program, 'pid'>): Promise<Call[]> {
  const text = await poll('the end of the trace', async () => {
    const written = readFileSync(log, 'utf8');
    return new RegExp(`^${pid} +\\+\\+\\+ exited with 0 \\+\\+\\+$`, 'm').test(written) ? written : null;
  });
  return text.split('\n').flatMap((line) => {
    const [, name, args] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
    return name === undefined || args === undefined ? [] : [{ name, args }];
  });
}
