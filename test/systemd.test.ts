import { readdirSync, readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { SystemdFacts, SystemdUnit, SystemdUnitList } from '@telemcp/shared/facts/systemd';
import { UnitsQuery } from '@telemcp/shared/routes';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemd } from '../node-agent/src/collectors/systemd.ts';
import type { SystemBus } from '../node-agent/src/dbus/bus.ts';
import { createSystemBus } from '../node-agent/src/dbus/dbus-connection.ts';
import { createHostRoot } from '../node-agent/src/host-root.ts';
import { runCollector } from '../node-agent/src/run-collector.ts';
import { listUnits, readUnit } from '../node-agent/src/systemd/systemd-units.ts';
import { bootSystemd, type SystemdMachine, systemdUnavailable } from './real/systemd-machine.ts';
import { runAsNobody } from './real/unprivileged.ts';

const LOAD_UNITS = 300;
const LATE_UNIT = `[Unit]
Description=Installed and not started
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
[Install]
WantedBy=telemcp.target
`;
const unavailable = systemdUnavailable();
const isSkipped = unavailable !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;
const signal = new AbortController().signal;

describe.skipIf(isSkipped)(`a real systemd${unavailable === null ? '' : ` (${unavailable})`}`, () => {
  let machine: SystemdMachine;
  let bus: SystemBus;

  beforeAll(async () => {
    if (unavailable !== null) throw new Error(unavailable);
    machine = await bootSystemd({
      loadUnits: LOAD_UNITS,
      files: { '/etc/systemd/system/telemcp-late.service': LATE_UNIT },
    });
    bus = createSystemBus({ address: machine.busAddress });
    console.log(`systemd up in ${machine.bootedInMs.toFixed(0)} ms`);
  });
  afterAll(async () => {
    bus?.close();
    await machine?.stop();
  });

  const read = async (name: string) => SystemdUnit.parse((await readUnit(bus, name, signal)).unit);
  const list = async (query: Partial<UnitsQuery>) => {
    const found = await listUnits(bus, UnitsQuery.parse(query), signal);
    expect(SystemdUnitList.parse({ units: found.units })).toEqual({ units: found.units });
    return found;
  };
  const collect = (watchUnits?: readonly string[]) => {
    const settings = { nodeName: 'machine', certificatePaths: undefined, watchUnits, chronyAddress: NOWHERE };
    const bugs: unknown[] = [];
    const looking = {
      name: 'systemd',
      timeoutMs: systemd.timeoutMs,
      look: (during: AbortSignal) =>
        systemd.collect({ bus, host: createHostRoot(machine.root, during), settings, signal: during }),
    };
    return runCollector(looking, (_, error) => bugs.push(error)).then((envelope) => {
      expect(bugs).toEqual([]);
      return envelope;
    });
  };

  it('tells why a unit failed, and since when', async () => {
    const unit = await read('telemcp-failing');
    expect(unit).toMatchObject({
      name: 'telemcp-failing.service',
      description: 'Fails with status 3',
      loadState: 'loaded',
      activeState: 'failed',
      unitFileState: 'static',
      fragmentPath: '/etc/systemd/system/telemcp-failing.service',
      needsDaemonReload: false,
      service: { result: 'exit-code', exitKind: 'exited', exitStatus: 3, mainPid: null, restarts: 0 },
    });
    const ageMs = Date.now() - Date.parse(unit.stateChangedAt ?? '');
    expect(ageMs).toBeGreaterThanOrEqual(0);
    expect(ageMs).toBeLessThan(performance.now() + 60_000);
  });

  it('sees a crash loop as restarts that rise', async () => {
    const before = (await read('telemcp-looping')).service?.restarts ?? Number.NaN;
    await vi.waitFor(
      async () => {
        const { service, activeState } = await read('telemcp-looping');
        expect(activeState).toBe('activating');
        expect(service?.restarts).toBeGreaterThan(before);
      },
      { timeout: 10_000, interval: 250 },
    );
    // Between its end and the next start it is in this state for a second, and while it runs it is not.
    await vi.waitFor(async () => {
      const { units } = await list({ state: 'auto-restart' });
      expect(units).toMatchObject([
        { name: 'telemcp-looping.service', service: { exitKind: 'exited', exitStatus: 1 } },
      ]);
    }, 5000);
  });

  it('tells masked, absent and template names apart', async () => {
    expect(await read('telemcp-masked.service')).toMatchObject({ loadState: 'masked', unitFileState: 'masked' });
    expect(await read('telemcp-nowhere')).toMatchObject({ loadState: 'not-found', service: null });
    await expect(read('telemcp-load@.service')).rejects.toMatchObject({ name: 'FactError', reason: 'unsupported' });
    expect((await list({ pattern: 'telemcp-nowhere' })).units).toMatchObject([{ loadState: 'not-found' }]);
  });

  it('says when timers ran and run next, on either clock', async () => {
    const tick = (await read('telemcp-tick.timer')).timer;
    const ranMs = Date.parse(tick?.lastTriggerAt ?? '');
    expect(Date.now() - ranMs).toBeGreaterThanOrEqual(0);
    // OnUnitActiveSec=1h with an accuracy of a second, counted from the run.
    expect(Math.abs(Date.parse(tick?.nextElapseAt ?? '') - ranMs - 3_600_000)).toBeLessThan(5_000);
    const yearly = (await read('telemcp-yearly.timer')).timer;
    const newYear = Number((await machine.exec('date', '+%s', '--date', 'next year jan 1')).trim());
    expect(yearly).toEqual({
      lastTriggerAt: null,
      nextElapseAt: new Date(newYear * 1000).toISOString(),
      result: 'success',
      unit: 'telemcp-tick.service',
    });
  });

  it('counts the connections of a socket unit', async () => {
    const client = connect(`${machine.root}/run/telemcp-socket.sock`);
    try {
      await vi.waitFor(async () => {
        const { socket } = await read('telemcp-socket.socket');
        expect(socket).toMatchObject({ accepted: 1, connections: 1, refused: 0, result: 'success' });
        expect(socket?.listen).toEqual(['Stream /run/telemcp-socket.sock', 'Stream 127.0.0.1:7999']);
      });
    } finally {
      client.destroy();
    }
    await vi.waitFor(async () => expect((await read('telemcp-socket.socket')).socket?.connections).toBe(0));
  });

  it('lists many units by urgency, with the true total', async () => {
    const some = await list({ pattern: 'telemcp-load@*', limit: 20 });
    expect(some).toMatchObject({ total: LOAD_UNITS, truncated: true, missing: [] });
    expect(some.units).toHaveLength(20);
    const all = await list({ limit: 1000 });
    expect(all.truncated).toBe(false);
    expect(all.units.slice(0, 2).map(({ activeState }) => activeState)).toEqual(['failed', 'activating']);
    expect((await list({ type: 'timer' })).units.map(({ name }) => name)).toContain('telemcp-tick.timer');
    expect((await list({ pattern: '*.timer' })).total).toBe((await list({ type: 'timer' })).total);
    expect((await list({ state: 'failed', type: 'socket' })).total).toBe(0);
  });

  it('agrees with systemctl on every unit', async () => {
    const text = await machine.exec('systemctl', 'list-units', '--all', '--type=service', '--output=json');
    const rows: { unit: string; load: string; active: string; sub: string }[] = JSON.parse(text);
    // One unit changes every second, and systemctl takes a moment of its own.
    const theirs = rows.filter((row) => row.unit !== 'telemcp-looping.service');
    const { units } = await list({ type: 'service', limit: 1000 });
    const ours = units.filter((unit) => unit.name !== 'telemcp-looping.service');
    const key = (parts: readonly string[]) => parts.join(' ');
    expect(ours.map((unit) => key([unit.name, unit.loadState, unit.activeState, unit.subState])).sort()).toEqual(
      theirs.map((row) => key([row.unit, row.load, row.active, row.sub])).sort(),
    );
    const shown = await machine.exec('systemctl', 'show', 'dbus.service', '-p', 'MainPID,FragmentPath,Type,TasksMax');
    const dbus = await read('dbus');
    expect(shown.trim().split('\n').sort()).toEqual(
      [
        `FragmentPath=${dbus.fragmentPath}`,
        `MainPID=${dbus.service?.mainPid}`,
        `TasksMax=${dbus.service?.tasksMax ?? 'infinity'}`,
        `Type=${dbus.service?.type}`,
      ].sort(),
    );
  });

  it('collects the family in well under a second', async () => {
    const times: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const { durationMs, status, data, total, missing } = await collect();
      expect({ status, total, missing }).toEqual({ status: 'ok', total: 1, missing: [] });
      expect(SystemdFacts.parse(data)).toEqual(data);
      times.push(durationMs);
    }
    times.sort((a, b) => a - b);
    console.log(`family with ${LOAD_UNITS} more units: p50 ${times[5]} ms, slowest ${times.at(-1)} ms`);
    expect(times[5]).toBeLessThan(1_000);
    const { data } = await collect();
    expect(data?.manager).toMatchObject({ systemState: 'degraded', failedUnits: 1, virtualization: 'systemd-nspawn' });
    expect(data?.failed).toEqual([await read('telemcp-failing')]);
    expect(data?.unitsByActiveState.failed).toBe(1);
    expect(data?.unitsByActiveState.active).toBeGreaterThan(LOAD_UNITS);
    expect(data?.sockets.map(({ name }) => name)).toContain('dbus.socket');
  });

  it('reports watched units also when they are absent, and sees them change at once', async () => {
    const watch = ['telemcp-late', 'telemcp-nowhere', 'telemcp-fail*', 'dbus'];
    const state = async () => {
      const { data } = await collect(watch);
      return data?.watched.map((unit) => `${unit.name} ${unit.loadState} ${unit.activeState} ${unit.unitFileState}`);
    };
    const others = ['dbus.service loaded active static'];
    const failing = 'telemcp-failing.service loaded failed static';
    const nowhere = 'telemcp-nowhere.service not-found inactive null';
    const before = [failing, ...others, 'telemcp-late.service loaded inactive disabled', nowhere];
    expect(await state()).toEqual(before);
    expect(await state()).toEqual(before);
    await machine.exec('systemctl', 'enable', 'telemcp-late.service');
    expect(await state()).toEqual([failing, ...others, 'telemcp-late.service loaded inactive enabled', nowhere]);
    await writeFile(`${machine.root}/etc/systemd/system/telemcp-nowhere.service`, LATE_UNIT);
    await machine.exec('systemctl', 'daemon-reload');
    expect((await state())?.at(-1)).toBe('telemcp-nowhere.service loaded inactive disabled');
    await machine.exec('systemctl', 'start', 'telemcp-nowhere.service');
    expect(await state()).toContain('telemcp-nowhere.service loaded active disabled');
  });

  it('reads the same as a user without rights', async () => {
    // The machine's directories are closed to nobody from out here, but not the one that root has made its working directory.
    const script = `
      import { createSystemBus } from './node-agent/src/dbus/dbus-connection.ts';
      import { readUnit } from './node-agent/src/systemd/systemd-units.ts';
      const bus = createSystemBus({ address: 'unix:path=/proc/self/cwd/system_bus_socket' });
      const { unit } = await readUnit(bus, 'telemcp-failing', new AbortController().signal);
      process.stdout.write(JSON.stringify({ uid: process.getuid(), unit }));
      bus.close();`;
    const answer = JSON.parse(await runAsNobody(script, `${machine.root}/run/dbus`));
    expect(answer).toEqual({ uid: 65_534, unit: await read('telemcp-failing') });
  });

  it('says so when the bus is gone, recovers when it is back, and leaks no connection', async () => {
    const before = openSockets();
    await machine.killBus();
    const gone = await collect();
    expect(gone).toMatchObject({ status: 'unavailable', reason: 'unreachable', data: null });
    expect(gone.hint).toContain('/run/dbus');
    expect(gone.durationMs).toBeLessThan(3_000);
    for (let round = 0; round < 20; round += 1) expect((await collect()).status).toBe('unavailable');
    await machine.startBus();
    const startedAt = performance.now();
    await vi.waitFor(async () => expect((await collect()).status).toBe('ok'), { timeout: 60_000, interval: 250 });
    console.log(`back ${(performance.now() - startedAt).toFixed(0)} ms after the bus`);
    for (let round = 0; round < 5; round += 1) await collect();
    expect(openSockets()).toBeLessThanOrEqual(before);
  }, 90_000);
});

const NOWHERE = { host: '127.0.0.1', port: 9 };

/** Sockets this process holds open. */
function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}
