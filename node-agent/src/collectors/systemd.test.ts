import { SystemdFacts } from '@telemcp/shared/facts/systemd';
import { describe, expect, it } from 'vitest';
import { FAILED_SERVICE, type FakeSystemd, type FakeUnit, fakeSystemd } from '../../test/fake-systemd.ts';
import { FactError } from '../fact-error.ts';
import type { HostRoot } from '../host-root.ts';
import { systemd, WATCHED_UNITS } from './systemd.ts';

const signal = new AbortController().signal;

/** A host of which only the name of PID 1 can be read, or nothing at all. */
const hostWith = (init: string | null): HostRoot => {
  const nothing = async (): Promise<never> => {
    throw new FactError('not_found', 'no such file');
  };
  return {
    readBytes: nothing,
    withFile: nothing,
    list: nothing,
    resolve: nothing,
    modifiedAt: nothing,
    statfs: nothing,
    readText: async (path) => (init !== null && path === '/proc/1/comm' ? init : nothing()),
  };
};

const collect = async (fake: FakeSystemd, watchUnits?: readonly string[], init: string | null = 'systemd') => {
  const chronyAddress = { host: '127.0.0.1', port: 323 };
  const settings = { nodeName: 'node-1', certificatePaths: undefined, watchUnits, chronyAddress };
  const found = await systemd.collect({ bus: fake.bus, host: hostWith(init), settings, signal });
  expect(SystemdFacts.parse(found.data)).toEqual(found.data);
  return found;
};
const many = (count: number, suffix: string, unit: Partial<FakeUnit>): FakeUnit[] =>
  Array.from({ length: count }, (_, index) => ({ name: `unit-${String(index).padStart(3, '0')}.${suffix}`, ...unit }));

const TIMER = { active: 'active', properties: { Result: 'success', Unit: 'backup.service' } };
const SOCKET = { active: 'active', properties: { Result: 'success', Listen: [['Stream', '/run/x']] } };

