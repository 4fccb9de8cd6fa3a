import { SystemdUnitList } from '@telemcp/shared/facts/systemd';
import { UnitsQuery } from '@telemcp/shared/routes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILED_SERVICE, type FakeSystemd, type FakeUnit, fakeSystemd } from '../../test/fake-systemd.ts';
import { FactError } from '../fact-error.ts';
import { isLoadable, listUnits, readUnit } from './systemd-units.ts';

const signal = new AbortController().signal;
const ask = async (fake: FakeSystemd, query: Partial<UnitsQuery>) => {
  const found = await listUnits(fake.bus, UnitsQuery.parse(query), signal);
  expect(SystemdUnitList.parse({ units: found.units })).toEqual({ units: found.units });
  return found;
};
const namesOf = ({ units }: { units: readonly { name: string }[] }) => units.map(({ name }) => name);
const countGets = (fake: FakeSystemd) => fake.calls.filter(({ member }) => member === 'Get').length;

const HOST: readonly FakeUnit[] = [
  { name: 'nginx.service', active: 'active', sub: 'running', properties: FAILED_SERVICE },
  { name: 'nginx.socket', active: 'active', sub: 'listening', properties: { Result: 'success', Listen: [] } },
  { name: 'worker.service', active: 'failed', sub: 'failed', properties: FAILED_SERVICE },
  { name: 'looping.service', active: 'activating', sub: 'auto-restart', properties: FAILED_SERVICE },
  { name: 'backup.timer', active: 'active', sub: 'waiting', properties: { Result: 'success', Unit: 'backup.service' } },
  { name: 'a.mount', active: 'active', sub: 'mounted' },
  { name: 'gone.timer', load: 'not-found' },
  { name: 'ssh.service', active: 'active', sub: 'running', aliases: ['sshd.service'], properties: FAILED_SERVICE },
];

describe('listUnits', () => {
  it('puts failed units first, then activating ones, then all others by name', async () => {
    const found = await ask(fakeSystemd(HOST), {});
    expect(namesOf(found)).toEqual([
      'worker.service',
      'looping.service',
      'a.mount',
      'backup.timer',
      'gone.timer',
      'nginx.service',
      'nginx.socket',
      'ssh.service',
    ]);
    expect(found).toMatchObject({ total: 8, truncated: false, missing: [] });
  });

  it('reads details only where they answer a question at once', async () => {
    const found = await ask(fakeSystemd(HOST), {});
    const detailed = found.units.filter((unit) => 'fragmentPath' in unit);
    expect(namesOf({ units: detailed })).toEqual(['worker.service', 'looping.service', 'backup.timer', 'nginx.socket']);
  });

  it('filters before it cuts, and says the true total', async () => {
    const fake = fakeSystemd(HOST);
    const found = await ask(fake, { type: 'service', limit: 1 });
    expect(found).toMatchObject({ total: 4, truncated: true });
    expect(namesOf(found)).toEqual(['worker.service']);
    expect(namesOf(await ask(fake, { state: 'running' }))).toEqual(['nginx.service', 'ssh.service']);
    expect(namesOf(await ask(fake, { state: 'active', type: 'mount' }))).toEqual(['a.mount']);
    expect(namesOf(await ask(fake, { pattern: 'n*', type: 'socket' }))).toEqual(['nginx.socket']);
  });

  it('takes a shell pattern as it stands, over units of all types', async () => {
    expect(namesOf(await ask(fakeSystemd(HOST), { pattern: 'nginx*' }))).toEqual(['nginx.service', 'nginx.socket']);
    expect(namesOf(await ask(fakeSystemd(HOST), { pattern: 'nginx?' }))).toEqual([]);
  });

  it('takes anything else as a name, found also when it does not exist', async () => {
    const fake = fakeSystemd(HOST);
    expect((await ask(fake, { pattern: 'nginx' })).units).toMatchObject([{ name: 'nginx.service', service: {} }]);
    expect((await ask(fake, { pattern: 'nginx', type: 'socket' })).units).toMatchObject([{ name: 'nginx.socket' }]);
    expect((await ask(fake, { pattern: 'sshd' })).units).toMatchObject([{ name: 'ssh.service' }]);
    expect((await ask(fake, { pattern: 'absent' })).units).toMatchObject([
      { name: 'absent.service', loadState: 'not-found', service: null },
    ]);
    expect(await ask(fake, { pattern: 'nginx', state: 'failed' })).toMatchObject({ units: [], total: 0 });
    expect(await ask(fake, { pattern: 'getty@' })).toMatchObject({ units: [], total: 0 });
  });

  it('reads at most 50 units of a list in detail, 64 calls at once', async () => {
    const many = Array.from({ length: 80 }, (_, index) => ({
      name: `job-${index}.service`,
      active: 'failed',
      properties: FAILED_SERVICE,
    }));
    const fake = fakeSystemd(many);
    const found = await ask(fake, {});
    expect(found.units).toHaveLength(80);
    expect(found.units.filter((unit) => 'service' in unit && unit.service?.result === 'exit-code')).toHaveLength(50);
    expect(fake.mostUnderWay()).toBe(64);
  });

  it('names the units it was not allowed to read, and still answers', async () => {
    const refusal = new FactError('permission_denied', 'Get: org.freedesktop.DBus.Error.AccessDenied');
    const fake = fakeSystemd([
      { name: 'shy.service', active: 'failed', properties: { ...FAILED_SERVICE, StatusText: refusal } },
      { name: 'vanished.service', active: 'failed', properties: {} },
      { name: 'worker.service', active: 'failed', properties: FAILED_SERVICE },
    ]);
    const found = await ask(fake, {});
    expect(found.units).toMatchObject([
      { name: 'shy.service', service: { result: 'exit-code', statusText: null } },
      { name: 'vanished.service', service: null },
      { name: 'worker.service', service: { result: 'exit-code' } },
    ]);
    expect(found.missing).toEqual([
      { what: 'shy.service', reason: 'permission_denied', detail: refusal.message },
      { what: 'vanished.service', reason: 'not_found', detail: 'systemd dropped the unit while it was read' },
    ]);
  });

  it('fails as a whole when the bus does, or answers with something else', async () => {
    const fault = new FactError('unreachable', 'closed');
    await expect(ask(fakeSystemd([], fault), {})).rejects.toBe(fault);
    const fake = fakeSystemd([{ name: 'a.service', active: 'failed', properties: { ...FAILED_SERVICE, Type: fault } }]);
    await expect(ask(fake, {})).rejects.toBe(fault);
    const odd = { ...fake.bus, call: async () => [[['a.service', 1]]] };
    await expect(listUnits(odd, UnitsQuery.parse({}), signal)).rejects.toMatchObject({ reason: 'parse_error' });
  });
});

