import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { askChrony } from './chrony.ts';
import { CHRONY_COMMANDS } from './chrony-packet.ts';

const patient = () => new AbortController().signal;
let server: Socket | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

interface Question {
  command: number;
  attempt: number;
  index: number;
  sequence: number;
}

/** A daemon that answers each question with what `answer` makes of it; null is silence. */
async function serve(answer: (question: Question, send: (packet: Buffer) => void) => Buffer | null) {
  const socket = createSocket('udp4');
  server = socket;
  socket.on('message', (packet: Buffer, from: RemoteInfo) => {
    const send = (reply: Buffer) => socket.send(reply, from.port, from.address);
    const question = {
      command: packet.readUInt16BE(4),
      attempt: packet.readUInt16BE(6),
      sequence: packet.readUInt32BE(8),
      index: packet.readInt32BE(20),
    };
    const reply = answer(question, send);
    if (reply !== null) send(reply);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { host: '127.0.0.1', port: socket.address().port };
}

function reply({ command, sequence }: Question, options: { status?: number; sources?: number } = {}): Buffer {
  const spec = Object.values(CHRONY_COMMANDS).find((known) => known.command === command);
  const packet = Buffer.alloc(spec?.bytes ?? 28);
  packet.set([6, 2]);
  packet.writeUInt16BE(command, 4);
  packet.writeUInt16BE(spec?.reply ?? 1, 6);
  packet.writeUInt16BE(options.status ?? 0, 8);
  packet.writeUInt32BE(sequence, 16);
  if (command === CHRONY_COMMANDS.sourceCount.command) packet.writeUInt32BE(options.sources ?? 2, 28);
  if (command === CHRONY_COMMANDS.tracking.command) packet.writeUInt16BE(3, 52);
  return packet;
}

describe('askChrony', () => {
  it('asks for tracking and for every source', async () => {
    const asked: string[] = [];
    const address = await serve((question) => {
      asked.push(`${question.command}/${question.index}`);
      return reply(question);
    });
    const report = await askChrony(address, patient());
    expect(asked.sort()).toEqual(['14/0', '15/0', '15/1', '33/0']);
    expect(report.tracking.stratum).toBe(3);
    expect(report.sources).toHaveLength(2);
    expect(report.missing).toEqual([]);
  });

  it('asks again when the first packet is lost', async () => {
    const address = await serve((question) => (question.attempt === 0 ? null : reply(question)));
    expect((await askChrony(address, patient())).tracking.stratum).toBe(3);
  });

  it('gives up within a second when nobody speaks', async () => {
    const address = await serve(() => null);
    const startedAt = performance.now();
    await expect(askChrony(address, patient())).rejects.toMatchObject({ reason: 'timeout' });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('calls a closed port unreachable, at once', async () => {
    const address = await serve(() => null);
    server?.close();
    server = undefined;
    const startedAt = performance.now();
    await expect(askChrony(address, patient())).rejects.toMatchObject({ reason: 'unreachable' });
    expect(performance.now() - startedAt).toBeLessThan(200);
  });

  it('listens to nothing but answers to its own questions', async () => {
    const address = await serve((question, send) => {
      send(Buffer.from('garbage'));
      send(Buffer.alloc(0));
      send(reply({ ...question, sequence: (question.sequence + 1) % 2 ** 32 }, { status: 2 }));
      return reply(question);
    });
    expect((await askChrony(address, patient())).sources).toHaveLength(2);
  });

  it('says permission_denied when it is not let in', async () => {
    const address = await serve((question) => reply(question, { status: 2 }));
    await expect(askChrony(address, patient())).rejects.toMatchObject({ reason: 'permission_denied' });
  });

  it('keeps tracking when sources are not told', async () => {
    const { command } = CHRONY_COMMANDS.sourceData;
    const address = await serve((question) => (question.command === command ? null : reply(question)));
    const report = await askChrony(address, patient());
    expect(report.sources).toEqual([]);
    expect(report.missing).toMatchObject([{ what: 'chrony sources', reason: 'timeout' }]);
  });

  it('does not miss a source that was removed meanwhile', async () => {
    const address = await serve((question) => reply(question, { status: question.index === 1 ? 4 : 0 }));
    const report = await askChrony(address, patient());
    expect(report.sources).toHaveLength(1);
    expect(report.missing).toEqual([]);
  });

  it('takes 64 sources of a daemon that claims four billion, and says so', async () => {
    const address = await serve((question) => reply(question, { sources: 2 ** 32 - 1 }));
    const report = await askChrony(address, patient());
    expect(report.sources).toHaveLength(64);
    expect(report.missing).toMatchObject([{ reason: 'too_many', detail: expect.stringContaining('4294967295') }]);
  });

  it('ends at once when the collection is over', async () => {
    const address = await serve(() => null);
    const controller = new AbortController();
    const asked = askChrony(address, controller.signal);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ reason: 'timeout' });
    await expect(askChrony(address, controller.signal)).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('calls a host that does not resolve unreachable', async () => {
    const asked = askChrony({ host: 'chronyd.invalid', port: 323 }, patient());
    await expect(asked).rejects.toMatchObject({ reason: expect.stringMatching(/^(unreachable|timeout)$/) });
  });
});
