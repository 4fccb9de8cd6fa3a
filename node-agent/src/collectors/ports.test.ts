import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { PortsFacts } from '@telemcp/shared/facts/ports';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { STORE_OPTIONS, silentBus } from '../../test/sample-facts.ts';
import { FactError } from '../fact-error.ts';
import { createHostRoot, type HostRoot } from '../host-root.ts';
import { ports } from './ports.ts';

async function collect(host: HostRoot) {
  const { signal } = new AbortController();
  const found = await ports.collect({ host, bus: silentBus, settings: STORE_OPTIONS.settings, signal });
  return { ...found, data: PortsFacts.parse(found.data) };
}

const TCP_HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

describe('ports on a fake host root', () => {
  it('Debian 12: what is open to all first', async () => {
    const { data, missing, total, truncated } = await collect(fixtureHost('debian-12'));
    expect(missing).toEqual([]);
    expect([total, truncated, data.sockets]).toEqual([9, false, 12]);
    expect(data.ports.map(({ port, protocol, scope }) => `${port}/${protocol} ${scope}`)).toEqual([
      '22/tcp any',
      '123/udp any',
      '514/udp any',
      '8080/tcp any',
      '9100/tcp any',
      '546/udp specific',
      '5432/tcp specific',
      '9200/tcp specific',
      '323/udp loopback',
    ]);
    expect(data.ports.find(({ port }) => port === 5432)).toEqual({
      port: 5432,
      protocol: 'tcp',
      usualService: null,
      scope: 'specific',
      addresses: ['127.0.0.1', '10.20.1.17'],
      acceptsIpv4: true,
      acceptsIpv6: false,
      sockets: 2,
      users: [{ uid: 105, name: 'postgres' }],
      acceptQueue: 3,
      receiveQueueBytes: null,
      dropped: null,
    });
    expect(data.ports.find(({ port }) => port === 9200)).toMatchObject({ acceptsIpv4: true, acceptsIpv6: false });
    expect(data.ports.find(({ port }) => port === 9100)).toMatchObject({ acceptsIpv4: null, acceptsIpv6: true });
    expect(data.ports.find(({ port }) => port === 8080)?.users).toEqual([{ uid: 4242, name: null }]);
  });

  it('k3s in a pod: the ports of the host, none of the pod that /proc/net leads to', async () => {
    const host = fixtureHost('k3s');
    expect(await host.readText('/proc/net/tcp')).toContain(':2396');
    const { data } = await collect(host);
    expect(data.ports.map(({ port, usualService }) => [port, usualService])).toEqual([
      [6443, 'kube-apiserver'],
      [8472, 'vxlan-flannel-cilium'],
      [10250, 'kubelet'],
      [6444, 'k3s-apiserver-proxy'],
      [10248, 'kubelet-health'],
    ]);
  });

  it('without IPv6 looks at what there is; a table it may not read is missing', async () => {
    const { data, missing } = await collect(
      fixtureHost('debian-12', {
        '/proc/1/net/tcp6': null,
        '/proc/1/net/udp6': null,
        '/proc/1/net/udp': new FactError('too_large', 'more than it takes'),
      }),
    );
    expect(data.tables).toEqual(['tcp']);
    expect(missing).toEqual([{ what: '/proc/1/net/udp', reason: 'too_large', detail: 'more than it takes' }]);
  });

  it('cannot look at all where process 1 is hidden', async () => {
    const none = Object.fromEntries(['tcp', 'tcp6', 'udp', 'udp6'].map((name) => [`/proc/1/net/${name}`, null]));
    await expect(collect(fixtureHost('debian-12', none))).rejects.toMatchObject({
      reason: 'not_found',
      hint: expect.stringContaining('hidepid'),
    });
  });

  it('tells of two thousand ports and counts the others', async () => {
    const rows = Array.from({ length: 2500 }, (_, at) => {
      const port = (at + 1).toString(16).toUpperCase().padStart(4, '0');
      return `${String(at).padStart(4)}: 0100007F:${port} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n`;
    });
    const { data, total, truncated } = await collect(
      fixtureHost('debian-12', { '/proc/1/net/tcp': TCP_HEAD + rows.join('') }),
    );
    expect(data.ports).toHaveLength(2000);
    expect([total, truncated]).toEqual([2506, true]);
    expect(data.sockets).toBe(2508);
  });
});

describe('ports of this machine', () => {
  const real = () => createHostRoot('/', new AbortController().signal);

  it('agrees with ss(8)', async () => {
    const before = listedBySs();
    const { data } = await collect(real());
    const after = new Set(listedBySs());
    const mine = data.ports.map(({ port, protocol }) => `${protocol} ${port}`);
    // Sockets come and go between the looks: only those that were there all the time are compared.
    expect(before.filter((port) => after.has(port)).filter((port) => !mine.includes(port))).toEqual([]);
  });

  it('sees connections that a program does not accept', async () => {
    const listener = spawn(process.execPath, ['-e', SLEEPING_LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [said]: Buffer[] = await once(listener.stdout, 'data');
      const port = Number(said?.toString());
      const clients = await Promise.all(
        [1, 2, 3].map(async () => {
          const client = createConnection({ host: '127.0.0.1', port });
          await once(client, 'connect');
          return client;
        }),
      );
      const { data } = await collect(real());
      for (const client of clients) client.destroy();
      expect(data.ports.find((each) => each.port === port)).toMatchObject({ scope: 'loopback', acceptQueue: 3 });
    } finally {
      listener.kill('SIGKILL');
    }
  });
});

/** Says its port and then sleeps in a way that keeps it from accepting. */
const SLEEPING_LISTENER = `
  const server = require('node:net').createServer();
  server.listen(0, '127.0.0.1', () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

function listedBySs(): string[] {
  const lines = execFileSync('ss', ['-Hltnu'], { encoding: 'utf8' }).trim().split('\n').filter(Boolean);
  const ports = lines.map((line) => {
    const [protocol = '', , , , local = ''] = line.split(/\s+/);
    return `${protocol} ${local.slice(local.lastIndexOf(':') + 1)}`;
  });
  return [...new Set(ports)];
}
