import { posix } from 'node:path';

/** Units every test machine has; each stands for a state that an agent must tell apart. */
const TEST_UNITS: Readonly<Record<string, string>> = {
  'telemcp-failing.service': `[Unit]
Description=Fails with status 3
[Service]
ExecStart=/bin/sh -c 'exit 3'
`,
  'telemcp-looping.service': `[Unit]
Description=Fails and is restarted every second
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/false
Restart=always
RestartSec=1
`,
  'telemcp-tick.service': `[Unit]
Description=Work of the timers
[Service]
Type=oneshot
ExecStart=/bin/true
`,
  // Monotonic clock only, and it has run once when the machine is up.
  'telemcp-tick.timer': `[Unit]
Description=Runs at boot and every hour of uptime
[Timer]
OnActiveSec=0
OnUnitActiveSec=1h
AccuracySec=1s
`,
  // Wall clock only, and it has never run.
  'telemcp-yearly.timer': `[Unit]
Description=Runs once a year
[Timer]
OnCalendar=*-01-01 00:00:00
Unit=telemcp-tick.service
`,
  'telemcp-socket.socket': `[Unit]
Description=Listens and hands over
[Socket]
ListenStream=/run/telemcp-socket.sock
ListenStream=127.0.0.1:7999
Accept=yes
`,
  'telemcp-socket@.service': `[Service]
ExecStart=/bin/cat
StandardInput=socket
`,
  'telemcp-load@.service': `[Unit]
Description=One of many, number %i
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
`,
};

/** What the machine starts at boot; everything the image itself would start is left out. */
const STARTED = [
  'dbus.socket',
  'dbus.service',
  'systemd-logind.service',
  'systemd-user-sessions.service',
  'telemcp-failing.service',
  'telemcp-looping.service',
  'telemcp-tick.timer',
  'telemcp-yearly.timer',
  'telemcp-socket.socket',
];

/** The files of a test machine, by path, as they differ from the machine the test runs on. */
export function machineFiles(machineId: string, loadUnits: number): Record<string, string> {
  const load = Array.from({ length: loadUnits }, (_, index) => `telemcp-load@${index + 1}.service`);
  const files: Record<string, string> = {
    '/etc/machine-id': `${machineId}\n`,
    '/etc/hostname': 'telemcp-machine\n',
    '/etc/fstab': '',
    '/etc/systemd/system/telemcp.target': `[Unit]
Description=The test machine is up
Requires=basic.target
After=basic.target ${STARTED.join(' ')}
Wants=${STARTED.join(' ')}
${load.map((unit) => `Wants=${unit}`).join('\n')}
AllowIsolate=yes
`,
  };
  for (const [name, text] of Object.entries(TEST_UNITS)) files[`/etc/systemd/system/${name}`] = text;
  return files;
}

/**
 * The shell script that becomes the machine: it runs in a mount and a PID namespace of its own, so that nothing it mounts is
 * ever seen by the host and everything is gone with its last process. `/mnt` and `/run` are covered by tmpfs there, the
 * root is an overlay of `/` whose upper layer lies in that tmpfs.
 * @param cgroups directories of a cgroup of the machine's own, one per hierarchy
 */
export function machineScript(files: Readonly<Record<string, string>>, cgroups: readonly string[]): string {
  return [
    'set -eu',
    // 0 is the writing process itself, whatever its number in the namespace of the reader.
    ...cgroups.map((directory) => `echo 0 > ${quote(`${directory}/cgroup.procs`)}`),
    ...OVERLAY,
    'mount -t tmpfs -o mode=755 tmpfs /run',
    'cd /mnt/root',
    // Units enabled or overridden on this machine are none of the test's: an empty directory takes the place of theirs.
    'rm -rf etc/systemd/system && mkdir -p etc/systemd/system',
    ...Object.entries(files).flatMap(([path, text]) => [
      `mkdir -p ${quote(`.${posix.dirname(path)}`)}`,
      `printf %s ${quote(text)} > ${quote(`.${path}`)}`,
    ]),
    'ln -s /dev/null etc/systemd/system/telemcp-masked.service',
    'ln -s /dev/null etc/systemd/system/systemd-timesyncd.service',
    'ln -s /dev/null etc/systemd/system/console-getty.service',
    'cd /',
    [
      'exec systemd-nspawn --boot --quiet --register=no --keep-unit --private-network --console=read-only',
      '--machine=telemcp-machine --directory=/mnt/root --link-journal=no --resolv-conf=off --timezone=off',
      'systemd.unit=telemcp.target systemd.log_color=0',
    ].join(' '),
  ].join('\n');
}

/** Mounts an overlay of `/` at `/mnt/root`; also what tells whether this machine can. */
export const OVERLAY = [
  'mount -t tmpfs tmpfs /mnt',
  'mkdir /mnt/upper /mnt/work /mnt/root',
  'mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root',
];

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
