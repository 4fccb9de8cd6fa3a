import { endianness } from 'node:os';
import type { Missing } from '@telemcp/shared/envelope';
import { attempt } from '../attempt.ts';
import { defineCollector } from '../collector.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { parsePasswd } from '../ports/passwd.ts';
import { createPortGroups } from '../ports/port-groups.ts';
import { isLastPiece, isPastListeners, listeningSockets } from '../ports/socket-table.ts';

const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'] as const;
/** Room for two hundred thousand sockets of IPv4. */
const TABLE_BYTES = 32 * 1024 * 1024;
/** Ports told; more are counted. A node of many services has some dozens. */
const MAX_PORTS = 2000;

export const ports = defineCollector({
  family: 'ports',
  help: 'Ports on which the host listens: number, scope, addresses, user, usual service, connections waiting, datagrams dropped.',
  // Never /proc/net: that is a link to the network namespace of whoever reads it.
  hostPaths: ['/proc/1/net/tcp', '/proc/1/net/tcp6', '/proc/1/net/udp', '/proc/1/net/udp6', '/etc/passwd'],
  busNames: [],
  ttlMs: 10_000,
  timeoutMs: 5000,
  async collect({ host }) {
    const files = createHostReader(host);
    const groups = createPortGroups();
    const tables: (typeof TABLES)[number][] = [];
    const missing: Missing[] = [];
    const passwd = await files.text('/etc/passwd');
    for (const table of TABLES) {
      const what = `/proc/1/net/${table}`;
      const enough = (piece: Buffer, asked: number) =>
        isLastPiece(piece.length, asked) || (table.startsWith('tcp') && isPastListeners(piece, table));
      const found = await attempt(host.readBytes(what, { maxBytes: TABLE_BYTES, enough }));
      if (found.ok) {
        tables.push(table);
        for (const socket of listeningSockets(found.value, table, endianness())) groups.add(socket);
        continue;
      }
      const { reason, message } = found.error;
      // Without IPv6 the kernel has no such table, and then nothing listens there.
      if (reason !== 'not_found' || !table.endsWith('6')) missing.push({ what, reason, detail: message });
    }
    const [first] = missing;
    if (tables.length === 0 && first !== undefined)
      throw new FactError(first.reason, first.detail ?? first.what, HIDDEN);
    const found = groups.ports(parsePasswd(passwd ?? ''));
    return {
      data: { ports: found.slice(0, MAX_PORTS), sockets: groups.sockets(), tables },
      source: 'file:/proc/1/net',
      total: found.length,
      truncated: found.length > MAX_PORTS,
      missing: [...missing, ...files.missing],
    };
  },
});

const HIDDEN = {
  hint: "Mount the host's /proc where the agent looks for it, without hidepid, which hides process 1 from the agent.",
};