describe('the systemd family', () => {
  it('says what needs attention: the manager, failed units, watched ones, timers, sockets', async () => {
    const found = await collect(
      fakeSystemd([
        {
          name: 'containerd.service',
          active: 'active',
          sub: 'running',
          properties: { ...FAILED_SERVICE, MainPID: 99 },
        },
        { name: 'worker.service', active: 'failed', sub: 'failed', properties: FAILED_SERVICE },
        { name: 'kubelet.service', active: 'failed', sub: 'failed', properties: FAILED_SERVICE },
        { name: 'backup.timer', ...TIMER },
        { name: 'dbus.socket', ...SOCKET },
        { name: 'plymouth.service', load: 'not-found' },
      ]),
    );
    expect(found).toMatchObject({ source: 'dbus:org.freedesktop.systemd1', total: 2, truncated: false, missing: [] });
    const { manager, failed, watched, timers, sockets, unitsByActiveState } = found.data;
    expect(manager).toEqual({
      version: '252.39-1~deb12u2',
      systemState: 'degraded',
      failedUnits: 1,
      loadedUnits: 126,
      queuedJobs: 0,
      virtualization: '',
      architecture: 'x86-64',
      tainted: ['unmerged-usr', 'cgroupsv1'],
      bootFinishedAt: '2026-11-22T13:53:32.836Z',
    });
    expect(failed.map(({ name, service }) => [name, service?.exitStatus])).toEqual([
      ['kubelet.service', 3],
      ['worker.service', 3],
    ]);
    expect(watched.slice(0, 2).map(({ name }) => name)).toEqual(['kubelet.service', 'containerd.service']);
    expect(watched[1]?.service?.mainPid).toBe(99);
    expect(watched.filter(({ loadState }) => loadState === 'not-found').map(({ name }) => name)).toContain(
      'k3s.service',
    );
    expect(timers).toMatchObject([{ name: 'backup.timer', timer: { unit: 'backup.service' } }]);
    expect(sockets).toMatchObject([{ name: 'dbus.socket', socket: { listen: ['Stream /run/x'] } }]);
    // A unit that others only name is not part of the host.
    expect(unitsByActiveState).toEqual({ active: 3, failed: 2 });
  });

  it('reads no property of absent units, and each unit once, in however many groups it is', async () => {
    const fake = fakeSystemd([{ name: 'kubelet.service', active: 'failed', properties: FAILED_SERVICE }]);
    const { data } = await collect(fake);
    expect(data.watched.length).toBeGreaterThan(30);
    const paths = fake.calls.filter(({ member, path }) => member === 'Get' && path.includes('/unit/'));
    expect(new Set(paths.map(({ path }) => path)).size).toBe(1);
    expect(paths).toHaveLength(21);
  });

  it('watches what the operator says instead of its own list', async () => {
    const fake = fakeSystemd([{ name: 'app@1.service', active: 'active', properties: FAILED_SERVICE }]);
    const { data, missing } = await collect(fake, ['app@*', 'db.service', 'app@']);
    expect(data.watched.map(({ name, loadState }) => `${name} ${loadState}`)).toEqual([
      'app@1.service loaded',
      'db.service not-found',
    ]);
    expect(missing).toMatchObject([{ what: 'app@.service', reason: 'unsupported' }]);
    expect((await collect(fake, [])).data.watched).toEqual([]);
  });

  it('reads a limited number in detail and says what it left out', async () => {
    const units = [
      ...many(120, 'service', { active: 'failed', properties: FAILED_SERVICE }),
      ...many(70, 'timer', TIMER),
      ...many(61, 'socket', SOCKET),
    ];
    const { data, total, truncated, missing } = await collect(fakeSystemd(units), ['unit-*.service']);
    expect([data.failed.length, total, truncated]).toEqual([100, 120, true]);
    expect([data.timers.length, data.sockets.length, data.watched.length]).toEqual([60, 60, 100]);
    expect(missing).toEqual([
      { what: 'watched units', reason: 'too_many', detail: '100 of 120 read' },
      { what: 'timers', reason: 'too_many', detail: '60 of 70 read' },
      { what: 'sockets', reason: 'too_many', detail: '60 of 61 read' },
    ]);
    expect(data.unitsByActiveState).toEqual({ failed: 120, active: 131 });
  });

  it('is partial, not gone, when a property is refused', async () => {
    const MemoryCurrent = new FactError('permission_denied', 'no');
    const fake = fakeSystemd([
      { name: 'worker.service', active: 'failed', properties: { ...FAILED_SERVICE, MemoryCurrent } },
    ]);
    const { data, missing } = await collect(fake, []);
    expect(data.failed).toMatchObject([{ service: { memoryBytes: null, result: 'exit-code' } }]);
    expect(missing).toEqual([{ what: 'worker.service', reason: 'permission_denied', detail: 'no' }]);
  });

  it.each(['not_found', 'unreachable'] as const)(
    'says no_systemd when the bus is %s under another init',
    async (reason) => {
      const fake = fakeSystemd([], new FactError(reason, 'no bus', { hint: 'mount it' }));
      const error = await collect(fake, [], 'init').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ reason: 'no_systemd', message: 'PID 1 of this host is "init", not systemd' });
    },
  );

  it('keeps the reason of the bus and its hint where systemd runs, or where that cannot be told', async () => {
    const fault = new FactError('unreachable', 'refused', { hint: 'mount /run/dbus' });
    await expect(collect(fakeSystemd([], fault), [], 'systemd')).rejects.toBe(fault);
    await expect(collect(fakeSystemd([], fault), [], null)).rejects.toBe(fault);
    const denied = new FactError('apparmor_denied', 'refused');
    await expect(collect(fakeSystemd([], denied), [], 'init')).rejects.toBe(denied);
  });

  it('fails when the manager does not say its state, rather than make one up', async () => {
    const fake = fakeSystemd([]);
    fake.manager.SystemState = new FactError('permission_denied', 'no');
    await expect(collect(fake, [])).rejects.toMatchObject({ reason: 'permission_denied' });
    delete fake.manager.SystemState;
    await expect(collect(fake, [])).rejects.toMatchObject({
      reason: 'not_found',
      message: expect.stringContaining('SystemState'),
    });
    fake.manager.SystemState = 7;
    await expect(collect(fake, [])).rejects.toMatchObject({ reason: 'parse_error' });
  });

  it('has a watch list that names every container runtime and Kubernetes distribution the agent is for', () => {
    const names = [
      'kubelet',
      'containerd',
      'crio',
      'k3s',
      'k3s-agent',
      'rke2-server',
      'k0scontroller',
      'etcd',
      'chronyd',
    ];
    expect(names.filter((name) => !WATCHED_UNITS.includes(name))).toEqual([]);
  });
});
