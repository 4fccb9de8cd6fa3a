import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { MUTATIONS, mutatedText } from '../../test/mutated-text.ts';
import { isLastPiece, isPastListeners, listeningSockets, type SocketTable } from './socket-table.ts';

const host = fixtureHost('debian-12');
const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'] as const;
const texts = await Promise.all(TABLES.map((table) => host.readBytes(`/proc/1/net/${table}`)));
const bytesOf = (table: SocketTable) => texts[TABLES.indexOf(table)] ?? Buffer.alloc(0);
const found = (bytes: Buffer, table: SocketTable) => [...listeningSockets(bytes, table, 'LE')];

/** A row of IPv4 as the kernel prints it. */
function row(number: number, state: string, port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const peer = state === '0A' ? '00000000:0000' : '0A01140A:C350';
  const start = `${String(number).padStart(4)}: 1101140A:${hex} ${peer} ${state} 00000000:00000000 00:00000000 00000000 `;
  return `${`${start}  1000        0 ${number + 1000} 1 000000009b50e196 100 0 0 10 0`.padEnd(149)}\n`;
}
const HEAD = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode${' '.repeat(53)}\n`;

describe('listeningSockets', () => {
  it.each([
    ['tcp', ['0.0.0.0:22', '127.0.0.1:5432', '10.20.1.17:5432', '0.0.0.0:8080']],
    ['tcp6', [':::22', ':::9100', '10.20.1.17:9200']],
    ['udp', ['127.0.0.1:323', '0.0.0.0:123', '0.0.0.0:514']],
    ['udp6', ['::1:323', 'fe80::b696:91ff:feaa:bb10:546']],
  ] as const)('finds those of %s and none that is connected', (table, expected) => {
    expect(found(bytesOf(table), table).map(({ address, port }) => `${address}:${port}`)).toEqual(expected);
  });

  it('tells who waits, how many and what was lost', () => {
    expect(found(bytesOf('tcp'), 'tcp')[2]).toMatchObject({ uid: 105, queue: 3, drops: null });
    expect(found(bytesOf('udp'), 'udp')[2]).toMatchObject({ uid: 0, queue: 212_992, drops: 45_120 });
  });

  it('reads row numbers of any width, and leaves out a row that was cut', () => {
    const text = HEAD + row(9999, '0A', 80) + row(10_000, '0A', 81) + row(1_000_000, '0A', 82);
    expect(found(Buffer.from(text), 'tcp').map(({ port }) => port)).toEqual([80, 81, 82]);
    expect(found(Buffer.from(text.slice(0, -60)), 'tcp').map(({ port }) => port)).toEqual([80, 81]);
  });

  it('gets through any damage', () => {
    const texts = fc
      .constantFrom(...TABLES)
      .chain((table) => mutatedText(bytesOf(table).toString('latin1')).map((text) => ({ table, text })));
    fc.assert(
      fc.property(texts, ({ table, text }) => {
        for (const { port, uid, queue } of found(Buffer.from(text, 'latin1'), table)) {
          expect(port > 0 && port <= 65_535 && uid >= 0 && queue >= 0).toBe(true);
        }
      }),
      MUTATIONS,
    );
  });

  it('goes through a hundred thousand connections in well under a second', () => {
    const rows = Array.from({ length: 100_000 }, (_, at) => row(at, at < 50 ? '0A' : '01', 1000 + (at % 60_000)));
    const bytes = Buffer.from(HEAD + rows.join(''));
    const before = process.cpuUsage();
    expect(found(bytes, 'tcp')).toHaveLength(50);
    const { user, system } = process.cpuUsage(before);
    // About 20 ms on an idle machine; the limit only has to catch a parser that splits all of it.
    expect((user + system) / 1000).toBeLessThan(500);
  });
});

describe('isPastListeners', () => {
  test.each([
    ['listeners', HEAD + row(0, '0A', 22) + row(1, '0A', 80), false],
    ['connections under way to them, as of old kernels', row(0, '0A', 22) + row(1, '03', 22), false],
    ['the first connection', row(0, '0A', 22) + row(1, '01', 22), true],
    ['a connection in a piece that begins within a row', row(0, '0A', 22).slice(40) + row(1, '06', 22), true],
    ['half a row', row(0, '01', 22).slice(0, 100), false],
    ['nothing', '', false],
  ])('%s', (_, text, past) => {
    expect(isPastListeners(Buffer.from(text), 'tcp')).toBe(past);
  });

  it('knows the wider rows of IPv6', () => {
    expect(isPastListeners(bytesOf('tcp6'), 'tcp6')).toBe(true);
  });
});

describe('isLastPiece', () => {
  it('is a piece that left room for more rows, of those that were asked for with room for a whole buffer', () => {
    const head = Buffer.byteLength(HEAD);
    expect(isLastPiece(head, 65_536)).toBe(true);
    expect(isLastPiece(0, 65_536)).toBe(true);
    // A full buffer, which ends where the next row would not fit.
    expect(isLastPiece(4050, 65_536)).toBe(false);
    // Cut by whoever read, and not by the kernel.
    expect(isLastPiece(head, head)).toBe(false);
  });
});
