import { SystemdService, SystemdUnit } from '@telemcp/shared/facts/systemd';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILED_SERVICE, type FakeUnit, fakeSystemd } from '../../test/fake-systemd.ts';
import { createSystemdReader, fromMicroseconds, propertiesOf } from './systemd-reader.ts';
import { listenOf, loadErrorOf, nextElapse, readDetails, serviceOf } from './systemd-unit-details.ts';

const read = async (unit: FakeUnit) => {
  const fake = fakeSystemd([unit]);
  const reader = createSystemdReader(fake.bus, new AbortController().signal);
  const [listed] = await reader.byNames([unit.name]);
  if (listed === undefined) throw new Error('not listed');
  const { unit: found, missing } = await readDetails(reader, listed);
  expect(missing).toEqual([]);
  return SystemdUnit.parse(found);
};
const service = async (properties: Readonly<Record<string, unknown>>) =>
  (await read({ name: 'worker.service', active: 'active', properties: { ...FAILED_SERVICE, ...properties } })).service;

describe('readDetails of a service', () => {
  it('says why it failed, how often it was restarted and since when', async () => {
    expect(await read({ name: 'worker.service', active: 'failed', sub: 'failed', properties: FAILED_SERVICE })).toEqual(
      {
        name: 'worker.service',
        description: 'About worker.service',
        loadState: 'loaded',
        activeState: 'failed',
        subState: 'failed',
        unitFileState: 'static',
        unitFilePreset: 'enabled',
        fragmentPath: '/etc/systemd/system/worker.service',
        needsDaemonReload: true,
        stateChangedAt: '2026-11-22T13:53:32.624Z',
        activeEnteredAt: '2026-11-22T13:53:31.792Z',
        loadError: null,
        service: {
          type: 'simple',
          result: 'exit-code',
          exitKind: 'exited',
          exitStatus: 3,
          mainPid: null,
          restarts: 5,
          startedAt: '2026-11-22T13:53:31.791Z',
          exitedAt: '2026-11-22T13:53:32.623Z',
          // "unset", and a property that systemd 252 does not have.
          memoryBytes: null,
          memoryPeakBytes: null,
          cpuSeconds: 1.5,
          tasks: null,
          tasksMax: 28_909,
          statusText: null,
          oomPolicy: 'stop',
        },
        timer: null,
        socket: null,
      },
    );
  });

  it.each([
    [0, null, null],
    [1, 'exited', 9],
    [2, 'killed', 9],
    [3, 'dumped', 9],
    [4, null, null],
  ])('reads ExecMainCode %i as %s', async (ExecMainCode, exitKind, exitStatus) => {
    expect(await service({ ExecMainCode, ExecMainStatus: 9 })).toMatchObject({ exitKind, exitStatus });
  });

  it('strips what a service writes into its status for a terminal', async () => {
    expect(await service({ StatusText: 'Processing\u001b[31m requests…\u202e\n' })).toMatchObject({
      statusText: 'Processing requests…',
    });
  });

  it('keeps the reason why systemd could not load a unit', async () => {
    const LoadError = ['org.freedesktop.systemd1.BadUnitSetting', 'Unit worker.service has a bad unit file setting.'];
    const unit = await read({ name: 'worker.service', load: 'bad-setting', properties: { LoadError } });
    expect(unit).toMatchObject({ loadError: LoadError[1], service: null });
  });

  it('reads a masked unit that still runs as the service it is', async () => {
    const running = {
      name: 'worker.service',
      load: 'masked',
      active: 'active',
      // What systemd 252 says of it once it has reloaded.
      properties: { ...FAILED_SERVICE, Type: '', MainPID: 7 },
    };
    expect((await read(running)).service).toMatchObject({ type: '', mainPid: 7, result: 'exit-code' });
    expect((await read({ ...running, active: 'inactive' })).service).toBeNull();
  });
});

describe('readDetails of a timer and a socket', () => {
  it('reads both clocks of a timer', async () => {
    const properties = {
      LastTriggerUSec: 0,
      NextElapseUSecRealtime: 1_798_761_600_000_000,
      NextElapseUSecMonotonic: 0,
      Result: 'success',
      Unit: 'backup.service',
    };
    expect((await read({ name: 'backup.timer', active: 'active', properties })).timer).toEqual({
      lastTriggerAt: null,
      nextElapseAt: '2027-01-01T00:00:00.000Z',
      result: 'success',
      unit: 'backup.service',
    });
  });

  it('reads what a socket listens on', async () => {
    const Listen = [
      ['Stream', '/run/dbus/system_bus_socket'],
      ['Datagram', '[::]:514'],
    ];
    const properties = { Listen, NAccepted: 4, NConnections: 1, Result: 'success' };
    expect((await read({ name: 'x.socket', active: 'active', properties })).socket).toEqual({
      listen: ['Stream /run/dbus/system_bus_socket', 'Datagram [::]:514'],
      accepted: 4,
      connections: 1,
      refused: null,
      result: 'success',
    });
  });
});

describe('nextElapse', () => {
  const clock = { realtimeMs: Date.UTC(2026, 10, 22, 14), monotonicUs: 1_000_000_000 };
  const inAnHour = 1_000_000_000 + 3_600_000_000;

  it('takes the sooner clock, and null for a timer that is not due', () => {
    expect(nextElapse(null, inAnHour, clock)).toBe('2026-11-22T15:00:00.000Z');
    expect(nextElapse(Date.UTC(2026, 10, 22, 14, 30) * 1000, inAnHour, clock)).toBe('2026-11-22T14:30:00.000Z');
    expect(nextElapse(Date.UTC(2027, 0) * 1000, inAnHour, clock)).toBe('2026-11-22T15:00:00.000Z');
    expect([nextElapse(0, 0, clock), nextElapse(null, null, clock)]).toEqual([null, null]);
  });

  it('reads the same a moment later', () => {
    const later = { realtimeMs: clock.realtimeMs + 1234, monotonicUs: clock.monotonicUs + 1_233_900 };
    expect(nextElapse(null, inAnHour, later)).toBe(nextElapse(null, inAnHour, clock));
  });
});

describe('values of any kind', () => {
  it('become a service that fits the contract, or none', () => {
    const value = fc.oneof(fc.anything(), fc.double(), fc.integer(), fc.constant(2 ** 64), fc.string());
    const properties = fc.record(Object.fromEntries(Object.keys(FAILED_SERVICE).map((name) => [name, value])), {
      requiredKeys: [],
    });
    const required = { Type: 'simple', Result: 'success', NRestarts: 0 };
    fc.assert(
      fc.property(properties, fc.boolean(), (random, complete) => {
        const found = serviceOf(
          propertiesOf(new Map(Object.entries({ ...random, ...(complete ? required : {}) })), []),
        );
        if (complete || found !== null) SystemdService.parse(found);
      }),
    );
  });

  it('become RFC 3339 or null, addresses or nothing, words or null', () => {
    fc.assert(
      fc.property(fc.anything(), fc.double(), (value, number) => {
        expect(listenOf(value).every((address) => typeof address === 'string')).toBe(true);
        expect(loadErrorOf(value) ?? 'null').toBeTypeOf('string');
        expect(fromMicroseconds(number) ?? '1970-01-01T00:00:00.000Z').toMatch(
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
        );
      }),
    );
  });
});