describe('readUnit', () => {
  it('takes a name without a type as a service', async () => {
    const { unit } = await readUnit(fakeSystemd(HOST).bus, 'worker', signal);
    expect(unit).toMatchObject({ name: 'worker.service', activeState: 'failed' });
  });

  it('answers not-found for a unit that does not exist, without asking for its properties', async () => {
    const fake = fakeSystemd(HOST);
    const { unit, missing } = await readUnit(fake.bus, 'absent.timer', signal);
    expect(unit).toMatchObject({ name: 'absent.timer', loadState: 'not-found', timer: null });
    expect(missing).toEqual([]);
    expect(countGets(fake)).toBe(0);
  });

  it('asks for two properties of a unit that is only on disk: each costs PID 1 a load of its file', async () => {
    const fake = fakeSystemd([
      { name: 'idle.service', isResident: false, properties: { ...FAILED_SERVICE, UnitFileState: 'disabled' } },
    ]);
    expect((await readUnit(fake.bus, 'idle', signal)).unit).toMatchObject({
      loadState: 'loaded',
      unitFileState: 'disabled',
      fragmentPath: '/etc/systemd/system/worker.service',
      service: null,
    });
    expect(countGets(fake)).toBe(2);
  });

  it('names the unit when one of its properties could not be read', async () => {
    const denied = new FactError('permission_denied', 'MainPID: AccessDenied');
    const fake = fakeSystemd([
      { name: 'nginx.service', active: 'active', sub: 'running', properties: { ...FAILED_SERVICE, MainPID: denied } },
    ]);
    const { unit, missing } = await readUnit(fake.bus, 'nginx', signal);
    expect(unit.service).toMatchObject({ mainPid: null, restarts: 5 });
    expect(missing).toEqual([{ what: 'nginx.service', reason: 'permission_denied', detail: denied.message }]);
  });

  it('refuses a template by name, before systemd refuses the call', async () => {
    const fake = fakeSystemd(HOST);
    const error = await readUnit(fake.bus, 'getty@', signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: 'unsupported', hint: expect.stringContaining('pattern=getty@*.service') });
    expect(fake.calls).toEqual([]);
  });

  it('calls no method but those on the list, and none that is known to be unsafe or slow', async () => {
    const fake = fakeSystemd(HOST);
    await ask(fake, {});
    await readUnit(fake.bus, 'nginx', signal);
    const methods = new Set(fake.calls.map((call) => `${call.interface}.${call.member}`));
    expect([...methods].sort()).toEqual([
      'org.freedesktop.DBus.Properties.Get',
      'org.freedesktop.systemd1.Manager.ListUnitsByNames',
      'org.freedesktop.systemd1.Manager.ListUnitsByPatterns',
    ]);
    const properties = fake.calls.filter(({ member }) => member === 'Get').map(({ body }) => String(body?.[1]));
    expect(properties.filter((name) => /^(Exec(Start|Stop|Reload)|Environment|.*Credential)/.test(name))).toEqual([]);
    expect(new Set(fake.calls.map(({ destination }) => destination))).toEqual(new Set(['org.freedesktop.systemd1']));
  });
});

describe('isLoadable', () => {
  it('takes full names of units and refuses templates and what is no name', () => {
    const names = ['dbus.service', 'getty@tty1.service', '-.mount', 'dev-disk-by\\x2did.device', 'a.b.timer'];
    expect(names.filter((name) => !isLoadable(name))).toEqual([]);
    const others = [
      'getty@.service',
      '@x.service',
      '.service',
      'dbus',
      `${'a'.repeat(250)}.service`,
      'a b.service',
      '',
    ];
    expect(others.filter(isLoadable)).toEqual([]);
  });

  it('never lets a shell pattern pass as a name', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('*', '?', '['), (text, glob) => !isLoadable(`${text}${glob}.service`)),
    );
  });
});
